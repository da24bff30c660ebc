"""`avdf reproduce`: the paper's tables, with the figures of this machine beside the paper's."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer


def reproduce(
    tables: Annotated[
        list[str],
        typer.Argument(help="What to reproduce: table1 to table5, figure3, or all."),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", help="Folder for runs, scores and tables."),
    ],
    fakeavceleb: Annotated[
        Path | None, typer.Option(help="Shards of FakeAVCeleb.")
    ] = None,
    kodf: Annotated[
        Path | None,
        typer.Option(help="Shards of KoDF, or of the part of it that you have."),
    ] = None,
    runs: Annotated[
        list[str] | None,
        typer.Option(
            "--run",
            help="NAME=RUN: use a finished run for a row, e.g. full=run; may be repeated.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help="TOML file for all runs; each row's own settings override it."
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="section.key=value for all runs; may be repeated."),
    ] = None,
    plan_only: Annotated[
        bool,
        typer.Option(
            "--plan",
            help="Only print the steps and how long each takes; write nothing.",
        ),
    ] = False,
    demo: Annotated[
        bool,
        typer.Option(
            "--demo",
            help="Use generated copies of FakeAVCeleb and KoDF, and the demo's model.",
        ),
    ] = False,
    identities: Annotated[
        int,
        typer.Option(
            min=1, help="With --demo: persons in each of 5 groups x 2 genders."
        ),
    ] = 3,
    workers: Annotated[
        int, typer.Option(help="With --demo: worker processes; 0: one per core.")
    ] = 0,
    seeds: Annotated[
        int,
        typer.Option(
            min=1,
            help="Train each row so many times, with other seeds; the tables have mean and "
            "standard deviation.",
        ),
    ] = 1,
) -> None:
    """Train and score for the paper's tables, and print both.

    The printed tables have the paper's own figures and those of this machine. Figure 3 needs the
    runs segment-level, full and infonce; the last is not in the paper, and no table needs it. Run
    the same command again to continue after an interruption.
    """
    from avdf.cli.listener import Listener
    from avdf.reproducing import ReproduceOptions
    from avdf.reproducing import reproduce as reproduce_tables

    options = ReproduceOptions(
        fakeavceleb=fakeavceleb,
        kodf=kodf,
        runs=_parse_runs(runs or ()),
        config=config,
        settings=tuple(settings or ()),
        demo=demo,
        identities=identities,
        workers=workers,
        seeds=seeds,
    )
    # A plan comes as the result; the work reports each finished stage while it goes on.
    with Listener() as listener:
        result = reproduce_tables(
            tables, out, options, plan_only=plan_only, on_event=listener
        )
    typer.echo(result)


def _parse_runs(words: Sequence[str]) -> dict[str, str | Path]:
    """`NAME=RUN` words as a mapping."""
    from avdf.cache.core.errors import SettingsError

    runs: dict[str, str | Path] = {}
    for word in words:
        # Split at the first `=`: a path may contain others.
        name, _, path = word.partition("=")
        if not path:
            raise SettingsError(f"--run {word}: write NAME=RUN, e.g. --run full=run")
        runs[name] = Path(path)
    return runs
