"""`avdf bench prep|train|score`: figures on this machine, beside what it could do and beside the plain way."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from avdf.cli.exits import guarded

app = typer.Typer(help="Measure preparation, training and scoring on this machine.", no_args_is_help=True)

_FILLER_ROWS = 48  # a second and a half of each generated video


def train(
    shards: Annotated[Path | None, typer.Argument(help="Shards to stream; without, some are made of noise.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="section.key=value; may be repeated.")] = None,
    steps: Annotated[int, typer.Option(help="Steps of each kind.")] = 5,
    videos: Annotated[int, typer.Option(help="Videos of noise, where no shards are given.")] = 128,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")] = None,
) -> None:
    """Training: frames/s, the share of the machine's matrix rate, the input's share, and the plain model."""
    from avdf.model.bench import bench_train

    _measure("bench train", bench_train, shards, settings or [], steps, videos, json_file)


def score(
    shards: Annotated[Path | None, typer.Argument(help="Shards to stream; without, some are made of noise.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="section.key=value; may be repeated.")] = None,
    steps: Annotated[int, typer.Option(help="Batches of each kind.")] = 5,
    videos: Annotated[int, typer.Option(help="Videos of noise, where no shards are given.")] = 128,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")] = None,
) -> None:
    """Scoring: frames/s and times real time, the share of the machine's matrix rate, and the plain model."""
    from avdf.model.bench import bench_score

    _measure("bench score", bench_score, shards, settings or [], steps, videos, json_file)


app.command()(guarded(train))
app.command()(guarded(score))


def _measure(
    name: str, bench: Any, shards: Path | None, settings: list[str], steps: int, videos: int, json_file: Path | None
) -> None:
    from avdf.cache.filler import write_filler
    from avdf.cli.progress import Meter
    from avdf.model.settings import load_config

    config = load_config(None, settings)
    with tempfile.TemporaryDirectory(prefix="avdf-bench-") as folder, Meter(name, "steps") as meter:
        if shards is None:
            shards = Path(folder) / "shards"
            write_filler(shards, videos, _FILLER_ROWS)
        result = bench(shards, config, steps, meter.show)
    show(asdict(result), json_file)


def show(figures: dict[str, Any], json_file: Path | None) -> None:
    """Figures as a table on stdout, and as JSON in a file if one is wanted."""
    from avdf.cache.durable import write_text

    for name, value in figures.items():
        typer.echo(f"{name:30} {_words(name, value)}")
    if json_file is not None:
        write_text(json_file, json.dumps(figures, indent=1) + "\n")


def _words(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if "flops" in name:
        return f"{value / 1e9:,.1f} G"
    if name.endswith("_bytes"):
        return f"{value / 1e9:.2f} GB"
    return str(value) if isinstance(value, int) else f"{value:,.3f}" if value < 10 else f"{value:,.1f}"
