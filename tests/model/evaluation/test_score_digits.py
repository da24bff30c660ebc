"""Scores keep every digit, so that a saturated detector still ranks videos in the tables."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from avdf.cache.files.csv_table import write_rows
from avdf.model.evaluation.score_table import read_scores


@dataclass(frozen=True)
class Row:
    id: str
    score: float | None
    label: int


def test_a_table_of_saturated_scores_gives_the_same_auc(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, 400)
    # Logits around 18: all scores are above 1 - 1e-6.
    logits = generator.normal(size=400) + labels * 1.5 + 18
    scores = 1 / (1 + np.exp(-logits))
    rows = [Row(f"v{n}", float(scores[n]), int(labels[n])) for n in range(400)]
    write_rows(tmp_path / "s.csv", Row, [*rows, Row("none", None, -1)])
    with (tmp_path / "s.csv").open(encoding="utf-8", newline="") as file:
        kept = [row["score"] for row in csv.DictReader(file)]
    assert kept.pop() == ""
    assert [float(text) for text in kept] == scores.tolist()
    given = read_scores(tmp_path / "s.csv")
    read_back = np.array(
        [given.probability[f"v{n}"].video for n in range(400)], np.float64
    )
    assert roc_auc_score(labels, read_back) == roc_auc_score(labels, scores) > 0.8
    assert len(set(read_back.tolist())) == 400
