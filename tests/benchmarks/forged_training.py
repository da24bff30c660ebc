"""Trained on genuine synthetic people alone, tested on seven synthetic methods of forgery.

    python tests/benchmarks/forged_training.py SHARDS --out DIR [--seeds 3] [--left-out]

SHARDS is a synthetic FakeAVCeleb, prepared. Three detectors with the demo's encoders are trained
with as many steps each: on genuine videos and on fakes by all seven methods (supervised), on the
genuine videos alone with forged windows, and the same with augmentation. The persons of the test
are in no training. With `--left-out`, the forgers are left out one at a time.

A figure is the mean over seeds of the AUC of P(fake) of the video, for genuine videos against those
of one method; its 95 % interval is over persons of the test, drawn with replacement. What is
trained already is only read again.
"""

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

import avdf
from avdf.cache.core.labels import REAL
from avdf.cache.stream.index import index_folder
from avdf.model.forging.catalogue import chosen_forgers
from avdf.model.metrics import auc
from avdf.model.protocols import assign

STEPS = 60
BATCH = 16
METHODS = (
    "rtvc",
    "faceswap",
    "fsgan",
    "wav2lip",
    "faceswap-wav2lip",
    "fsgan-wav2lip",
)
_DRAWS = 1000
SCHEDULE = (
    "training.learning_rate=4e-3",
    "training.device=cpu",
    "data.validation_segments=1",
    f"data.batch_size={BATCH}",
)


@dataclass(frozen=True)
class Kind:
    """One of the detectors that are compared."""

    name: str
    settings: tuple[str, ...] = ()
    forge: bool = True


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of the test videos."""

    person: npt.NDArray[np.object_]
    method: npt.NDArray[np.object_]
    label: npt.NDArray[np.int64]
    fake: npt.NDArray[np.float64]

    def area(self, method: str, rows: npt.NDArray[np.int64]) -> float:
        """AUC of genuine videos against those of a method, '' for all, among some rows."""
        genuine = self.label[rows] == REAL
        kept = rows[genuine | (self.method[rows] == method) | (method == "")]
        area = auc(self.label[kept], self.fake[kept])
        return np.nan if area is None else area


def kinds(left_out: bool) -> list[Kind]:
    """Which detectors are trained."""
    found = [
        Kind("supervised", forge=False),
        Kind("forged"),
        Kind("forged and augmented", ("data.augment=standard",)),
    ]
    if left_out:
        names = [forger.name for forger in chosen_forgers(())]
        for name in names:
            others = ",".join(other for other in names if other != name)
            found.append(Kind(f"without {name}", (f"data.forgers={others}",)))
    return found


def write_genuine_split(shards: Path, table: Path) -> int:
    """A split table that leaves the fakes out of training and validation; genuine training videos.

    The videos of the test stay.
    """
    infos = index_folder(shards).infos
    assignment = assign("dataset", infos)
    genuine = 0
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "split"])
        for info in infos:
            split = assignment.of(info.id)
            if split == "test" or info.label == REAL:
                writer.writerow([info.id, split])
                genuine += split == "train"
    return genuine


def scored(shards: Path, out: Path, kind: Kind, seed: int) -> Scored:
    """Train one detector and score the test videos, unless that was done before."""
    name = f"{kind.name.replace(' ', '-')}-{seed}"
    run, scores = out / "runs" / name, out / "scores" / name
    if not (scores / "report.html").exists():
        table = out / "genuine.csv"
        genuine = write_genuine_split(shards, table)
        # As many steps for each: an epoch of genuine videos alone is shorter.
        videos = 2 * genuine if kind.forge else len(_training_videos(shards))
        epochs = max(1, round(STEPS / -(-videos // BATCH)))
        own = (f"data.protocol={table}",) if kind.forge else ()
        settings = (
            *SCHEDULE,
            *own,
            f"training.seed={seed}",
            f"training.epochs={epochs}",
            f"training.decay_epoch={max(2, epochs - 1)}",
            *kind.settings,
        )
        options = avdf.TrainOptions(
            settings=settings, backbones="demo", forge=kind.forge
        )
        avdf.train(shards, run, options)
        avdf.load(run).score(shards, out=scores)
    return read_scores(scores / "videos.csv")


def _training_videos(shards: Path) -> list[str]:
    infos = index_folder(shards).infos
    assignment = assign("dataset", infos)
    return [info.id for info in infos if assignment.of(info.id) == "train"]


def read_scores(table: Path) -> Scored:
    """The scored videos of a table."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["p_video"]]
    return Scored(
        person=np.array([row["identity"] for row in rows], object),
        method=np.array([row["method"] for row in rows], object),
        label=np.array([int(row["label"]) for row in rows]),
        fake=np.array([float(row["p_video"]) for row in rows]),
    )


def figure(every: Sequence[Scored], method: str) -> str:
    """Mean AUC over seeds, with its interval over persons."""
    areas = [one.area(method, np.arange(len(one.label))) for one in every]
    generator = np.random.default_rng(0)
    persons = np.unique(every[0].person)
    drawn = []
    for _ in range(_DRAWS):
        chosen = generator.choice(persons, len(persons))
        means = []
        for one in every:
            rows = [np.flatnonzero(one.person == person) for person in chosen]
            means.append(one.area(method, np.concatenate(rows)))
        drawn.append(float(np.mean(means)))
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return f"{np.mean(areas):.2f} ({low:.2f} to {high:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shards", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--left-out", action="store_true")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    print(f"| trained | {' | '.join(METHODS)} | all |")
    print("|---|" + "---|" * (len(METHODS) + 1))
    for kind in kinds(given.left_out):
        every = [
            scored(given.shards, given.out, kind, seed) for seed in range(given.seeds)
        ]
        cells = [figure(every, method) for method in (*METHODS, "")]
        print(f"| {kind.name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
