"""`avdf train`: shards to a run."""

import os
from pathlib import Path
from typing import Annotated

import typer

from avdf.cli.exits import advising


def train(
    shards: Annotated[
        str,
        typer.Argument(
            help="Folder made by `avdf prep`, or the URL of a copy (s3://...)."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the run.")],
    config: Annotated[
        Path | None,
        typer.Option(help="TOML file with the sections model, data, training."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="section.key=value, e.g. training.epochs=3; may be repeated."
        ),
    ] = None,
    backbones: Annotated[
        str,
        typer.Option(
            metavar="[demo|paper]",
            help="Set architectures, weights and widths: demo (small, shipped with avdf) or paper "
            "(CLIP and Whisper, the default). --config and --set override it.",
        ),
    ] = "",
    forge: Annotated[
        bool,
        typer.Option(
            "--forge",
            help="Put forged copies of genuine windows into every batch: no fake video is needed.",
        ),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Continue the run in --out; --set training.epochs=N trains it further.",
        ),
    ] = False,
    start_from: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Begin with the trainable tensors of the best checkpoint of this run, whose "
            "detector has the same settings.",
        ),
    ] = None,
    tensorboard: Annotated[
        bool,
        typer.Option("--tensorboard", help="Also write events to RUN/tensorboard."),
    ] = False,
) -> None:
    """Train a detector on the videos of shards.

    CLIP and Whisper stay unchanged; prompts, projections and heads are trained (model.adapt
    trains other parts). The default is the paper's schedule. All processes that torchrun starts
    train one detector together (docs/scaling.md).
    """
    from avdf.cli.listener import Listener
    from avdf.training import TrainOptions
    from avdf.training import train as run_training

    options = TrainOptions(
        config=config,
        settings=tuple(settings or ()),
        backbones=backbones,  # type: ignore[arg-type]  # checked when built
        resume=resume,
        start_from=start_from,
        tensorboard=tensorboard,
        forge=forge,
    )
    with Listener() as listener, advising(lambda: advice_after_interrupt(out)):
        result = run_training(shards, out, options, listener)
    # Of the processes that torchrun starts, the first one prints.
    if int(os.environ.get("RANK", "0")):
        return
    typer.echo(result)
    # On stderr, so that a script that reads the result does not meet them.
    for note in result.notes:
        typer.echo(f"warning: {note}", err=True)


def advice_after_interrupt(out: Path) -> str:
    """After Ctrl-C: the command that will be accepted."""
    from avdf.training import can_resume

    if can_resume(out):
        return (
            "continue from the last checkpoint with --resume "
            "(and without --config, --set, --backbones and --forge)"
        )
    return "there is no checkpoint yet; the same command without --resume starts from the beginning"
