"""`avdf prep`: videos to shards."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avdf.cli.exits import DONE, SOME_FAILED

if TYPE_CHECKING:
    from avdf.pipeline.sources import Listing


def prep(
    sources: Annotated[
        list[Path] | None,
        typer.Argument(
            help="A dataset's root, a CSV manifest, a folder of videos, or video files; "
            "none: finish what --out was given before."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the shards and videos.csv.")
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(help="Read the sources as this dataset, instead of recognising it."),
    ] = None,
    faces: Annotated[
        str,
        typer.Option(
            help="`main`: the most persistent, largest face that moves; `all`: every face."
        ),
    ] = "main",
    smallest_face: Annotated[
        int,
        typer.Option(
            help="Smallest face to look for, in pixels. 0: an eighth of the picture's long side, a 16th where no face"
            " is that large; with --faces all, a 32nd."
        ),
    ] = 0,
    codec: Annotated[str, typer.Option(help="How crops are kept: jpeg, png or raw.")] = "jpeg",
    quality: Annotated[int, typer.Option(help="JPEG quality.")] = 95,
    max_seconds: Annotated[
        float,
        typer.Option(
            help="Videos longer than this many seconds are not prepared (status too_long)."
        ),
    ] = 21600.0,
    videos_per_shard: Annotated[
        int, typer.Option(help="0: by the number of videos, at most 32.")
    ] = 0,
    workers: Annotated[int, typer.Option(help="Processes; 0: one for each core.")] = 0,
    device: Annotated[str, typer.Option(help="Where faces are found: cpu or cuda.")] = "cpu",
    executor: Annotated[
        str, typer.Option(help="local: processes of this machine; ray: a Ray cluster.")
    ] = "local",
    address: Annotated[
        str, typer.Option(help="Of the Ray cluster; without, one is started on this machine.")
    ] = "",
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Only print what the sources hold, what is missing, what is not listed.",
        ),
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try only the videos that failed.")
    ] = False,
) -> int:
    """Cut videos into aligned face crops, sound and log-mel, and write them as HDF5 shards.

    Run again, it goes on where it was interrupted, or adds what is new. Exit code 3: some videos failed, as listed
    (with --dry-run: some files are missing or not understood).
    """
    from avdf.cache.core.errors import SettingsError
    from avdf.cache.machine.cluster import ClusterSettings
    from avdf.cache.shards.codec import FrameCodec
    from avdf.cli.progress import Meter
    from avdf.pipeline.job.progress import PrepProgress
    from avdf.pipeline.job.run import run_prep
    from avdf.pipeline.settings import FaceSettings, Limits, PrepSettings

    if executor not in ("local", "ray"):
        raise SettingsError(f"--executor {executor!r} is unknown; use local or ray")
    if out is None and not dry_run:
        raise SettingsError(
            "say where the shards go with --out FOLDER, or only look with --dry-run"
        )
    settings = PrepSettings(
        codec=FrameCodec(codec, quality),  # type: ignore[arg-type]  # checked when built
        faces=faces,  # type: ignore[arg-type]
        face=FaceSettings(smallest=smallest_face),
        limits=Limits(seconds=max_seconds),
        videos_per_shard=videos_per_shard,
    )
    listing = _listing(sources or [], dataset, out)
    for note in listing.notes:
        typer.echo(note)
    if out is None or dry_run:
        return _print_inventory(listing)
    if listing.unlisted:
        typer.echo(
            f"{len(listing.unlisted)} media files are there but not listed, and left out: {listing.unlisted[0]} ..."
        )
    with Meter("prep", "videos") as meter:

        def tell(now: PrepProgress) -> None:
            meter.show(now.begun, now.videos, f"{now.frames} frames kept, {now.failed} failed")

        result = run_prep(
            listing, out, settings, workers=workers, device=device, retry_failed=retry_failed, on_progress=tell,
            cluster=ClusterSettings(address, workers, float(device == "cuda")) if executor == "ray" else None,
        )  # fmt: skip
    counts = ", ".join(f"{count} {status}" for status, count in result.statuses.items())
    frames = sum(row.frames for row in result.rows)
    what = f"{result.new} done now" if result.new else "nothing to do"
    typer.echo(f"{len(result.rows)} videos: {counts} ({what}); {frames} frames of faces in {out}")
    for row in result.failed[:_MOST_SHOWN]:
        typer.echo(f"  {row.status:12} {row.id}: {row.reason}")
    if len(result.failed) > _MOST_SHOWN:
        typer.echo(f"  ... and {len(result.failed) - _MOST_SHOWN} more: see {out / 'videos.csv'}")
    return SOME_FAILED if result.failed else DONE


def _listing(sources: list[Path], dataset: str | None, out: Path | None) -> "Listing":
    """The sources' videos; without a source nothing new, where `out` has a plan that can be finished."""
    from avdf.cache.files.ownership import check_folder
    from avdf.cache.shards.completeness import PLAN_FILE
    from avdf.pipeline.sources import Listing, list_videos

    if out is not None:
        check_folder(out, "shards", sources)  # listing a large dataset takes a while
        if not sources and (out / PLAN_FILE).is_file():
            return Listing("", ())
    return list_videos(sources, dataset)


def _print_inventory(listing: "Listing") -> int:
    from avdf.pipeline.sources.inventory import take_inventory

    found = take_inventory(listing)
    typer.echo(f"{found.videos} videos, {found.periods} manipulated periods")
    for title, rows in found.tables.items():
        typer.echo(f"\n{title:32} {'videos':>8} {'real':>8} {'fake':>8}")
        for name, videos, real, fake in rows:
            typer.echo(f"  {name or '(none)':30} {videos:8} {real:8} {fake:8}")
    typer.echo(
        f"\nidentities in more than one split: {len(found.crossing)}{_first(found.crossing)}"
    )
    typer.echo(
        f"not understood: {len(found.faults)}{_first([f'{one.id}: {one.fault}' for one in found.faults])}"
    )
    typer.echo(
        f"listed but missing: {len(found.missing)}{_first([video.path for video in found.missing])}"
    )
    typer.echo(
        f"there but not listed: {len(found.unlisted)}{_first([str(path) for path in found.unlisted])}"
    )
    return SOME_FAILED if found.missing or found.faults else DONE


def _first(names: Sequence[str]) -> str:
    return f" ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})" if names else ""


_MOST_SHOWN = 40
