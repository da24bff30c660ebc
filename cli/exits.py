"""What the exit code says, and how an error is told: one sentence on stderr."""

import errno
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TextIO, cast

import typer

from avdf.cache.core.errors import AvdfError
from avdf.cache.core.text import printable
from avdf.cli.plain import PlainStream

P = ParamSpec("P")

DONE, INTERNAL_ERROR, WRONG_USE, SOME_FAILED, INTERRUPTED = 0, 1, 2, 3, 130
PIPE_CLOSED = 141  # as the shell tells of a program that SIGPIPE ended


GOES_ON = "the same command goes on where it stopped"
BEGINS_AGAIN = "the same command begins again"


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, with what the user can do now."""


@contextmanager
def advising(advice: Callable[[], str]) -> Iterator[None]:
    """What a Ctrl-C inside tells the user to do depends on how far the command has come."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(advice()) from None


def guarded(command: Callable[P, Any], interrupted: str = "") -> Callable[P, None]:
    """A command for typer, whose errors and return value become the exit code.

    `interrupted`: what the user can do after a Ctrl-C; it must be true of this command.
    """

    @wraps(command)
    def wrapped(*args: P.args, **options: P.kwargs) -> None:
        raise typer.Exit(run(lambda: command(*args, **options), interrupted))

    return wrapped


def run(command: Callable[[], Any], interrupted: str = "") -> int:
    """Run a command and turn what happens into an exit code."""
    warnings.showwarning = _show_warning
    stdout = sys.stdout
    sys.stdout = cast(TextIO, PlainStream(stdout))
    try:
        code = command()
        return code if isinstance(code, int) else DONE
    except AvdfError as error:
        return tell(str(error), WRONG_USE)
    except KeyboardInterrupt as error:
        advice = str(error) if isinstance(error, Interrupted) else interrupted
        return tell(f"interrupted{'; ' if advice else ''}{advice}", INTERRUPTED)
    except BrokenPipeError:  # whoever read our output has enough (`| head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:
        explained = _explain(error) if isinstance(error, OSError) else ""
        if explained:
            return tell(explained, WRONG_USE)
        traceback.print_exc()
        return tell("internal error; please report the lines above", INTERNAL_ERROR)
    finally:
        sys.stdout = stdout


def _explain(error: OSError) -> str:
    """The sentence for what the system refuses; '' where it is no fault of the user's."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"no space left ({error.filename or 'output'}); free some and run it again"
    refused = (
        errno.EACCES, errno.EROFS, errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG,
        errno.ELOOP,
    )  # fmt: skip
    if error.errno in refused and error.filename:
        return f"{str(error.filename)[:200]}: {error.strerror}"
    return ""


def tell(message: str, code: int) -> int:
    """Print an error as one sentence; gives the exit code back."""
    print(f"avdf: {printable(message)}", file=sys.stderr)
    return code


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """A warning is one line for the user, without our file's name; those of libraries are not the user's."""
    del filename, lineno, line
    if category.__module__.startswith("avdf."):
        print(f"avdf: {printable(str(message))}", file=file or sys.stderr)
