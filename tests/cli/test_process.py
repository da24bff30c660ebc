"""Commands in a process without open streams, or without a folder to work in."""

import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = f"{sys.executable} -m avdf.cli.main"


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", line],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_closed_output_is_no_error(run: Path, tmp_path: Path) -> None:
    found = shell(f"{COMMAND} info '{run}' >&-", tmp_path)
    assert (found.returncode, found.stderr) == (0, "")


def test_closed_errors_do_not_change_the_exit_code(tmp_path: Path) -> None:
    found = shell(f"{COMMAND} info '{tmp_path}/nothing' 2>&-", tmp_path)
    assert (found.returncode, found.stdout) == (2, "")


def test_a_closed_input_is_no_error(run: Path, tmp_path: Path) -> None:
    found = shell(f"{COMMAND} info '{run}' <&-", tmp_path)
    assert found.returncode == 0
    assert found.stdout


def test_what_is_printed_to_a_closed_output_reaches_no_file(
    run: Path, shards: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scores"
    line = f"{COMMAND} score '{run}' '{shards}' --split test --out '{out}' >&- 2>&-"
    found = shell(line, tmp_path)
    assert found.returncode in (0, 3)
    table = (out / "videos.csv").read_text(encoding="utf-8")
    assert table.startswith("id,path,label")


@pytest.mark.parametrize("closed", ["2>&-", "<&- >&- 2>&-"])
def test_workers_of_prep_do_without_open_streams(closed: str, tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    found = shell(f"{COMMAND} prep bad.mp4 --out out --workers 1 {closed}", tmp_path)
    assert found.returncode == 3
    table = (tmp_path / "out" / "videos.csv").read_text(encoding="utf-8")
    assert "corrupt,cannot be opened" in table


def test_programs_that_the_command_starts_have_the_streams_too(tmp_path: Path) -> None:
    program = (
        "import subprocess, sys; from avdf.cli.process import open_closed_streams; "
        "open_closed_streams(); sys.exit(subprocess.call(['ls', '/dev/fd/2']))"
    )
    found = shell(f'{sys.executable} -c "{program}" 2>&-', tmp_path)
    assert (found.returncode, found.stdout) == (0, "/dev/fd/2\n")


def test_a_deleted_folder_is_one_sentence(tmp_path: Path) -> None:
    line = f"mkdir gone && cd gone && rmdir ../gone && {COMMAND} --version"
    found = shell(line, tmp_path)
    assert found.returncode == 2
    assert found.stderr == (
        "avdf: the current folder does not exist any more; change to another one\n"
    )
