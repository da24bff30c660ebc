"""`avdf info`: what shards or a run hold, or what a media file says of itself."""

from pathlib import Path
from typing import Annotated

import typer


def info(
    source: Annotated[
        str,
        typer.Argument(
            help="Folder made by `avdf prep` or its URL, a folder made by `avdf train`, or a media "
            "file."
        ),
    ],
    sheet: Annotated[
        Path | None,
        typer.Option(
            help="Also write an image with sample crops of the shards to this PNG file."
        ),
    ] = None,
) -> None:
    """Describe shards, a run, or a media file.

    Of shards: counts, hours and classes. Of a run: epoch, validation and backbones. Of a media
    file: what it says of itself, from its container to its Content Credentials.
    """
    # Imported here, so that `--help` does not wait for h5py and torch.
    from avdf.describing import describe

    typer.echo(describe(source, sheet))
