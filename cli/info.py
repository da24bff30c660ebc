"""`avdf info`: what shards or a run hold."""

from pathlib import Path
from typing import Annotated

import typer


def info(
    place: Annotated[
        str,
        typer.Argument(help="Folder made by `avdf prep`, its URL, or one made by `avdf train`."),
    ],
    sheet: Annotated[
        Path | None, typer.Option(help="Write a contact sheet of crops to this PNG.")
    ] = None,
) -> None:
    """Counts, sizes, hours, classes and settings of shards; or epoch, validation and backbones of a run."""
    from avdf.cache.shards.mirror import shard_folder
    from avdf.model.runs.folder import RunFolder

    folder = shard_folder(place)
    if RunFolder(folder).config.is_file():
        _run(folder)
    else:
        _shards(folder, sheet)


def _shards(folder: Path, sheet: Path | None) -> None:
    from avdf.cache.files.atomic_file import durable_file
    from avdf.cache.files.ownership import check_file
    from avdf.cache.shards.codec import FrameCodec
    from avdf.cache.shards.summary import contact_sheet, summarise

    found = summarise(folder)
    # Before anything is printed: whoever reads the output may close it early (`| head`).
    if sheet is not None:
        check_file(sheet, lambda start: start.startswith(b"\x89PNG"), "a PNG picture")
        with durable_file(sheet) as partial:
            partial.write_bytes(FrameCodec("png").encode(contact_sheet(folder)))
    typer.echo(f"{found.videos} videos in {found.shards} shards, {found.bytes / 1e6:.1f} MB")
    typer.echo(
        f"{found.tracks} tracks, {found.frames} frames ({found.hours:.2f} h), {found.segments} segments"
    )
    typer.echo(f"crops: {found.codec}, {found.crop_bytes / max(1, found.frames) / 1e3:.1f} kB each")
    for column, values in found.classes.items():
        typer.echo(f"{column}: " + ", ".join(f"{name} {count}" for name, count in values.items()))
    typer.echo(f"settings: {found.settings}")
    if sheet is not None:
        typer.echo(f"contact sheet: {sheet}")


def _run(folder: Path) -> None:
    from avdf.cli.train import describe
    from avdf.model.runs.checkpoint_reader import read_checkpoint_info
    from avdf.model.runs.folder import RunFolder

    run = RunFolder(folder)
    for path in (run.best, run.last):
        found = read_checkpoint_info(path)
        typer.echo(
            f"{path.name}: epoch {found.epoch}, step {found.step}, validation {describe(dict(found.validation))}"
        )
    for name, backbone in found.backbones.items():
        typer.echo(
            f"{name}: {backbone.architecture}, weights {backbone.weights}, sha256 {backbone.sha256}"
        )
    for section, values in found.config.as_dict().items():
        typer.echo(f"{section}: " + ", ".join(f"{key} {value}" for key, value in values.items()))
