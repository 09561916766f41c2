"""What there is to say of a command beyond what it does, below that in its help.

Paragraphs of at most 78 columns; one that is indented is shown as it is.
"""

from __future__ import annotations

MORE = {
    "start": """\
What ends in .toml or holds a slash is a fleet file; anything else names
components of a fleet that runs.

  wampsup start fleet.toml              in the foreground, until Ctrl-C
  wampsup start fleet.toml --detach     in the background, once it answers
  wampsup start clock 'sensor-*'        components, until they run

A fleet in the foreground logs to standard error. Ctrl-C stops it in order; a
second one waits for nobody. Starting a component clears the counts of its
restarts.""",
    "stop": """\
A component that a person has stopped stays so, also through reloads, until
`wampsup start` takes it up again. What requires it leaves before it.""",
    "restart": """\
A component that does not run is just started. What requires it, and the rest
of its group, are not disturbed.""",
    "status": """\
RESTARTS counts automatic ones since a person, or a reload, last started the
component; BUSY is its share of the processor over ten seconds. The note says
why a component is not well, and when it is tried again.

With `--watch`, `q` or Ctrl-C ends it; components that are not well come first
where the terminal has no room for all.""",
    "top": """\
It takes all of the terminal, and needs textual: pip install 'wampsup[top]'.
`?` lists its keys; whatever changes something asks first.""",
    "show": """\
It begins with what happens next, and why; then all about the component, its
last error with the traceback, and the latest events and lines of its log.""",
    "logs": """\
The supervisor keeps the last lines of each component (`log_lines` in the
fleet file). With `-f` it goes on as lines come.""",
    "events": """\
An event is a change of a component's state, with its reason, or a stall. The
supervisor keeps the last 10,000.""",
    "profile": """\
It is looked at for some seconds, many times in each, and slowed down by next
to nothing. The format speedscope is for https://www.speedscope.app, which
draws it.""",
    "reload": """\
Components are added, removed, restarted and updated as the file has changed;
the others do not notice. A file with a mistake changes nothing.""",
    "shutdown": """\
Components leave in the reverse order of their start. The command returns when
the supervisor has ended.""",
    "check": """\
It imports modules, makes transports and TLS contexts, and reads certificates
and secrets. All mistakes of the file are told at once.""",
    "init": """\
Its files are fleet.toml, components.py and fleet.schema.json; nothing is
overwritten.""",
    "schema": """\
An editor that knows Taplo takes it from a file that the first line of a fleet
file names: after `wampsup schema > fleet.schema.json`, that line is
`#:schema fleet.schema.json`.""",
    "import": """\
What can't be taken over is listed on standard error, with its place.

  wampsup import crossbar .crossbar/config.json > fleet.toml""",
    "help": """\
Without a topic, it lists commands and topics. With `--man` it prints the man
page:

  wampsup help --man | man -l -""",
    "completion": """\
Commands, options, fleet files, and the names of the fleets and components
that run. To have it in every new shell:

  bash   d=~/.local/share/bash-completion/completions
         mkdir -p $d && wampsup completion bash > $d/wampsup
  zsh    mkdir -p ~/.zfunc && wampsup completion zsh > ~/.zfunc/_wampsup
         with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc
  fish   mkdir -p ~/.config/fish/completions
         wampsup completion fish > ~/.config/fish/completions/wampsup.fish

Without the package bash-completion, ~/.bashrc does it:
`source <(wampsup completion bash)`.""",
}
