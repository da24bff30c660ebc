"""`avdf bench prep|train|score`: figures on this machine, beside what it could do and beside the plain way."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from avdf.cli.exits import guarded

app = typer.Typer(
    help="Measure preparation, training and scoring on this machine.", no_args_is_help=True
)

_FILLER_ROWS = 48  # a second and a half of each generated video


def train(
    shards: Annotated[
        Path | None, typer.Argument(help="Shards to stream; without, some are made of noise.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="section.key=value; may be repeated.")
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="Steps of each kind.")] = 5,
    videos: Annotated[
        int, typer.Option(min=1, help="Videos of noise, where no shards are given.")
    ] = 128,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures to this file.")
    ] = None,
) -> None:
    """Training: frames/s, the share of the machine's matrix rate, the input's share, and the plain model."""
    from avdf.model.bench.bench_train import bench_train

    _measure("bench train", bench_train, shards, settings or [], steps, videos, json_file)


def score(
    shards: Annotated[
        Path | None, typer.Argument(help="Shards to stream; without, some are made of noise.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="section.key=value; may be repeated.")
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="Batches of each kind.")] = 5,
    videos: Annotated[
        int, typer.Option(min=1, help="Videos of noise, where no shards are given.")
    ] = 128,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures to this file.")
    ] = None,
) -> None:
    """Scoring: frames/s and times real time, the share of the machine's matrix rate, and the plain model."""
    from avdf.model.bench.bench_score import bench_score

    _measure("bench score", bench_score, shards, settings or [], steps, videos, json_file)


def prep(
    files: Annotated[
        list[Path], typer.Argument(help="Video files with faces, best of about a minute each.")
    ],
    workers: Annotated[int, typer.Option(help="Processes; 0: one for each core.")] = 0,
    laps: Annotated[
        int,
        typer.Option(
            min=1, help="Times that each file is prepared and decoded; the median is reported."
        ),
    ] = 3,
    compare: Annotated[
        int, typer.Option(min=1, help="Pictures of each file on which full-size MTCNN is run.")
    ] = 60,
    device: Annotated[str, typer.Option(help="Where faces are found: cpu or cuda.")] = "cpu",
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures to this file.")
    ] = None,
) -> None:
    """Preparation: frames/s beside decoding alone and MTCNN on every full-size picture; how well crops hold faces."""
    from avdf.cache.core.errors import SettingsError
    from avdf.cache.machine.cores import worker_count
    from avdf.cli.progress import Meter
    from avdf.pipeline.bench import bench_prep
    from avdf.pipeline.job.device import device_name
    from avdf.pipeline.settings import PrepSettings

    _check_json(json_file)
    cores = worker_count(workers)
    for file in files:
        if not file.is_file():
            raise SettingsError(f"{file}: no such file; name video files with faces")
    device = device_name(device)
    with Meter("bench prep", "files") as meter:
        result = bench_prep(files, PrepSettings(), cores, laps, compare, device, meter.show)
    for one in result.files:
        typer.echo(
            f"{one.file} ({one.width} x {one.height}, {one.frames} frames): {one.frames_per_second:.0f} frames/s; "
            f"decoding alone {one.decode_frames_per_second:.0f}, and a crop encoded for each "
            f"{one.bound_frames_per_second:.0f}, full-size MTCNN {one.naive_frames_per_second:.1f}; "
            f"{100 * one.contained:.1f} % of {one.compared} faces in the crop, {one.missed} missed, "
            f"jitter {100 * one.jitter:.2f} %"
        )
    show(asdict(result), json_file)


app.command()(guarded(prep))
app.command()(guarded(train))
app.command()(guarded(score))


def _measure(
    name: str,
    bench: Any,
    shards: Path | None,
    settings: list[str],
    steps: int,
    videos: int,
    json_file: Path | None,
) -> None:
    from avdf.cache.shards.noise_shards import write_noise_shards
    from avdf.cli.progress import Meter
    from avdf.model.runs.config_sources import load_config

    _check_json(json_file)
    config = load_config(None, settings)
    with tempfile.TemporaryDirectory(prefix="avdf-bench-") as folder, Meter(name, "steps") as meter:
        if shards is None:
            shards = Path(folder) / "shards"
            write_noise_shards(shards, videos, _FILLER_ROWS)
        result = bench(shards, config, steps, meter.show)
    show(asdict(result), json_file)


def show(figures: dict[str, Any], json_file: Path | None) -> None:
    """Figures as a table on stdout, and as JSON in a file if one is wanted."""
    from avdf.cache.files.atomic_file import write_text

    for name, value in figures.items():
        if isinstance(value, tuple):
            continue
        typer.echo(f"{name:30} {_words(name, value)}")
    if json_file is not None:
        write_text(json_file, json.dumps(figures, indent=1) + "\n")


def _check_json(json_file: Path | None) -> None:
    """Refuse to replace what is not figures of ours, before minutes are spent on measuring."""
    from avdf.cache.files.ownership import check_file

    if json_file is not None:
        check_file(
            json_file, lambda start: b'"frames_per_second"' in start, "a file of `avdf bench`"
        )


def _words(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if "flops" in name:
        return f"{value / 1e9:,.1f} G"
    if name.endswith("_bytes"):
        return f"{value / 1e9:.2f} GB"
    return (
        str(value) if isinstance(value, int) else f"{value:,.3f}" if value < 10 else f"{value:,.1f}"
    )
