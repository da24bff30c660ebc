"""`avdf protocol`: which protocols exist, and what one makes of a dataset."""

from pathlib import Path
from typing import Annotated

import typer


def protocol(
    name: Annotated[
        str,
        typer.Argument(
            help="Name of a protocol (`dataset`: the dataset's own splits), NAME/FOLD, or a table "
            "FILE.csv[/FOLD]. If none is given, list the protocols."
        ),
    ] = "",
    source: Annotated[
        Path | None,
        typer.Argument(help="Shards, the root of a dataset, or a manifest."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Also write the splits to this CSV file (id,split)."
        ),
    ] = None,
) -> None:
    """List the protocols, or show how one splits the given videos.

    Shows the number of videos in each split, what is missing, and the hash of the protocol that
    results state.
    """
    # Imported here: `--help` must not wait for torch.
    from avdf.cache.core.errors import SettingsError
    from avdf.protocols import list_protocols, split_videos

    if not name:
        typer.echo(list_protocols())
        return
    # A name without videos has nothing to split.
    if source is None:
        raise SettingsError(
            f"protocol {name}: name shards, a dataset's root or a manifest after it"
        )
    typer.echo(split_videos(name, source, out))
