"""`avdf demo`: the whole chain on a small synthetic dataset."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            help="Folder for the dataset, the pairs, the shards, the run and the scores.",
        ),
    ],
    identities: Annotated[
        int,
        typer.Option(
            min=1,
            help="Synthetic persons in each of 5 groups x 2 genders, with 8 videos each.",
        ),
    ] = 3,
    seconds: Annotated[
        float, typer.Option(min=0.7, max=600.0, help="Length of each video in seconds.")
    ] = 1.8,
    seed: Annotated[
        int, typer.Option(help="Seed of the synthetic faces and of training.")
    ] = 0,
    backbones: Annotated[
        str,
        typer.Option(
            metavar="[demo|paper]",
            help="demo: small, shipped with avdf; paper: CLIP and Whisper.",
        ),
    ] = "demo",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="section.key=value for training; may be repeated."),
    ] = None,
    workers: Annotated[
        int, typer.Option(help="Worker processes; 0: one per core.")
    ] = 0,
) -> None:
    """Run every step on a small generated dataset.

    Generates talking faces in the layout of FakeAVCeleb, prepares them, trains a detector, and
    scores persons who were not in the training. A last step tells picture and sound that belong
    together from others that do not. With the demo's backbones nothing is downloaded.
    """
    from avdf.cli.listener import Listener
    from avdf.demo import DemoOptions, run_demo

    options = DemoOptions(
        identities=identities,
        seconds=seconds,
        seed=seed,
        backbones=backbones,  # type: ignore[arg-type]  # checked when built
        settings=tuple(settings or ()),
        workers=workers,
    )
    # Each finished stage prints a line; the result adds the figures of the held-out persons.
    with Listener() as listener:
        result = run_demo(out, options, listener)
    typer.echo(result)
