"""`avdf doctor`: what a run needs, and whether it is there."""

from pathlib import Path
from typing import Annotated

import typer

from avdf.cli.exits import DONE, WRONG_USE


def doctor(
    folder: Annotated[
        Path, typer.Option(help="Folder for future shards; its free space is checked.")
    ] = Path(),
    config: Annotated[
        Path | None, typer.Option(help="TOML file that `avdf train` will use.")
    ] = None,
    backbones: Annotated[
        str,
        typer.Option(
            metavar="[demo|paper]", help="Backbones that `avdf train` will use."
        ),
    ] = "",
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="section.key=value that `avdf train` will use; may be repeated.",
        ),
    ] = None,
) -> int:
    """Check whether this machine has everything that avdf needs.

    Checks ffmpeg, PyTorch, weights, free space, and whether `avdf train` accepts these settings.
    Exit code 2: something is missing; each line says what to do.
    """
    from avdf.diagnosis import diagnose
    from avdf.training import TrainOptions

    # Exactly the options of `avdf train`, so that what passes here is accepted there.
    training = TrainOptions(
        config=config,
        settings=tuple(settings or ()),
        backbones=backbones,  # type: ignore[arg-type]  # checked when built
    )
    diagnosis = diagnose(folder, training)
    typer.echo(diagnosis)
    return DONE if diagnosis.well else WRONG_USE
