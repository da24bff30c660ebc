"""`avdf protocol`: which protocols there are, and what one makes of a dataset."""

from pathlib import Path
from typing import Annotated

import typer


def protocol(
    name: Annotated[
        str, typer.Argument(help="dataset, a protocol, PROTOCOL/FOLD, or FILE.csv[/FOLD].")
    ] = "",
    source: Annotated[
        Path | None, typer.Argument(help="Shards, a dataset's root or a manifest.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write it as a table id,split.")] = None,
) -> None:
    """List protocols; or show who trains, validates and tests, what is missing, and the hash that results carry."""
    from avdf.cache.core.errors import SettingsError
    from avdf.cache.files.ownership import check_file
    from avdf.cache.shards.inputs_table import list_unprepared
    from avdf.cli.evaluate import listed_videos
    from avdf.model.protocols import PROTOCOLS, assign

    if not name:
        typer.echo(
            "dataset: of each dataset the splits that it gives, or by identity where it gives none"
        )
        for one in PROTOCOLS.values():
            folds = (
                f" (each with {', '.join('/' + fold for fold in one.folds)})"
                if len(one.folds) > 1
                else ""
            )
            typer.echo(f"{one.name}: {one.title}{folds}")
        return
    if out is not None:
        check_file(out, lambda start: start.startswith(b"id,split\n"), "a table of `avdf protocol`")
    if source is None:
        raise SettingsError(
            f"protocol {name} of what? name shards, a dataset's root or a manifest after it"
        )
    videos = listed_videos(source)
    found = assign(name, videos)
    if out is not None:  # before anything is printed: whoever reads that may go away
        found.write(out)
    typer.echo(f"{found.name}, version {found.version}: {found.title}")
    typer.echo(f"sha256 {found.sha256}")
    for split, counts in found.counts(videos).items():
        typer.echo(
            f"{split}: "
            + (", ".join(f"{count} {word}" for word, count in counts.items()) or "nobody")
        )
    typer.echo(
        f"{sum(not found.of(video.id) for video in videos)} of {len(videos)} listed videos take no part"
    )
    for what in found.shortfall:
        typer.echo(f"missing: {what}")
    for what in found.notes:
        typer.echo(f"note: {what}")
    lost = [item for item in list_unprepared(source) if found.of(item.info.id)]
    for item in lost[:20]:
        typer.echo(
            f"not prepared: {item.info.id} of {found.of(item.info.id)} ({item.status}: {item.reason})"
        )
    if len(lost) > 20:
        typer.echo(f"not prepared: {len(lost) - 20} more")
