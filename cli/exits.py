"""Exit codes, and errors as one sentence on stderr."""

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
from avdf.cache.core.safe_text import printable
from avdf.cli.ending import INTERRUPTED, ended_by_signals, exit_code
from avdf.cli.plain import PlainStream

P = ParamSpec("P")

# What a system says about a path that the user gave.
_REFUSED = (
    errno.EACCES,
    errno.EEXIST,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EROFS,
)

DONE, INTERNAL_ERROR, WRONG_USE, SOME_FAILED = 0, 1, 2, 3
PIPE_CLOSED = 141  # what a shell reports for a program that SIGPIPE ended

# What a user can do after Ctrl-C.
GOES_ON = "the same command continues where it stopped"
BEGINS_AGAIN = "the same command starts from the beginning"


class Interrupted(KeyboardInterrupt):
    """Ctrl-C or another signal that ends a program, with what the user can do now."""

    def __init__(self, advice: str, code: int = INTERRUPTED) -> None:
        super().__init__(advice)
        self.code = code


@contextmanager
def advising(advice: Callable[[], str]) -> Iterator[None]:
    """Advise the user after a Ctrl-C inside, depending on how far the command has come."""
    try:
        yield
    except KeyboardInterrupt as error:
        # Asked only now: the advice depends on what is finished at this moment.
        raise Interrupted(advice(), exit_code(error)) from None


def guarded(command: Callable[P, Any], interrupted: str = "") -> Callable[P, None]:
    """A command for typer, whose errors and return value become the exit code.

    `interrupted` is what the user can do after Ctrl-C; it must be true of this command.
    """

    @wraps(command)
    def wrapped(*args: P.args, **options: P.kwargs) -> None:
        raise typer.Exit(run(lambda: command(*args, **options), interrupted))

    return wrapped


def run(command: Callable[[], Any], interrupted: str = "") -> int:
    """Run a command and turn what happens into an exit code."""
    # Set here and not at import, so that a program that imports avdf keeps its own warnings.
    warnings.showwarning = _show_warning
    stdout = sys.stdout
    # Names of files come from strangers: control characters in them must not reach the terminal.
    sys.stdout = cast(TextIO, PlainStream(stdout))
    try:
        # A command returns an exit code of its own, or something else where all went well.
        with ended_by_signals():
            code = command()
        return code if isinstance(code, int) else DONE
    except AvdfError as error:
        return report_error(str(error), WRONG_USE)
    except KeyboardInterrupt as error:
        # What a command said at the moment of the interruption is nearer to the truth.
        advice = str(error) if isinstance(error, Interrupted) else interrupted
        sentence = f"interrupted{'; ' if advice else ''}{advice}"
        return report_error(sentence, exit_code(error))
    except BrokenPipeError:
        # The reader of the output has enough, as in `avdf info SHARDS | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:
        # A full disk or a missing file is the user's to mend; everything else is a bug of avdf, and
        # its traceback is what a report of it needs.
        explained = _explain(error) if isinstance(error, OSError) else ""
        if explained:
            return report_error(explained, WRONG_USE)
        traceback.print_exc()
        return report_error(
            "internal error; please report the lines above", INTERNAL_ERROR
        )
    finally:
        sys.stdout = stdout


def _explain(error: OSError) -> str:
    """The sentence for what the system refuses; '' where the user can do nothing about it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"no space left ({error.filename or 'output'}); free some and run it again"
        )
    if error.errno in _REFUSED and error.filename:
        return f"{str(error.filename)[:200]}: {error.strerror}"
    return ""


def report_error(message: str, code: int) -> int:
    """Print an error as one sentence; returns the exit code."""
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
    """Print a warning of avdf as one line. Warnings of libraries are not for the user."""
    del filename, lineno, line
    if category.__module__.startswith("avdf."):
        print(f"avdf: {printable(str(message))}", file=file or sys.stderr)
