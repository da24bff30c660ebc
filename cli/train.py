"""`avdf train`: shards to a run."""

from pathlib import Path
from typing import Annotated

import typer

from avdf.cli.exits import advising


def train(
    shards: Annotated[
        str, typer.Argument(help="Folder made by `avdf prep`, or the URL of a copy (s3://...).")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the run.")],
    config: Annotated[
        Path | None, typer.Option(help="TOML file with sections model, data, training.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="section.key=value, e.g. training.epochs=3; may be repeated."),
    ] = None,
    backbones: Annotated[
        str,
        typer.Option(
            help="demo (small, shipped with avdf) or paper: architectures, weights and the widths that go with them; "
            "--config and --set come after it."
        ),
    ] = "",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write events to RUN/tensorboard too.")
    ] = False,
) -> None:
    """Train prompts, projections and heads on frozen CLIP and Whisper; the paper's schedule by default.

    Started by torchrun, all its processes train one detector together (docs/scaling.md).
    """
    import os

    from avdf.cache.core.errors import SettingsError
    from avdf.cache.shards.mirror import shard_folder
    from avdf.cli.progress import Meter
    from avdf.model.runs.config_sources import load_config
    from avdf.model.training.progress import TrainProgress
    from avdf.model.training.trainer import train as run_training

    if resume and (config or settings or backbones):
        raise SettingsError(
            "--resume goes on with the run's own configuration; leave out --config, --set and --backbones"
        )
    chosen = load_config(config, settings or (), backbones)
    folder = shard_folder(shards)
    with Meter("train", "steps") as meter, advising(lambda: _what_now(out)):

        def tell(now: TrainProgress) -> None:
            words = f"epoch {now.epoch} of {now.epochs}, loss {now.loss:.3f}, {now.segments_per_second:.1f} segments/s"
            meter.show(now.step, now.steps, words)
            if now.validation:
                typer.echo(f"epoch {now.epoch}: validation {describe(now.validation)}", err=True)

        result = run_training(
            folder, out, chosen, resume=resume, tensorboard=tensorboard, on_progress=tell
        )
    if int(os.environ.get("RANK", "0")):
        return
    protocol = result.data.assignment
    typer.echo(
        f"{len(result.data.train)} videos to train, {len(result.data.val)} to validate; protocol {protocol.name} "
        f"({protocol.title}), sha256 {protocol.sha256[:16]}"
    )
    for what in (*protocol.shortfall, *protocol.notes):
        typer.echo(f"  of the protocol: {what}")
    typer.echo(
        f"best checkpoint: epoch {result.epoch}, validation {describe(result.validation)}; in {out}"
    )
    typer.echo(
        f"threshold for the video verdict: {result.thresholds.video:.3f} ({result.thresholds.origin})"
    )
    for note in result.notes:
        typer.echo(f"warning: {note}", err=True)


def _what_now(out: Path) -> str:
    """After a Ctrl-C: the command that will be accepted."""
    from avdf.model.runs.folder import RunFolder

    folder = RunFolder(out)
    if folder.has(folder.last):
        return "go on from the last checkpoint with --resume (and without --config, --set and --backbones)"
    return "there is no checkpoint yet; the same command without --resume begins again"


def describe(validation: dict[str, float | None]) -> str:
    """`AUC video 0.98, visual 0.97, audio 1.00`."""
    values = (validation.get(f"auc_{name}") for name in ("video", "visual", "audio"))
    words = ("unknown" if value is None else f"{value:.3f}" for value in values)
    return "AUC " + ", ".join(
        f"{name} {word}" for name, word in zip(("video", "visual", "audio"), words, strict=True)
    )
