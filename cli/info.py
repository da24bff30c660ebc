"""`avdf info`: what shards or a run hold."""

from pathlib import Path
from typing import Annotated

import typer


def info(
    place: Annotated[
        str,
        typer.Argument(
            help="Folder made by `avdf prep`, its URL, or folder made by `avdf train`."
        ),
    ],
    sheet: Annotated[
        Path | None,
        typer.Option(
            help="Write a contact sheet of the shards' face crops to this PNG file."
        ),
    ] = None,
) -> None:
    """Describe shards (counts, hours, classes) or a run (epoch, validation, backbones)."""
    from avdf.describing import describe

    typer.echo(describe(place, sheet))
