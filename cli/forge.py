"""`avdf forge`: forgeries of genuine videos, as files."""

from pathlib import Path
from typing import Annotated

import typer

from avdf.cli.exits import DONE, SOME_FAILED


def forge(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Folder made by `avdf prep`, CSV manifest, folder of genuine videos, or files.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the clips.")],
    forger: Annotated[
        list[str] | None,
        typer.Option(
            "--forger",
            help="Name of a forger, or two joined by +; may be repeated. Each gives one forgery of "
            "each video (default: one forgery of each video, by a random forger).",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
    faces: Annotated[
        str,
        typer.Option(
            metavar="[main|all]",
            help="main: the most persistent, largest face that moves; all: every face.",
        ),
    ] = "main",
    workers: Annotated[
        int, typer.Option(help="Worker processes for preparation; 0: one per core.")
    ] = 0,
) -> int:
    """Make forgeries of genuine videos.

    Writes forged clips of the face crops with their sound, the genuine clips by the same encoder,
    manifest.csv for `avdf prep`, and sheet.png. Exit code 3: some forgeries are missing; each is
    listed with its reason.
    """
    from avdf.cli.listener import Listener
    from avdf.forging import ForgeOptions
    from avdf.forging import forge as make_forgeries

    options = ForgeOptions(
        forgers=tuple(forger or ()),
        seed=seed,
        faces=faces,  # type: ignore[arg-type]  # checked when built
        workers=workers,
    )
    with Listener() as listener:
        result = make_forgeries(sources, out, options, listener)
    typer.echo(result)
    return SOME_FAILED if result.failures else DONE
