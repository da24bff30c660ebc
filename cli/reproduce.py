"""`avdf reproduce`: the paper's tables, with our figures beside the paper's."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from avdf.model.reproduce.job import Workplace
    from avdf.model.reproduce.plan import Plan


def reproduce(
    tables: Annotated[list[str], typer.Argument(help="table1 to table5, figure3, or all.")],
    out: Annotated[
        Path,
        typer.Option("--out", help="Folder for runs, scores and tables; the same again goes on."),
    ],
    fakeavceleb: Annotated[Path | None, typer.Option(help="Shards of FakeAVCeleb.")] = None,
    kodf: Annotated[
        Path | None, typer.Option(help="Shards of KoDF, or of the videos of it that you have.")
    ] = None,
    runs: Annotated[
        list[str] | None,
        typer.Option("--run", help="NAME=RUN: a finished run for a row, e.g. full=run."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="TOML file for all runs; the rows' own settings win.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="section.key=value for all runs.")
    ] = None,
    plan_only: Annotated[
        bool, typer.Option("--plan", help="Print what would be done and what it costs; stop.")
    ] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="On drawn FakeAVCeleb and KoDF, with the demo's model.")
    ] = False,
    identities: Annotated[
        int, typer.Option(min=1, help="With --demo: people in each of 5 groups x 2 genders.")
    ] = 3,
    workers: Annotated[int, typer.Option(help="With --demo: processes; 0: one for each core.")] = 0,
) -> None:
    """Train what a table needs, or take finished runs, score, and set our figures beside the paper's."""
    from avdf.cache.files.ownership import check_folder, claim_folder
    from avdf.cache.machine.cores import check_worker_count
    from avdf.cli.demo import DEMO_SETTINGS
    from avdf.cli.progress import Meter
    from avdf.model.reproduce.job import Workplace, carry_out
    from avdf.model.reproduce.plan import FAKEAVCELEB, KODF, make_plan

    check_folder(out, "reproduction", [path for path in (fakeavceleb, kodf) if path is not None])
    check_worker_count(workers)
    shards = {FAKEAVCELEB: fakeavceleb, KODF: kodf}
    plan = make_plan(tables, kodf is not None or demo)
    if demo:
        claim_folder(out, "reproduction")
        shards = _draw(out, identities, workers)
    place = Workplace(
        out,
        {name: path for name, path in shards.items() if path is not None},
        (*(DEMO_SETTINGS if demo else ()), *(settings or ())),
        config,
        _runs(runs or ()),
        "On drawn faces (`--demo`): these figures say nothing about real deepfakes."
        if demo
        else "",
    )
    _check(plan, place)
    _print_plan(plan, place)
    if plan_only:
        return
    claim_folder(out, "reproduction")
    meters: dict[str, Meter] = {}

    def tell(name: str, done: int, total: int) -> None:
        if name not in meters:
            for earlier in meters.values():  # a step begins where the one before has ended
                earlier.close()
            meters[name] = Meter(name, "steps" if name.startswith("train") else "segments")
        meters[name].show(done, total)

    try:
        carry_out(plan, place, tell)
    finally:
        for meter in meters.values():
            meter.close()
    _write(plan, place)


def _draw(out: Path, identities: int, workers: int) -> "dict[str, Path | None]":
    """The generated datasets and their shards; what is there is left as it is."""
    from avdf.cli.demo import draw, prepare
    from avdf.cli.progress import Meter
    from avdf.model.reproduce.plan import FAKEAVCELEB, KODF
    from avdf.pipeline.synthetic import generate_kodf

    data, found = out / "data", out / "shards"
    marks = {name: data / f"{name}.drawn" for name in (FAKEAVCELEB, KODF)}
    if not marks[FAKEAVCELEB].exists():
        draw(data / FAKEAVCELEB, identities, 1.8, 0, workers)
        marks[FAKEAVCELEB].touch()
    if not marks[KODF].exists():
        with Meter("draw KoDF", "actors") as meter:
            videos = generate_kodf(
                data / KODF, 2 * identities, workers=workers, on_actor=meter.show
            )
        typer.echo(f"drew {videos} videos in KoDF's layout: {data / KODF}")
        marks[KODF].touch()
    for name in marks:
        prepare(data / name, found / name, workers)
    return {name: found / name for name in marks}


def _runs(words: Sequence[str]) -> dict[str, Path]:
    from avdf.cache.core.errors import SettingsError

    found = {}
    for word in words:
        name, _, path = word.partition("=")
        if not path:
            raise SettingsError(f"--run {word}: write NAME=RUN, e.g. --run full=run")
        found[name] = Path(path)
    return found


def _check(plan: "Plan", place: "Workplace") -> None:
    from avdf.cache.core.errors import SettingsError
    from avdf.model.reproduce.job import check
    from avdf.model.reproduce.plan import FAKEAVCELEB

    if FAKEAVCELEB not in place.shards:
        raise SettingsError(
            "give FakeAVCeleb's shards with --fakeavceleb (built by `avdf prep`), or --demo for drawn data"
        )
    known = [spec.name for spec in plan.runs]
    for name in place.runs:
        if name not in known:
            raise SettingsError(
                f"--run {name}=...: these tables have no run of that name; they have {', '.join(known)}"
            )
    check(plan, place)


def _print_plan(plan: "Plan", place: "Workplace") -> None:
    from avdf.cli.progress import Meter
    from avdf.model.reproduce.job import costs

    meters: dict[str, Meter] = {}

    def tell(name: str, done: int, total: int) -> None:
        if not done:
            typer.echo(
                f"{name}: {total} steps on this machine, to say how long the plan takes", err=True
            )
        meters.setdefault(name, Meter(name, "steps")).show(done, total)

    steps = costs(plan, place, tell)
    for cost in steps:
        what = "done" if cost.done else f"{cost.segments} segments, about {_time(cost.seconds)}"
        typer.echo(f"{cost.name}: {what}")
    todo = sum(cost.seconds for cost in steps)
    typer.echo(
        f"in all about {_time(todo)} on this machine, by a few measured steps (reading and starting not counted)"
    )


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _write(plan: "Plan", place: "Workplace") -> None:
    from avdf.cache.files.atomic_file import write_text
    from avdf.model.reproduce.figure3 import figure_3
    from avdf.model.reproduce.plan import FIGURE_3
    from avdf.model.reproduce.table import make_table

    for name in plan.tables:
        if name == FIGURE_3:
            picture, figures, text = figure_3(place)
            write_text(place.folder / "figure3.svg", picture)
        else:
            table = make_table(name, place, list(place.shards))
            figures, text = table.as_json(), table.as_markdown()
        write_text(place.folder / f"{name}.json", figures)
        write_text(place.folder / f"{name}.md", text)
        typer.echo(f"\n{text}")
    typer.echo(
        f"tables: {place.folder}; each run's report: {place.folder / 'scores'}/*/report.html"
    )
