"""`avdf info`: what shards or a run hold."""

from pathlib import Path
from typing import Annotated

import typer


def info(
    folder: Annotated[
        str,
        typer.Argument(
            help="Folder made by `avdf prep` or its URL, or a folder made by `avdf train`."
        ),
    ],
    sheet: Annotated[
        Path | None,
        typer.Option(
            help="Also write an image with sample crops of the shards to this PNG file."
        ),
    ] = None,
) -> None:
    """Describe shards or a run.

    Of shards: counts, hours and classes. Of a run: epoch, validation and backbones.
    """
    # Imported here, so that `--help` does not wait for h5py and torch.
    from avdf.describing import describe

    typer.echo(describe(folder, sheet))
