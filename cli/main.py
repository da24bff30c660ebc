"""The `avdf` command. One file per command; each imports what it needs when it runs, so that `--help` is instant."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from avdf import __version__
from avdf.cli.bench import app as bench
from avdf.cli.demo import demo
from avdf.cli.doctor import doctor
from avdf.cli.evaluate import evaluate
from avdf.cli.exits import BEGINS_AGAIN, GOES_ON, WRONG_USE, guarded, tell
from avdf.cli.info import info
from avdf.cli.prep import prep
from avdf.cli.protocol import protocol
from avdf.cli.reproduce import reproduce
from avdf.cli.score import score
from avdf.cli.train import train
from avdf.cli.verify import verify


class _Commands(TyperGroup):
    """All commands; an empty argument, as a variable that is not set leaves it, is wrong use of each of them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        # As a path it would mean the current folder, so it is told before any command makes a path of it.
        if _has_empty(args):
            raise typer.Exit(tell("an argument is empty; is a variable not set?", WRONG_USE))
        return super().parse_args(ctx, args)


def _has_empty(words: Sequence[str]) -> bool:
    """Whether a word has no text, or is `--option=` with nothing behind it."""
    return any(
        not word or (word.startswith("--") and word.find("=") == len(word) - 1) for word in words
    )


app = typer.Typer(
    name="avdf",
    cls=_Commands,
    help="Audio-visual deepfake detection: prepare videos, train a detector, score held-out videos.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(guarded(prep, GOES_ON))
app.command()(guarded(train))
app.command()(guarded(score, BEGINS_AGAIN))
app.command()(guarded(evaluate))
app.command()(guarded(protocol))
app.command()(guarded(reproduce, GOES_ON))
app.command()(guarded(demo, GOES_ON))
app.command()(guarded(doctor))
app.command()(guarded(verify))
app.command()(guarded(info))
app.add_typer(bench, name="bench")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"avdf {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Audio-visual deepfake detection: prepare videos, train a detector, score held-out videos."""
    del version


def main() -> None:
    """Entry point of the `avdf` program."""
    app()


if __name__ == "__main__":
    main()
