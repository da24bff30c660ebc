"""`avdf protocol`: which protocols exist, and what one makes of a dataset."""

from pathlib import Path
from typing import Annotated

import typer


def protocol(
    name: Annotated[
        str,
        typer.Argument(
            help="`dataset` (the dataset's own splits), a protocol, PROTOCOL/FOLD, or "
            "FILE.csv[/FOLD]."
        ),
    ] = "",
    source: Annotated[
        Path | None,
        typer.Argument(help="Shards, the root of a dataset, or a manifest."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Also write the splits to this CSV (id,split)."),
    ] = None,
) -> None:
    """List the protocols; or show how one splits the videos of a source.

    Shows the videos of each split, what is missing, and the hash that results carry.
    """
    from avdf.cache.core.errors import SettingsError
    from avdf.protocols import list_protocols, split_videos

    if not name:
        typer.echo(list_protocols())
        return
    if source is None:
        raise SettingsError(
            f"protocol {name} of what? name shards, a dataset's root or a manifest after it"
        )
    typer.echo(split_videos(name, source, out))
