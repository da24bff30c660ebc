"""The `avdf` command. Each command has a file of its own, and imports what it needs when it runs.

So `--help` is instant.
"""

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from avdf.cli.bench import app as bench
from avdf.cli.case import app as case
from avdf.cli.demo import demo
from avdf.cli.doctor import doctor
from avdf.cli.evaluate import evaluate
from avdf.cli.exits import BEGINS_AGAIN, GOES_ON, WRONG_USE, guarded, report_error
from avdf.cli.forge import forge
from avdf.cli.info import info
from avdf.cli.prep import prep
from avdf.cli.process import has_working_folder, open_closed_streams
from avdf.cli.protocol import protocol
from avdf.cli.reproduce import reproduce
from avdf.cli.score import score
from avdf.cli.serve import serve
from avdf.cli.train import train
from avdf.cli.verify import verify


class _Commands(TyperGroup):
    """All commands. Each refuses an empty argument, as an unset shell variable gives it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        # As a path, an empty word would mean the current folder: it is refused before it is one.
        if any(_is_empty(word) for word in args):
            message = "an argument is empty; is a variable not set?"
            raise typer.Exit(report_error(message, WRONG_USE))
        return super().parse_args(ctx, args)


def _is_empty(word: str) -> bool:
    """Whether a word has no text, or is `--option=` with nothing behind it."""
    is_option = word.startswith("--")
    return not word or (is_option and word.find("=") == len(word) - 1)


_HELP = "Detect audio-visual deepfakes: prepare videos, train a detector, score other videos."

app = typer.Typer(
    name="avdf",
    cls=_Commands,
    help=_HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
# The order of `avdf --help`: the way from videos to verdicts, then the checks. Each says after a
# Ctrl-C only what is true of it.
app.command()(guarded(prep, GOES_ON))
app.command()(guarded(forge, GOES_ON))
app.command()(guarded(train))
app.command()(guarded(score, BEGINS_AGAIN))
app.command()(guarded(serve))
app.command()(guarded(evaluate))
app.command()(guarded(protocol))
app.command()(guarded(reproduce, GOES_ON))
app.command()(guarded(demo, GOES_ON))
app.command()(guarded(doctor))
app.command()(guarded(verify))
app.command()(guarded(info))
app.add_typer(case, name="case")
app.add_typer(bench, name="bench")


def _version(wanted: bool) -> None:
    if wanted:
        from avdf import __version__

        typer.echo(f"avdf {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Detect audio-visual deepfakes: prepare videos, train a detector, score other videos."""
    # Typer calls `_version` with it before this function is reached.
    del version


def main() -> None:
    """Entry point of the `avdf` program."""
    open_closed_streams()
    if not has_working_folder():
        message = "the current folder does not exist any more; change to another one"
        sys.exit(report_error(message, WRONG_USE))
    app()


if __name__ == "__main__":
    main()
