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

An epoch of these 90 persons has 54 steps. All rows use the demo's backbones and settings, but for
what the row names; the row `demo` is trained on the videos of the demo, as `avdf demo` does.
"""

import argparse
import json
import time
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

# The names say which token is aligned and which matching loss trains; beside it, the settings
# that make the row.
CLASS = ("model.align_from=class",)
INFONCE = ("training.matching=infonce",)
ROWS: dict[str, tuple[str, ...]] = {
    "prompt-cmfm": (),  # the paper's, and the default
    "prompt-cmfm-per-term": ("training.normalisation=per_term",),
    "class-cmfm": CLASS,
    "class-infonce": (*CLASS, *INFONCE),
    "prompt-infonce": INFONCE,
    "class-margin": (*CLASS, "training.matching=margin"),
    "class-infonce-cmfm": (*CLASS, *INFONCE, "training.with_cmfm=true"),
}
DEMO = "demo"

# The groups of videos that are told from the genuine ones, and the kinds in each.
GROUPS = {
    "other person": ("other_person",),
    "other words": ("other_words",),
    "0.2 s": ("late_5", "early_5"),
    "0.4 s": ("late_10", "early_10"),
    "0.8 s": ("late_20", "early_20"),
}
GENUINE = "genuine"
NEAR = 8  # frames: offsets of the narrower median
_HERE = OFFSETS == 0
_NEAR = np.abs(OFFSETS) <= NEAR
_RIGHT = 1  # frames by which the least of a curve may be off


@dataclass(frozen=True)
class Scored:
    """A test video as one run scored it.

    curve  distance at each of `OFFSETS`
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

    epoch      of the checkpoint that scored
    zero       share of all steps whose matching loss is 0
    matched,   mean distances in the last epoch
    mismatched
    missing    test videos without a curve
    """

    row: str
    seed: int
    settings: tuple[str, ...]
    seconds: float
    steps: int
    epoch: int
    zero: float
    matched: float
    mismatched: float
    missing: int
    videos: tuple[Scored, ...]


SCORES: dict[str, Callable[[Scored], float]] = {
    "p_video": lambda video: video.p_video,
    "distance": lambda video: video.distance,
    "sync": lambda video: video.sync,
    f"sync, median over {NEAR} frames": lambda video: near_sync(video.curve),
}


def near_sync(curve: Sequence[float]) -> float:
    """D(0) less the median over offsets of at most 8 frames, not of 25 as in `sync`."""
    values = np.array(curve)
    return float(values[_HERE][0] - np.median(values[_NEAR]))


def best_offset(curve: Sequence[float]) -> int:
    """The offset in frames at which a curve is least."""
    return int(OFFSETS[np.argmin(curve)])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shards", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--demo", type=Path, help="folder of `avdf demo`")
    parser.add_argument("--rows", nargs="*", metavar="NAME")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=4)
    given = parser.parse_args()
    rows = given.rows or [*ROWS, *([DEMO] if given.demo else [])]
    for row in rows:
        if row not in ROWS and (row != DEMO or given.demo is None):
            names = ", ".join(ROWS)
            parser.error(f"row {row!r} is not one of {names}; or demo, with --demo")

    # Seed after seed, so that an interrupted comparison has every row.
    for seed in range(given.seeds):
        for row in rows:
            result = result_file(given.out, row, seed)
            if not result.exists():
                trained = examine(row, seed, given)
                write_text(result, json.dumps(asdict(trained)))
            write_tables(given.out)
    print((given.out / "table.md").read_text(encoding="utf-8"))


def row_settings(row: str, seed: int, epochs: int) -> tuple[str, ...]:
    """The settings of a training.

    Of the demo's row: its own. Of the others: the demo's, a schedule for the pairs, and what the
    row changes.
    """
    if row == DEMO:
        return avdf.DemoOptions(seed=seed).training().settings
    schedule = (
        f"training.epochs={epochs}",
        # As in the demo, the last part has a lower learning rate.
        f"training.decay_epoch={epochs}",
        f"training.seed={seed}",
    )
    return (*DEMO_SETTINGS, *schedule, *ROWS[row])


def result_file(out: Path, row: str, seed: int) -> Path:
    """Where a finished training is kept."""
    return out / f"{row}-{seed}.json"


def examine(row: str, seed: int, given: argparse.Namespace) -> Trained:
    """Train a row with one seed and score the test persons."""
    source = given.demo / "shards" if row == DEMO else given.shards
    settings = row_settings(row, seed, given.epochs)
    started = time.monotonic()
    folder = RunFolder(given.out / "runs" / f"{row}-{seed}")
    # A run that was interrupted goes on from its last checkpoint.
    options = avdf.TrainOptions(settings=settings)
    if folder.has(folder.last):
        options = avdf.TrainOptions(resume=True)
    result = avdf.train(source, folder.path, options)
    seconds = time.monotonic() - started

    lines = read_log(folder.log)
    last = [line for line in lines if line["epoch"] == lines[-1]["epoch"]]
    at_end = matching_figures(last)
    scored = avdf.load(folder.path).score(given.shards)
    videos = [video for video in map(taken, scored) if video is not None]
    print(f"{row}, seed {seed}: {seconds:.0f} s", flush=True)
    return Trained(
        row=row,
        seed=seed,
        settings=settings,
        seconds=seconds,
        steps=len(lines),
        epoch=result.epoch,
        zero=known(matching_figures(lines)["matching_zero"]),
        matched=known(at_end["matched_distance"]),
        mismatched=known(at_end["mismatched_distance"]),
        missing=len(scored) - len(videos),
        videos=tuple(videos),
    )


def known(value: float | None) -> float:
    """The figure, or NaN where there is none."""
    return float("nan") if value is None else value


def taken(result: avdf.VideoResult) -> Scored | None:
    """What the figures need of a scored video; None where it has no curve."""
    row = result.row
    curve = [known(value) for value in row.sync.curve]
    if not curve or not np.isfinite(curve).all():
        return None
    return Scored(
        person=row.info.identity,
        kind=row.info.method,
        p_video=known(row.probability.video),
        distance=known(row.distance),
        sync=known(row.sync.sync),
        curve=tuple(curve),
    )


def finished(out: Path) -> Iterator[list[Trained]]:
    """The finished trainings, row by row."""
    for row in (*ROWS, DEMO):
        paths = sorted(out.glob(f"{row}-[0-9].json"))
        found = [read_trained(path) for path in paths]
        if found:
            yield found


def read_trained(path: Path) -> Trained:
    """A training as it was kept."""
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    videos = tuple(Scored(**video) for video in stored.pop("videos"))
    return Trained(**stored, videos=videos)


def areas(
    trainings: Sequence[Trained], score: Callable[[Scored], float]
) -> dict[str, dict[str, Any]]:
    """AUC of each group against the genuine videos: every seed, the mean, and its interval."""
    found: dict[str, dict[str, Any]] = {}
    for group, kinds in GROUPS.items():
        seeds, intervals = [], []
        for trained in trainings:
            some = [one for one in trained.videos if one.kind in (GENUINE, *kinds)]
            labels = np.array([one.kind != GENUINE for one in some], np.int64)
            values = np.array([score(one) for one in some])
            persons = np.array([one.person for one in some], dtype=object)
            seeds.append(auc(labels, values))
            intervals.append(bootstrap(labels, values, persons, threshold=0.0)["auc"])
        found[group] = {
            "auc": mean(seeds),
            "seeds": seeds,
            # Of one training each: the mean over seeds is known a little better than that.
            "interval": [
                mean([one[end] for one in intervals if one]) for end in (0, 1)
            ],
        }
    return found


def mean(values: Sequence[float | None]) -> float:
    """The mean of what is known; NaN of nothing."""
    there = [value for value in values if value is not None]
    return float(np.mean(there)) if there else float("nan")


def least_at(trained: Trained, kinds: Sequence[str]) -> float:
    """Share of the videos of some kinds whose curve is least at their own offset, give or take 1.

    The raw least of each curve, whether or not avdf would name an offset.
    """
    hits = [
        abs(best_offset(one.curve) - PAIRINGS[one.kind].late) <= _RIGHT
        for one in trained.videos
        if one.kind in kinds
    ]
    return float(np.mean(hits)) if hits else float("nan")


def curve_figures(trainings: Sequence[Trained]) -> dict[str, list[float]]:
    """What the curves and the matching loss of a row come to, for each seed."""
    columns: dict[str, Callable[[Trained], float]] = {
        "genuine least at 0": lambda one: least_at(one, (GENUINE,)),
        "0.2 s least there": lambda one: least_at(one, GROUPS["0.2 s"]),
        "0.4 s": lambda one: least_at(one, GROUPS["0.4 s"]),
        "0.8 s": lambda one: least_at(one, GROUPS["0.8 s"]),
        "matched distance": lambda one: one.matched,
        "mismatched distance": lambda one: one.mismatched,
        "steps with loss 0": lambda one: one.zero,
    }
    return {name: [of(one) for one in trainings] for name, of in columns.items()}


def write_tables(out: Path) -> None:
    """`table.md` and `table.json` of all that is finished."""
    area_lines, curve_lines, document = [], [], []
    for trainings in finished(out):
        row = trainings[0].row
        by_score = {name: areas(trainings, of) for name, of in SCORES.items()}
        curves = curve_figures(trainings)
        for name, groups in by_score.items():
            cells = [area_cell(one) for one in groups.values()]
            area_lines.append(table_line([row, name, *cells]))
        spreads = [spread(values) for values in curves.values()]
        seeds = str(len(trainings))
        curve_lines.append(table_line([row, seeds, *spreads]))
        about = [{**asdict(one), "videos": len(one.videos)} for one in trainings]
        document.append(
            {"row": row, "auc": by_score, "curves": curves, "trainings": about}
        )

    heads = ["row", "score", *GROUPS]
    curve_heads = ["row", "seeds", *curves]
    lines = [
        *(table_line(heads), table_line(["---"] * len(heads)), *area_lines, ""),
        *(table_line(curve_heads), table_line(["---"] * len(curve_heads))),
        *curve_lines,
    ]
    write_text(out / "table.md", "\n".join(lines) + "\n")
    write_text(out / "table.json", json.dumps(document, indent=1))


def area_cell(found: dict[str, Any]) -> str:
    """Mean AUC over seeds, (least to most of the seeds), [95 % interval]."""
    low, high = found["interval"]
    return f"{spread(found['seeds'])} [{low:.2f}–{high:.2f}]"


def spread(values: Sequence[float]) -> str:
    """The mean, and the range of the seeds in parentheses."""
    return f"{np.mean(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def table_line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
