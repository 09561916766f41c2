"""What makes a shell ask us; it is the same for every version, as it knows no command."""

from __future__ import annotations

_BASH = r"""# Completion of wampsup for bash; `wampsup help completion` tells where it belongs.

_wampsup() {
    local line IFS=$'\n' command=${COMP_WORDS[0]/#\~\//$HOME/} current=${COMP_WORDS[COMP_CWORD]}
    local -a lines
    mapfile -t lines < <("$command" __complete bash "$COMP_WORDBREAKS" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
    COMPREPLY=()
    for line in "${lines[@]:1}"; do
        COMPREPLY+=("${line%%$'\t'*}")
    done
    case ${lines[0]} in
    :toml)
        compopt -o filenames
        COMPREPLY+=($(compgen -f -X '!*.toml' -- "$current") $(compgen -d -- "$current"))
        ;;
    :files)
        compopt -o filenames
        COMPREPLY+=($(compgen -f -- "$current"))
        ;;
    :folders)
        compopt -o filenames
        COMPREPLY+=($(compgen -d -- "$current"))
        ;;
    esac
}

complete -F _wampsup wampsup
"""

_ZSH = r"""#compdef wampsup
# Completion of wampsup for zsh; `wampsup help completion` tells where it belongs.

_wampsup() {
    local line command=${(Q)words[1]}
    local -a lines candidates
    lines=("${(@f)$(${~command} __complete zsh "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    for line in "${(@)lines[2,-1]}"; do
        candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    local found=1
    if (( $#candidates )); then
        _describe -V wampsup candidates && found=0
    fi
    case $lines[1] in
    :toml) _files -g '*.toml' && found=0 ;;
    :files) _files && found=0 ;;
    :folders) _files -/ && found=0 ;;
    esac
    return found
}

if [[ $funcstack[1] == _wampsup ]]; then
    _wampsup "$@"
else
    compdef _wampsup wampsup
fi
"""

_FISH = r"""# Completion of wampsup for fish; `wampsup help completion` tells where it belongs.

function __wampsup_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete fish $words[2..] "$current" 2>/dev/null)
    switch "$lines[1]"
        case :toml
            __fish_complete_path "$current" | string match -r '.*(?:\.toml|/)(?:\t.*)?$'
        case :files
            __fish_complete_path "$current"
        case :folders
            __fish_complete_directories "$current"
    end
    printf '%s\n' $lines[2..]
end

complete -c wampsup -f -k -a '(__wampsup_complete)'
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def script(shell: str) -> str:
    """What that shell has to read."""
    return SCRIPTS[shell]
