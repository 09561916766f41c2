"""What others can change of a fleet, and that root does not run it then."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from wampsup.config import load
from wampsup.config.permissions import Risk, readable_secrets, risks_of, risks_of_one
from wampsup.errors import FleetFileError

ROOT, SOMEBODY, OTHER = 0, 4711, 4712
FLEET = '[components.clock]\nmain = "clock:main"\n'


@pytest.fixture
def file(folder: Path) -> Path:
    """A fleet file that nobody else can change, in a folder of the same kind."""
    folder.chmod(0o755)
    path = folder / "edge.toml"
    path.write_text(FLEET)
    path.chmod(0o644)
    return path


def told(*files: Path, folders: tuple[Path, ...] = (), uid: int | None = None) -> list[str]:
    return [risk.message for risk in risks_of(files, folders, os.geteuid() if uid is None else uid)]


def test_what_nobody_else_can_change_is_no_risk(file: Path) -> None:
    assert told(file) == []


def test_a_file_that_everybody_can_change(file: Path) -> None:
    file.chmod(0o646)
    assert list(risks_of([file], [], os.geteuid())) == [
        Risk(message=f"everybody can change `{file}` (mode 0646)", hint=f"chmod o-w {file}", grave=True)
    ]


def test_a_folder_that_everybody_can_change_even_one_like_tmp(file: Path) -> None:
    file.parent.chmod(0o1777)
    assert told(file) == [f"everybody can change the folder `{file.parent}` (mode 1777)"]


def test_a_folder_to_import_from(file: Path) -> None:
    library = file.parent / "lib"
    library.mkdir()
    library.chmod(0o757)
    assert told(file, folders=(file.parent, library, file.parent / "gone")) == [
        f"everybody can change the folder `{library}` (mode 0757)"
    ]


def test_what_a_link_leads_to(file: Path) -> None:
    target = file.parent / "versions/1.toml"
    target.parent.mkdir()
    target.write_text(FLEET)
    target.chmod(0o646)
    file.unlink()
    file.symlink_to(target)
    assert told(file) == [f"everybody can change `{file}` (mode 0646)"]
    target.chmod(0o644)
    target.parent.chmod(0o757)
    assert told(file) == [f"everybody can change the folder `{target.parent}` (mode 0757)"]


def test_what_lies_between_two_links(file: Path) -> None:
    way, target = file.parent / "way", file.parent / "versions"
    way.mkdir()
    target.mkdir()
    (target / "1.toml").write_text(FLEET)
    (way / "link").symlink_to("../versions/1.toml")
    file.unlink()
    file.symlink_to("way/link")
    assert told(file) == []
    way.chmod(0o757)
    assert told(file) == [f"everybody can change the folder `{way}` (mode 0757)"]


def test_a_folder_above_counts_unless_it_is_one_like_tmp(file: Path) -> None:
    inner = file.parent / "a/b"
    inner.mkdir(parents=True)
    fleet = inner / "edge.toml"
    fleet.write_text(FLEET)
    inner.parent.chmod(0o757)
    assert told(fleet) == [f"everybody can change the folder `{inner.parent}` (mode 0757)"]
    inner.parent.chmod(0o1777)
    assert told(fleet) == []


def test_links_in_a_circle_are_passed_over(file: Path) -> None:
    file.unlink()
    file.symlink_to("edge.toml")
    assert told(file) == []


def test_the_hint_can_be_pasted(file: Path) -> None:
    odd = file.rename(file.parent / "it's mine.toml")
    odd.chmod(0o646)
    (risk,) = risks_of([odd], [], os.geteuid())
    assert shlex.split(risk.hint) == ["chmod", "o-w", str(odd)]


def test_the_own_group_and_that_of_root_are_trusted(file: Path) -> None:
    file.chmod(0o664)
    assert told(file) == []


def test_another_group_and_another_owner_are_not(file: Path) -> None:
    file.chmod(0o664)
    others = list(file.stat())
    others[4], others[5] = OTHER, OTHER + 1  # uid and gid
    assert list(risks_of_one(file, os.stat_result(others), ROOT)) == [
        Risk(message=f"group {OTHER + 1} can change `{file}` (mode 0664)", hint=f"chmod go-w {file}", grave=True),
        Risk(message=f"user {OTHER} can change `{file}`, which belongs to them", hint=f"chown 0 {file}"),
    ]
    others[0] = 0o100644
    assert list(risks_of_one(file, os.stat_result(others), OTHER)) == []


def test_root_does_not_run_what_others_can_change(file: Path) -> None:
    file.chmod(0o646)
    with pytest.raises(FleetFileError) as caught:
        load(Path("edge.toml"), uid=ROOT)
    assert caught.value.render() == (
        f"error: everybody can change `{file}` (mode 0646), and root runs nothing that others can change\n"
        f"hint: chmod o-w {file}"
    )
    file.parent.chmod(0o777)
    with pytest.raises(FleetFileError, match=r"^`edge.toml` has 2 mistakes$"):
        load(Path("edge.toml"), uid=ROOT)


def test_others_are_only_told(file: Path) -> None:
    file.chmod(0o646)
    assert [risk.grave for risk in load(Path("edge.toml"), uid=os.geteuid() or SOMEBODY).risks if risk.grave] == [True]


def test_included_files_count_as_well(file: Path) -> None:
    included = file.parent / "conf.d/x.toml"
    included.parent.mkdir()
    included.write_text('[components.other]\nmain = "m:f"\n')
    included.chmod(0o646)
    file.write_text('[supervisor]\ninclude = ["conf.d/*"]\n' + FLEET)
    with pytest.raises(FleetFileError, match=f"^everybody can change `{included}`"):
        load(Path("edge.toml"), uid=ROOT)


def test_a_folder_to_which_a_file_to_include_could_be_added_counts(file: Path) -> None:
    (file.parent / "conf.d").mkdir()
    (file.parent / "conf.d").chmod(0o757)
    file.write_text('[supervisor]\ninclude = ["conf.d/*.toml"]\n' + FLEET)
    with pytest.raises(FleetFileError, match=f"^everybody can change the folder `{file.parent}/conf.d`"):
        load(Path("edge.toml"), uid=ROOT)


def test_a_secret_that_everybody_can_read(file: Path) -> None:
    secret = file.parent / "ticket"
    secret.write_text("s3cret")
    secret.chmod(0o640)
    assert list(readable_secrets([secret])) == []
    secret.chmod(0o644)
    assert list(readable_secrets([secret])) == [
        Risk(message=f"everybody can read the secret in `{secret}`", hint=f"chmod o-r {secret}")
    ]
