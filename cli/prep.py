"""`avdf prep`: videos to shards."""

from pathlib import Path
from typing import Annotated

import typer

from avdf.cli.exits import DONE, SOME_FAILED


def prep(
    sources: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Root of a dataset, CSV manifest, folder of videos, or video files. "
            "If none is given, finish the interrupted preparation in --out."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the shards and videos.csv.")
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(help="Read the sources as this dataset (default: recognise it)."),
    ] = None,
    label: Annotated[
        str,
        typer.Option(
            metavar="[real|fake]",
            help="Label of videos that the sources have no label of.",
        ),
    ] = "",
    faces: Annotated[
        str,
        typer.Option(
            metavar="[main|all]",
            help="main: the most persistent, largest face that moves; all: every face.",
        ),
    ] = "main",
    smallest_face: Annotated[
        int,
        typer.Option(
            help="Smallest face to detect, in pixels. 0: 1/8 of the frame's long side; if no face"
            " is that large, 1/16 (with --faces all, 1/32)."
        ),
    ] = 0,
    codec: Annotated[
        str,
        typer.Option(metavar="[jpeg|png|raw]", help="How face crops are stored."),
    ] = "jpeg",
    quality: Annotated[
        int, typer.Option(help="JPEG quality of face crops, at most 100.")
    ] = 95,
    max_seconds: Annotated[
        float,
        typer.Option(
            help="Skip videos longer than this many seconds (status too_long)."
        ),
    ] = 21600.0,
    videos_per_shard: Annotated[
        int,
        typer.Option(
            help="Videos in each shard. 0: as many as give at least 8 shards, but at most 32."
        ),
    ] = 0,
    workers: Annotated[
        int, typer.Option(help="Worker processes; 0: one per core.")
    ] = 0,
    device: Annotated[
        str, typer.Option(metavar="[cpu|cuda]", help="Device for face detection.")
    ] = "cpu",
    executor: Annotated[
        str,
        typer.Option(
            metavar="[local|ray]",
            help="Where to work: on this machine or on a Ray cluster.",
        ),
    ] = "local",
    address: Annotated[
        str,
        typer.Option(
            help="Address of the Ray cluster (default: start one on this machine)."
        ),
    ] = "",
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Only count the videos of the sources, and list missing and unlisted files.",
        ),
    ] = False,
    retry_failed: Annotated[
        bool,
        typer.Option("--retry-failed", help="Try only the videos that failed before."),
    ] = False,
) -> int:
    """Prepare videos: write face crops, audio and log-mel to shards.

    Shards are HDF5 files; face crops and audio are aligned in time. Run the same command again
    to continue after an interruption, or to add new videos. Exit code 3: some videos failed; each
    is listed with its reason (with --dry-run: some files are missing or not understood).
    """
    from avdf.cache.core.errors import SettingsError
    from avdf.cli.listener import Listener
    from avdf.preparing import PrepareOptions, examine, prepare

    if out is None and not dry_run:
        raise SettingsError(
            "name the folder for the shards with --out FOLDER, or only count with --dry-run"
        )
    options = PrepareOptions(
        dataset=dataset,
        label=label,  # type: ignore[arg-type]  # checked when built
        faces=faces,  # type: ignore[arg-type]  # checked when built
        smallest_face=smallest_face,
        codec=codec,  # type: ignore[arg-type]  # checked when built
        quality=quality,
        max_seconds=max_seconds,
        videos_per_shard=videos_per_shard,
        workers=workers,
        device=device,
        executor=executor,  # type: ignore[arg-type]  # checked when built
        address=address,
        retry_failed=retry_failed,
    )
    with Listener(notes_on_stdout=True) as listener:
        # Without --out only counting is left, as was checked above.
        if out is None or dry_run:
            found = examine(sources or (), dataset, out, listener)
            typer.echo(found)
            return DONE if found.complete else SOME_FAILED
        result = prepare(sources or (), out, options, listener)
    typer.echo(result)
    return SOME_FAILED if result.failed else DONE
