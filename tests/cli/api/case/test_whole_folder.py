"""The folder of a case: whole or absent, and closed to others until it is whole."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.files.ownership import claim_folder
from avdf.case.whole_folder import whole_folder


def test_only_the_owner_may_look_in_before_the_case_is_whole(tmp_path: Path) -> None:
    final, plain = tmp_path / "case", tmp_path / "plain"
    plain.mkdir()
    with whole_folder(final, []) as partial:
        assert partial.stat().st_mode & 0o777 == 0o700
        assert not final.exists()
    assert final.stat().st_mode == plain.stat().st_mode
    assert [path.name for path in tmp_path.iterdir()] != []
    assert not list(tmp_path.glob(".case.*"))


def test_an_empty_folder_keeps_its_permissions(tmp_path: Path) -> None:
    final = tmp_path / "case"
    final.mkdir(mode=0o750)
    with whole_folder(final, []):
        pass
    assert final.stat().st_mode & 0o777 == 0o750


def test_after_an_error_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), whole_folder(tmp_path / "case", []):
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("below", ["sub", "sub/deeper"])
def test_a_case_in_a_case_is_refused(below: str, tmp_path: Path) -> None:
    other = tmp_path / "case"
    claim_folder(other, "case")
    with (
        pytest.raises(SettingsError, match="which is another case"),
        whole_folder(other / below, []),
    ):
        pass
    assert not (other / "sub").exists()


def test_what_a_killed_process_has_left_is_removed(tmp_path: Path) -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    machine = socket.gethostname()
    dead = tmp_path / f".case.{machine}-{done.pid}-0a1b2c3d.partial"
    kept = [
        tmp_path / f".case.{machine}-{os.getppid()}-0a1b2c3d.partial",  # still at work
        tmp_path / f".case.elsewhere-{done.pid}-0a1b2c3d.partial",  # of another machine
        tmp_path / f".other.{machine}-{done.pid}-0a1b2c3d.partial",  # of another case
    ]
    for folder in (dead, *kept):
        claim_folder(folder, "case")
    # A folder of that name that is no case belongs to somebody else.
    foreign = tmp_path / f".case.{machine}-{done.pid}0000-0a1b2c3d.partial"
    foreign.mkdir()
    with whole_folder(tmp_path / "case", []):
        assert not dead.exists()
    assert all(folder.exists() for folder in (*kept, foreign))
