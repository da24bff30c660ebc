"""Scores of other detectors under our protocols, and our scores in others' formats."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.model.evaluation.evaluate import evaluate
from avdf.model.evaluation.external import under_protocol
from avdf.model.evaluation.score_table import read_scores
from tests.helpers.command import call


def write(path: Path, header: str, rows: Sequence[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def labelled(count: int, split: str, first: int = 0) -> list[VideoInfo]:
    return [
        VideoInfo(id=f"v{number}", path="x", label=number % 2, identity=f"p{number}", split=split)
        for number in range(first, first + count)
    ]


def test_thresholds_come_from_validation_rows_alone(tmp_path: Path) -> None:
    """The best threshold of the test rows is another one, and must not be found."""
    videos = [*labelled(4, "val"), *labelled(4, "test", 4)]
    scores = {
        "v0": 0.6,
        "v1": 0.9,
        "v2": 0.7,
        "v3": 0.95,
        "v4": 0.1,
        "v5": 0.3,
        "v6": 0.2,
        "v7": 0.4,
    }
    table = write(
        tmp_path / "s.csv", "id,score", [f"{name},{value}" for name, value in scores.items()]
    )
    found = under_protocol(read_scores(table), videos, "dataset")
    assert found.thresholds.origin == "validation" and 0.7 < found.thresholds.video < 0.9
    figures = evaluate(found.scores, found.thresholds).verdicts["video"].metrics
    assert (figures.videos, figures.auc, figures.accuracy) == (4, 1.0, 0.5)
    without = under_protocol(read_scores(table), labelled(4, "test", 4), "dataset")
    assert without.thresholds.video == 0.5 and without.thresholds.origin == "default"
    assert any("4 rows are of videos" in note for note in without.notes)


def test_videos_without_a_score_are_rows(tmp_path: Path) -> None:
    table = write(tmp_path / "s.csv", "id,score", ["v0,0.1", "v1,0.8"])
    found = under_protocol(read_scores(table), labelled(4, "test"), "dataset")
    assert [video.status for video in found.scores.videos] == [
        "ok",
        "ok",
        "not_scored",
        "not_scored",
    ]
    assert evaluate(found.scores, found.thresholds).coverage == {
        "listed": 4,
        "ok": 2,
        "not_scored": 2,
    }


def test_logits_and_scores_of_the_real_class(tmp_path: Path) -> None:
    table = write(tmp_path / "s.csv", "id,score,label", ["a,-2.0,fake", "b,3.0,real", "c,0.0,1"])
    found = read_scores(table, "logit", real_is_high=True)
    assert (
        found.probability["a"].video == pytest.approx(1 - 1 / (1 + np.exp(2.0)))
        and found.probability["c"].video == 0.5
    )
    assert [info.label for info in found.infos] == [1, 0, 1]
    with pytest.raises(SettingsError, match="are these logits"):
        read_scores(table)


@pytest.mark.parametrize(
    ("header", "rows", "words"),
    [
        ("name,score", ["a,0.1"], "no column id in the header"),
        ("id,score", ["a,0.1", "a,0.2"], "line 3: 'a' comes twice"),
        ("id,score", [",0.1"], "has no id"),
        ("id,score", ["a,high"], "'high' is not a number"),
        ("id,score,label", ["a,0.1,maybe"], "label is 'maybe'"),
        ("id,score,split", ["a,0.1,dev"], "split 'dev'"),
    ],
)
def test_bad_tables_are_refused_by_line(
    tmp_path: Path, header: str, rows: list[str], words: str
) -> None:
    with pytest.raises(SettingsError, match=words):
        read_scores(write(tmp_path / "s.csv", header, rows))


def test_nothing_to_judge_is_refused(tmp_path: Path) -> None:
    given = read_scores(write(tmp_path / "s.csv", "id,score", ["a,0.1"]))
    with pytest.raises(SettingsError, match="no labels"):
        under_protocol(given, given.infos, "all-test")
    with pytest.raises(SettingsError, match="no video of split 'test'"):
        under_protocol(given, labelled(2, "train"), "dataset")
    with pytest.raises(SettingsError, match="split 'dev' is unknown"):
        under_protocol(given, labelled(2, "train"), "dataset", "dev")


def test_our_own_table_gives_our_own_figures(run: Path, shards: Path, tmp_path: Path) -> None:
    assert call("score", run, shards, "--split", "all", "--out", tmp_path / "own")[0] == 0
    code, text = call(
        "evaluate",
        tmp_path / "own" / "videos.csv",
        "--labels",
        shards,
        "--out",
        tmp_path / "again",
        "--json",
    )
    assert code == 0
    printed = json.loads(text)
    with (tmp_path / "own" / "videos.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "test"]
    area = roc_auc_score(
        [int(row["label"]) for row in rows], [float(row["p_video"]) for row in rows]
    )
    assert printed["verdicts"]["video"]["auc"] == pytest.approx(area) and printed["split"] == "test"
    assert printed["verdicts"]["visual"]["videos"] == 6 and printed["protocol"]["name"] == "dataset"
    assert printed["thresholds"]["origin"] == "validation"
    assert "Rests on scores of another detector (videos.csv)" in printed["notes"][0]
    with (tmp_path / "again" / "videos.csv").open(encoding="utf-8", newline="") as file:
        assert all("another detector" in row["rests_on"] for row in csv.DictReader(file))
    page = (tmp_path / "again" / "report.html").read_text(encoding="utf-8")
    assert "given by another detector" in page and "How the run was trained" not in page
    assert {path.name for path in (tmp_path / "again").iterdir()} == {
        ".avdf.json", "videos.csv", "metrics.json", "report.html",
    }  # fmt: skip
    (tmp_path / "own" / "few.csv").write_text(f"id,score\n{rows[0]['id']},0.5\n", encoding="utf-8")
    code, text = call("evaluate", tmp_path / "own" / "few.csv", "--labels", shards)
    assert code == 3 and "1 of 6 videos scored\n" in text and "segments" not in text


def test_exports_hold_what_others_programs_ask_for(run: Path, shards: Path, tmp_path: Path) -> None:
    code, _ = call(
        "score",
        run,
        shards,
        "--out",
        tmp_path,
        "--timeline",
        "--export",
        "av-deepfake1m",
        "--export",
        "deepfakebench",
    )
    assert code == 0
    with (tmp_path / "videos.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    lines = dict(
        line.split(";")
        for line in (tmp_path / "prediction.txt").read_text(encoding="utf-8").splitlines()
    )
    assert {name: float(value) for name, value in lines.items()} == pytest.approx(
        {name: float(row["p_video"]) for name, row in rows.items()}, abs=2e-6
    )
    proposed = json.loads((tmp_path / "proposals.json").read_text(encoding="utf-8"))
    assert set(proposed) == set(rows)
    for own in proposed.values():
        assert own and [one[0] for one in own] == sorted((one[0] for one in own), reverse=True)
        assert all(0 <= start < end for _, start, end in own)
    with np.load(tmp_path / "deepfakebench.npz") as file:
        grouped: dict[str, list[tuple[float, int]]] = {}
        for name, guess, label in zip(
            file["img_names"], file["y_pred"], file["y_true"], strict=True
        ):
            grouped.setdefault(name.split("/")[-2], []).append((float(guess), int(label)))
    assert len(grouped) == 6
    for name, own in grouped.items():  # as that program averages
        row = rows[name.replace("__", "/")]
        assert np.mean([guess for guess, _ in own]) == pytest.approx(
            float(row["p_video"]), abs=2e-6
        )
        assert {label for _, label in own} == {int(row["label"])}
    code, text = call("score", run, shards, "--out", tmp_path / "x", "--export", "kaggle")
    assert code == 2 and "--export kaggle: use one of" in text
