"""`wampsup schema`: the JSON Schema of fleet files on stdout."""

from __future__ import annotations

import subprocess
from pathlib import Path

from support.command import EXECUTABLE, wampsup

CONFIGS = Path(__file__).parents[2] / "configs"


def test_it_prints_the_schema_that_lies_beside_the_example_fleets(tmp_path: Path) -> None:
    done = wampsup("schema", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out == (CONFIGS / "fleet.schema.json").read_text(encoding="utf-8")
    assert done.json["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_it_is_the_same_each_time_and_everywhere(tmp_path: Path) -> None:
    printed = {wampsup("schema", env={"PYTHONHASHSEED": seed, "LC_ALL": "C"}).out for seed in ("1", "2", "3")}
    assert len(printed) == 1


def test_it_is_light() -> None:
    code = "import sys; from wampsup.cli.main import main; main(['schema']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [EXECUTABLE.with_name("python"), "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert {name.partition(".")[0] for name in done.stderr.split()}.isdisjoint({"twisted", "autobahn", "txaio"})


def test_who_reads_only_its_head_breaks_nothing() -> None:
    with subprocess.Popen([EXECUTABLE, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline() == "{\n"
        running.stdout.close()
        assert (running.stderr.read(), running.wait(60)) == ("", 0)


def test_it_takes_no_arguments() -> None:
    done = wampsup("schema", "fleet.toml")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: unexpected argument `fleet.toml`\n")
