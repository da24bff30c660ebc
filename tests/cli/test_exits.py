"""Errors are one sentence on stderr, and an exit code."""

import errno
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from avdf.cache.core.errors import AvdfError
from avdf.cli.ending import Terminated, ended_by_signals
from avdf.cli.exits import Interrupted, advising, run
from avdf.model.backbones import RandomWeightsWarning

NO_SPACE = OSError(errno.ENOSPC, "No space left on device", "/out/x")
REFUSED = PermissionError(errno.EACCES, "Permission denied", "/out")


def failing(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (AvdfError("what, where"), 2, "avdf: what, where"),
        (NO_SPACE, 2, "no space left (/out/x)"),
        (REFUSED, 2, "/out: Permission denied"),
        (KeyboardInterrupt(), 130, "avdf: interrupted\n"),
        (Interrupted("call it again"), 130, "avdf: interrupted; call it again\n"),
        (Terminated(signal.SIGTERM), 143, "avdf: interrupted\n"),
        (ZeroDivisionError("bug"), 1, "internal error"),
        (OSError(errno.EIO, "I/O error", "/out"), 1, "internal error"),
    ],
)
def test_an_error_becomes_an_exit_code(
    error: BaseException,
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with warnings.catch_warnings():
        assert run(failing(error)) == code
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (None, 0),
        (0, 0),
        (3, 3),
    ],
)
def test_what_a_command_returns_is_its_exit_code(result: int | None, code: int) -> None:
    with warnings.catch_warnings():
        assert run(lambda: result) == code


def test_the_advice_depends_on_how_far_the_command_has_come() -> None:
    with (
        pytest.raises(Interrupted, match="go on with --resume"),
        advising(lambda: "go on with --resume"),
    ):
        raise KeyboardInterrupt


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_command_as_ctrl_c_does(
    kind: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    removed = []

    def command() -> None:
        with advising(lambda: "call it again"):
            try:
                signal.raise_signal(kind)
            finally:
                removed.append(kind)

    before = signal.getsignal(kind)
    with warnings.catch_warnings():
        assert run(command) == 128 + kind
    assert capsys.readouterr().err == "avdf: interrupted; call it again\n"
    assert removed == [kind]
    assert signal.getsignal(kind) is before


def test_a_second_signal_ends_the_program_at_once() -> None:
    with pytest.raises(Terminated), ended_by_signals():
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ended_by_signals():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_name_from_a_file_cannot_control_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with warnings.catch_warnings():
        run(lambda: print("\x1b[31mred.mp4\tok"))
        run(failing(AvdfError("\x1b[31mred.mp4")))
    captured = capsys.readouterr()
    assert captured.out == "\\x1b[31mred.mp4\tok\n"
    assert captured.err == "avdf: \\x1b[31mred.mp4\n"


def test_a_warning_of_avdf_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def warn() -> None:
        warnings.warn("ViT-B-32 has random weights", RandomWeightsWarning, stacklevel=1)
        warnings.warn("a library's own", DeprecationWarning, stacklevel=1)

    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert run(warn) == 0
    assert capsys.readouterr().err == "avdf: ViT-B-32 has random weights\n"


def test_a_reader_that_has_enough_is_no_error(shards: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    info = f"{sys.executable} -m avdf.cli.main info {shards} --sheet {sheet}"
    command = f"{info} | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 141)
    assert "Traceback" not in done.stderr
    assert "internal" not in done.stderr
    # What was asked for is written all the same.
    assert sheet.is_file()
