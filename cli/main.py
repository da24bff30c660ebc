"""The `avdf` command. One file per command; each imports what it needs when it runs, so that `--help` is instant."""

from typing import Annotated

import typer

from avdf import __version__
from avdf.cli.bench import app as bench
from avdf.cli.demo import demo
from avdf.cli.doctor import doctor
from avdf.cli.evaluate import evaluate
from avdf.cli.exits import BEGINS_AGAIN, GOES_ON, guarded
from avdf.cli.info import info
from avdf.cli.prep import prep
from avdf.cli.protocol import protocol
from avdf.cli.reproduce import reproduce
from avdf.cli.score import score
from avdf.cli.train import train
from avdf.cli.verify import verify

app = typer.Typer(
    name="avdf",
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
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Audio-visual deepfake detection: prepare videos, train a detector, score held-out videos."""
    del version


def main() -> None:
    """Entry point of the `avdf` program."""
    app()


if __name__ == "__main__":
    main()
