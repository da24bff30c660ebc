"""Whether a trained detector tells if picture and sound belong together, on synthetic pairs.

    python tests/benchmarks/synthetic_sync.py SHARDS OUT [--demo DEMO] [--rows NAME ...]
        [--seeds N] [--epochs N]

Trains each row once for each seed, scores the test persons of SHARDS, and writes `OUT/table.md` and
`OUT/table.json` after every training. What is finished in OUT is not trained again. SHARDS and DEMO
are made by

    python -c "from pathlib import Path; from avdf.pipeline.synthetic import *; \\
        generate_pairs(Path('pairs'), PairOptions(persons=90))"
    avdf prep pairs/manifest.csv --out SHARDS
    avdf demo --out DEMO

An epoch of these 90 persons has 34 steps. All rows use the demo's backbones and settings, except
for what the row names: which token is aligned, and which matching loss trains. Rows that begin with
`demo` are trained on the videos of DEMO with the demo's schedule. The checkpoint after the last
epoch is scored. Validation therefore decides nothing; it is made on two persons to save time.

Figures in parentheses are the least and the most of the seeds. Those in brackets are 95 % intervals
from a bootstrap over persons: the mean of the intervals of the seeds.
"""

import argparse
import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import avdf
from avdf.cache.files.atomic_file import write_text
from avdf.demo import DEMO_SETTINGS
from avdf.model.bootstrap import bootstrap
from avdf.model.metrics import auc
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.log import read_log
from avdf.model.synchrony.offset_curves import OFFSETS
from avdf.model.training.matching_watch import matching_figures
from avdf.pipeline.synthetic.pairing import PAIRINGS

Array = npt.NDArray[np.float64]

PROMPT, CLASS = "model.align_from=prompt", "model.align_from=class"
MOUTH = "model.align_from=mouth"
CMFM, INFONCE = "training.matching=cmfm", "training.matching=infonce"
# The names say which token is aligned and which matching loss trains.
ROWS: dict[str, tuple[str, ...]] = {
    "prompt-cmfm": (PROMPT, CMFM),  # the paper's
    "prompt-cmfm-per-term": (PROMPT, CMFM, "training.normalisation=per_term"),
    "class-cmfm": (CLASS, CMFM),
    "class-infonce": (CLASS, INFONCE),
    "prompt-infonce": (PROMPT, INFONCE),
    "class-margin": (CLASS, "training.matching=margin"),
    "class-infonce-cmfm": (CLASS, INFONCE, "training.with_cmfm=true"),
    "mouth-cmfm": (MOUTH, CMFM),
    "mouth-infonce": (MOUTH, INFONCE),
}
# The same, trained on the videos of the demo.
DEMO_ROWS = {
    "demo-prompt-cmfm": (PROMPT, CMFM),
    "demo-class-infonce": (CLASS, INFONCE),
}
VALIDATION_PERSONS = 2

# The groups of videos that are told from the genuine ones, and the kinds in each.
GROUPS = {
    "other person": ("other_person",),
    "other words": ("other_words",),
    "0.2 s": ("late_5", "early_5"),
    "0.4 s": ("late_10", "early_10"),
    "0.8 s": ("late_20", "early_20"),
}
SHIFTED = tuple(name for name, pairing in PAIRINGS.items() if pairing.late)
GENUINE = "genuine"
_HERE = OFFSETS == 0
TOLERANCE = 1  # frames by which the least of a curve may be off


@dataclass(frozen=True)
class Scored:
    """A test video as one run scored it.

    curve  distance at each of `OFFSETS`; NaN where too little of the video has it
    """

    person: str
    kind: str
    p_video: float
    distance: float
    sync: float
    curve: tuple[float, ...]


@dataclass(frozen=True)
class Trained:
    """One training and what it found.

    steps      how many were taken
    zero       share of all steps whose matching loss is 0
    matched,   mean distances in the last epoch
    mismatched
    missing    test videos without a curve
    """

    row: str
    seed: int
    steps: int
    zero: float
    matched: float
    mismatched: float
    missing: int
    videos: tuple[Scored, ...]


SCORES: dict[str, Callable[[Scored], float]] = {
    "p_video": lambda video: video.p_video,
    "distance": lambda video: video.distance,
    "sync": lambda video: video.sync,
    "sync, median over 25 frames": lambda video: wide_sync(video.curve),
}


def wide_sync(curve: Sequence[float]) -> float:
    """D(0) less the median over all offsets, not over those of at most 8 frames as in `sync`."""
    values = np.array(curve)
    return float(values[_HERE][0] - np.nanmedian(values))


def best_offset(curve: Sequence[float]) -> int:
    """The offset in frames at which a curve is least."""
    return int(OFFSETS[np.nanargmin(curve)])


def main() -> None:
    given = read_arguments()
    given.out.mkdir(parents=True, exist_ok=True)
    # Seed after seed, so that an interrupted comparison has every row.
    for seed in range(given.seeds):
        for row in given.rows:
            result = result_file(given.out, row, seed)
            if not result.exists():
                trained = examine(row, seed, given)
                write_text(result, json.dumps(asdict(trained)))
            write_tables(given.out)
    table = given.out / "table.md"
    print(table.read_text(encoding="utf-8"))


def read_arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("shards", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--demo", type=Path, help="folder of `avdf demo`")
    parser.add_argument("--rows", nargs="+", metavar="NAME")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=4)
    given = parser.parse_args()

    known_rows = [*ROWS, *DEMO_ROWS] if given.demo else [*ROWS]
    given.rows = given.rows or known_rows
    for row in given.rows:
        if row not in known_rows:
            names = ", ".join(known_rows)
            parser.error(f"row {row!r} is not one of {names} (demo rows need --demo)")
    return given


def row_settings(row: str, seed: int, epochs: int) -> tuple[str, ...]:
    """The demo's settings, a schedule for the pairs, and what makes the row."""
    own_seed = f"training.seed={seed}"
    if row in DEMO_ROWS:
        return (*DEMO_SETTINGS, own_seed, *DEMO_ROWS[row])
    # As in the demo, the last part has a lower learning rate.
    schedule = (f"training.epochs={epochs}", f"training.decay_epoch={epochs}")
    return (*DEMO_SETTINGS, own_seed, *schedule, *ROWS[row])


def write_splits(shards: Path, table: Path) -> None:
    """The splits of the pairs, with only the first persons of the validation split."""
    with (shards / "videos.csv").open(encoding="utf-8") as file:
        videos = list(csv.DictReader(file))
    validating = {row["identity"] for row in videos if row["split"] == "val"}
    left_out = sorted(validating)[VALIDATION_PERSONS:]
    kept = [row for row in videos if row["identity"] not in left_out]
    lines = [f"{row['id']},{row['split']}" for row in kept]
    write_text(table, "\n".join(["id,split", *lines, ""]))


def result_file(out: Path, row: str, seed: int) -> Path:
    """Where a finished training is kept."""
    return out / f"{row}-{seed}.json"


def examine(
    row: str,
    seed: int,
    given: argparse.Namespace,
) -> Trained:
    """Train a row with one seed and score the test persons."""
    source, settings = given.shards, row_settings(row, seed, given.epochs)
    if row in DEMO_ROWS:
        source = given.demo / "shards"
    else:
        table = given.out / "splits.csv"
        write_splits(given.shards, table)
        settings = (*settings, f"data.protocol={table}")
    folder = RunFolder(given.out / "runs" / f"{row}-{seed}")
    options = avdf.TrainOptions(settings=settings)
    # A run that was interrupted goes on from its last checkpoint.
    if folder.has(folder.last):
        options = avdf.TrainOptions(resume=True)
    avdf.train(source, folder.path, options)

    lines = read_log(folder.log)
    last_epoch = lines[-1]["epoch"]
    last = [line for line in lines if line["epoch"] == last_epoch]
    whole_run, at_end = matching_figures(lines), matching_figures(last)

    run = avdf.load(folder.path, avdf.LoadOptions(checkpoint="last"))
    scored = run.score(given.shards, avdf.ScoreOptions(protocol="dataset"))
    videos = [taken(video) for video in scored]
    with_curve = tuple(video for video in videos if video is not None)
    print(f"{row}, seed {seed}: finished", flush=True)
    return Trained(
        row=row,
        seed=seed,
        steps=len(lines),
        zero=known(whole_run["matching_zero"]),
        matched=known(at_end["matched_distance"]),
        mismatched=known(at_end["mismatched_distance"]),
        missing=len(videos) - len(with_curve),
        videos=with_curve,
    )


def known(value: float | None) -> float:
    """The figure, or NaN where there is none."""
    return float("nan") if value is None else value


def taken(result: avdf.VideoResult) -> Scored | None:
    """What the figures need of a scored video; None where it has no curve."""
    row = result.row
    if row.sync.sync is None:
        return None
    return Scored(
        person=row.info.identity,
        kind=row.info.method,
        p_video=known(row.probability.video),
        distance=known(row.distance),
        sync=row.sync.sync,
        curve=tuple(known(value) for value in row.sync.curve),
    )


def finished(out: Path) -> Iterator[list[Trained]]:
    """The finished trainings, row by row."""
    for row in (*ROWS, *DEMO_ROWS):
        paths = sorted(out.glob(f"{row}-[0-9].json"))
        if paths:
            yield [read_trained(path) for path in paths]


def read_trained(path: Path) -> Trained:
    """A training as it was kept."""
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    videos = tuple(Scored(**video) for video in stored.pop("videos"))
    return Trained(**stored, videos=videos)


@dataclass(frozen=True)
class Area:
    """How well a score tells a group of videos from the genuine ones.

    seeds      AUC of each seed
    low, high  of the 95 % interval, the mean over seeds
    """

    seeds: list[float]
    low: float
    high: float


def area(
    trainings: Sequence[Trained],
    score: Callable[[Scored], float],
    kinds: Sequence[str],
) -> Area:
    """The area under the ROC curve of the videos of some kinds against the genuine ones."""
    found, lows, highs = [], [], []
    for trained in trainings:
        some = [one for one in trained.videos if one.kind in (GENUINE, *kinds)]
        labels = np.array([one.kind != GENUINE for one in some], np.int64)
        values = np.array([score(one) for one in some])
        persons = np.array([one.person for one in some], dtype=object)
        found.append(known(auc(labels, values)))
        interval = bootstrap(labels, values, persons, threshold=0.0)["auc"]
        low, high = interval or (np.nan, np.nan)
        lows.append(low)
        highs.append(high)
    return Area(found, float(np.mean(lows)), float(np.mean(highs)))


def least_at(trained: Trained, kinds: Sequence[str]) -> float:
    """Share of the videos of some kinds whose curve is least at their own offset, give or take 1.

    The plain least of each curve, whether or not avdf would name an offset.
    """
    errors = [
        best_offset(one.curve) - PAIRINGS[one.kind].late
        for one in trained.videos
        if one.kind in kinds
    ]
    return float(np.mean(np.abs(errors) <= TOLERANCE))


# What is said of each training, beside its areas.
FIGURES: dict[str, Callable[[Trained], float]] = {
    "genuine least at 0": lambda one: least_at(one, (GENUINE,)),
    "shifted least at their shift": lambda one: least_at(one, SHIFTED),
    "of 0.2 s": lambda one: least_at(one, GROUPS["0.2 s"]),
    "of 0.4 s": lambda one: least_at(one, GROUPS["0.4 s"]),
    "of 0.8 s": lambda one: least_at(one, GROUPS["0.8 s"]),
    "matched distance": lambda one: one.matched,
    "mismatched distance": lambda one: one.mismatched,
    "steps with loss 0": lambda one: one.zero,
}


def write_tables(out: Path) -> None:
    """`table.md` and `table.json` of all that is finished."""
    area_lines = table_head(["row", "score", *GROUPS])
    figure_lines = table_head(["row", "seeds", *FIGURES])
    document = []
    for trainings in finished(out):
        row = trainings[0].row
        areas: dict[str, dict[str, Area]] = {}
        for name, score in SCORES.items():
            areas[name] = {
                group: area(trainings, score, kinds) for group, kinds in GROUPS.items()
            }
            cells = [area_text(one) for one in areas[name].values()]
            area_lines.append(table_line([row, name, *cells]))

        figures = {}
        for name, figure in FIGURES.items():
            figures[name] = [figure(one) for one in trainings]
        cells = []
        for name, values in figures.items():
            # A matching loss that has collapsed leaves distances of a thousandth.
            digits = 4 if "distance" in name else 2
            cells.append(spread(values, digits))
        figure_lines.append(table_line([row, str(len(trainings)), *cells]))
        document.append(row_document(trainings, areas, figures))
    lines = [*area_lines, "", *figure_lines, ""]
    write_text(out / "table.md", "\n".join(lines))
    write_text(out / "table.json", json.dumps(document, indent=1))


def row_document(
    trainings: Sequence[Trained],
    areas: dict[str, dict[str, Area]],
    figures: dict[str, list[float]],
) -> dict[str, Any]:
    """A row as plain values, ready for JSON."""
    of_trainings = []
    for trained in trainings:
        about = asdict(trained)
        about["videos"] = len(trained.videos)
        of_trainings.append(about)
    of_scores = {}
    for score, groups in areas.items():
        of_scores[score] = {group: asdict(one) for group, one in groups.items()}
    return {
        "row": trainings[0].row,
        "areas": of_scores,
        "figures": figures,
        "trainings": of_trainings,
    }


def area_text(found: Area) -> str:
    """An area as a table shows it."""
    return f"{spread(found.seeds)} [{found.low:.2f}–{found.high:.2f}]"


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The mean, and the range of the seeds."""
    mean, least, most = np.mean(values), min(values), max(values)
    if len(values) == 1:
        return f"{mean:.{digits}f}"
    return f"{mean:.{digits}f} ({least:.{digits}f}–{most:.{digits}f})"


def table_head(names: Sequence[str]) -> list[str]:
    """The first two lines of a Markdown table."""
    return [table_line(names), table_line(["---"] * len(names))]


def table_line(cells: Sequence[str]) -> str:
    """A line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
