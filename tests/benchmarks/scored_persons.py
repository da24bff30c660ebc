"""Scores of test videos, and figures of them with intervals over persons."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from avdf.cache.core.labels import REAL
from avdf.model.metrics import auc

Rows = npt.NDArray[np.int64]

_DRAWS = 1000


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of the test videos of one training, in an order that each training has."""

    id: npt.NDArray[np.object_]
    person: npt.NDArray[np.object_]
    method: npt.NDArray[np.object_]
    label: npt.NDArray[np.int64]
    fake: npt.NDArray[np.float64]

    def area(self, method: str, rows: Rows) -> float:
        """AUC of genuine videos against those of a method, '' for all, among some rows."""
        genuine = self.label[rows] == REAL
        kept = rows[genuine | (self.method[rows] == method) | (method == "")]
        area = auc(self.label[kept], self.fake[kept])
        return np.nan if area is None else area

    def scored_again(self, fake: dict[str, float]) -> "Scored":
        """The same videos with other scores, by id."""
        return replace(self, fake=np.array([fake[id] for id in self.id]))


def read_scores(table: Path) -> Scored:
    """The scored videos of a `videos.csv`."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["p_video"]]
    return Scored(
        id=np.array([row["id"] for row in rows], object),
        person=np.array([row["identity"] for row in rows], object),
        method=np.array([row["method"] for row in rows], object),
        label=np.array([int(row["label"]) for row in rows]),
        fake=np.array([float(row["p_video"]) for row in rows]),
    )


def read_perturbed(folder: Path) -> dict[str, list[Scored]]:
    """The scored videos of a folder under each perturbation, one entry for each level."""
    videos = read_scores(folder / "videos.csv")
    fake: dict[tuple[str, str], dict[str, float]] = {}
    with (folder / "robustness_videos.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            level = row["perturbation"], row["level"]
            fake.setdefault(level, {})[row["id"]] = float(row["p_video"])
    found: dict[str, list[Scored]] = {}
    for (name, _), scores in fake.items():
        found.setdefault(name, []).append(videos.scored_again(scores))
    return found


def figure(every: Sequence[Scored], method: str) -> str:
    """Mean AUC over trainings, with its 95 % interval over persons."""
    return _interval(every[0].person, lambda rows: _mean_area(every, method, rows))


def difference(every: Sequence[Scored], other: Sequence[Scored], method: str) -> str:
    """Mean AUC less that of other trainings, with the 95 % interval over the same persons."""

    def less(rows: Rows) -> float:
        return _mean_area(every, method, rows) - _mean_area(other, method, rows)

    return _interval(every[0].person, less, "+")


def _mean_area(every: Sequence[Scored], method: str, rows: Rows) -> float:
    return float(np.mean([one.area(method, rows) for one in every]))


def _interval(
    person: npt.NDArray[np.object_], measured: Callable[[Rows], float], sign: str = ""
) -> str:
    """A figure of all rows, and the interval of that of persons drawn with replacement."""
    of_person = [np.flatnonzero(person == one) for one in np.unique(person)]
    generator = np.random.default_rng(0)
    drawn = []
    for _ in range(_DRAWS):
        chosen = generator.choice(len(of_person), len(of_person))
        drawn.append(measured(np.concatenate([of_person[index] for index in chosen])))
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    middle = measured(np.arange(len(person)))
    return f"{middle:{sign}.2f} ({low:{sign}.2f} to {high:{sign}.2f})"
