"""Scores of other detectors under our protocols, and our scores in others' formats."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import minimize
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
        VideoInfo(
            id=f"v{number}",
            path="x",
            label=number % 2,
            identity=f"p{number}",
            split=split,
        )
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
        tmp_path / "s.csv",
        "id,score",
        [f"{name},{value}" for name, value in scores.items()],
    )
    found = under_protocol(read_scores(table), videos, "dataset")
    assert (
        found.thresholds.origin == "validation" and 0.7 < found.thresholds.video < 0.9
    )
    figures = evaluate(found.scores, found.thresholds).verdicts["video"].metrics
    assert (figures.videos, figures.auc, figures.accuracy) == (4, 1.0, 0.5)
    without = under_protocol(read_scores(table), labelled(4, "test", 4), "dataset")
    assert without.thresholds.video == 0.5 and without.thresholds.origin == "default"
    assert any("4 rows are of videos" in note for note in without.notes)


def test_likelihood_ratios_come_from_validation_rows_alone(tmp_path: Path) -> None:
    """Against Platt's regression as an equation to be made least, with both classes alike."""
    random = np.random.default_rng(0)
    videos = [*labelled(60, "val"), *labelled(30, "test", 60)]
    logits = np.array([random.normal(2 * video.label - 1, 1) for video in videos])
    rows = [
        f"{video.id},{1 / (1 + np.exp(-value)):.17g}"
        for video, value in zip(videos, logits, strict=True)
    ]
    table = read_scores(write(tmp_path / "s.csv", "id,score", rows))

    found = under_protocol(table, videos, "dataset", with_ratios=True)

    labels = np.array([video.label for video in videos[:60]])
    # 30 of each class: Platt's targets are 31/32 and 1/32.
    targets = np.where(labels == 1, 31 / 32, 1 / 32)

    def cost(line: npt.NDArray[np.float64]) -> float:
        odds = line[0] * logits[:60] + line[1]
        terms = targets * np.logaddexp(0, -odds) + (1 - targets) * np.logaddexp(0, odds)
        return float(terms.sum())

    slope, intercept = minimize(cost, [1.0, 0.0]).x
    wanted = (slope * logits[60:] + intercept) / np.log(10)
    assert found.judgement.ratios is not None
    model = found.judgement.ratios.video
    assert model is not None and (model.fake, model.real) == (30, 30)
    ratios = [video.log10_ratio.video for video in found.scores.videos]
    assert ratios == pytest.approx(
        np.clip(wanted, model.bounds.lower, model.bounds.upper), abs=1e-4
    )
    # The table has scores of the video alone, so there is nothing to say of the other two.
    assert sum("support ratios from" in note for note in found.notes) == 1
    assert evaluate(found.scores, found.thresholds).ratio_costs.video is not None
    without = under_protocol(table, videos, "dataset")
    assert without.judgement.ratios is None


def test_without_validation_rows_there_is_no_likelihood_ratio(tmp_path: Path) -> None:
    rows = [f"v{number},0.{number}" for number in range(1, 5)]
    table = read_scores(write(tmp_path / "s.csv", "id,score", rows))

    found = under_protocol(table, labelled(5, "test"), "dataset", with_ratios=True)

    assert all(video.log10_ratio.video is None for video in found.scores.videos)
    assert any("video: no likelihood ratio" in note for note in found.notes)


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
    table = write(
        tmp_path / "s.csv", "id,score,label", ["a,-2.0,fake", "b,3.0,real", "c,0.0,1"]
    )
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
    tmp_path: Path,
    header: str,
    rows: list[str],
    words: str,
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


@pytest.fixture(scope="module")
def own_scores(
    run: Path,
    shards: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Scores of all videos by a run of avdf, with timelines and exports."""
    out = tmp_path_factory.mktemp("own") / "scores"
    options = ("--timeline", "--export", "av-deepfake1m", "--export", "deepfakebench")
    code, text = call("score", run, shards, "--split", "all", "--out", out, *options)
    assert code == 0, text
    return out


@pytest.fixture(scope="module")
def judged_again(own_scores: Path, shards: Path) -> Path:
    """The same table, judged as that of another detector."""
    out = own_scores.parent / "again"
    table = own_scores / "videos.csv"
    code, text = call("evaluate", table, "--labels", shards, "--out", out, "--json")
    assert code == 0, text
    assert json.loads(text) == json.loads(
        (out / "metrics.json").read_text(encoding="utf-8")
    )
    return out


def rows_of(table: Path) -> dict[str, dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def test_a_table_of_ours_gives_the_figures_of_its_test_split(
    own_scores: Path,
    judged_again: Path,
) -> None:
    rows = rows_of(own_scores / "videos.csv").values()
    tested = [row for row in rows if row["split"] == "test"]
    labels = [int(row["label"]) for row in tested]
    scores = [float(row["p_video"]) for row in tested]
    figures = json.loads((judged_again / "metrics.json").read_text(encoding="utf-8"))
    assert figures["verdicts"]["video"]["auc"] == pytest.approx(
        roc_auc_score(labels, scores)
    )
    assert figures["verdicts"]["visual"]["videos"] == 6
    assert (figures["split"], figures["protocol"]["name"]) == ("test", "dataset")
    assert figures["thresholds"]["origin"] == "validation"


def test_everything_says_that_another_detector_gave_the_scores(
    judged_again: Path,
) -> None:
    figures = json.loads((judged_again / "metrics.json").read_text(encoding="utf-8"))
    assert "Rests on scores of another detector (videos.csv)" in figures["notes"][0]
    rows = rows_of(judged_again / "videos.csv").values()
    assert all("another detector" in row["rests_on"] for row in rows)
    page = (judged_again / "report.html").read_text(encoding="utf-8")
    assert "Another detector gave these scores" in page
    assert "How the run was trained" not in page


def test_an_evaluation_has_no_tables_of_segments(judged_again: Path) -> None:
    names = {path.name for path in judged_again.iterdir()}
    assert names == {".avdf.json", "videos.csv", "metrics.json", "report.html"}


def test_missing_scores_are_exit_code_3(
    own_scores: Path,
    shards: Path,
    tmp_path: Path,
) -> None:
    rows = rows_of(own_scores / "videos.csv").values()
    name = next(row["id"] for row in rows if row["split"] == "test")
    table = write(tmp_path / "few.csv", "id,score", [f"{name},0.5"])
    code, text = call("evaluate", table, "--labels", shards)
    assert code == 3
    assert "1 of 6 videos scored\n" in text and "segments" not in text


def test_predictions_are_the_scores_of_the_videos(own_scores: Path) -> None:
    rows = rows_of(own_scores / "videos.csv")
    lines = (own_scores / "prediction.txt").read_text(encoding="utf-8").splitlines()
    found = {
        name: float(value) for name, _, value in (line.partition(";") for line in lines)
    }
    expected = {name: float(row["p_video"]) for name, row in rows.items()}
    assert found == pytest.approx(expected, abs=2e-6)


def test_every_video_has_proposals(own_scores: Path) -> None:
    proposed = json.loads((own_scores / "proposals.json").read_text(encoding="utf-8"))
    assert set(proposed) == set(rows_of(own_scores / "videos.csv"))
    for own in proposed.values():
        scores = [score for score, _, _ in own]
        assert own and scores == sorted(scores, reverse=True)
        assert all(0 <= start < end for _, start, end in own)


def test_deepfakebench_averages_segments_to_our_scores(own_scores: Path) -> None:
    rows = rows_of(own_scores / "videos.csv")
    grouped: dict[str, list[float]] = {}
    with np.load(own_scores / "deepfakebench.npz") as file:
        # As that program does: by the next-to-last part of the path.
        for name, guess in zip(file["img_names"], file["y_pred"], strict=True):
            grouped.setdefault(name.split("/")[-2], []).append(float(guess))
    assert len(grouped) == len(rows)
    for name, guesses in grouped.items():
        expected = float(rows[name.replace("__", "/")]["p_video"])
        assert np.mean(guesses) == pytest.approx(expected, abs=2e-6)


def test_logits_that_would_lose_their_order_are_refused(tmp_path: Path) -> None:
    table = write(tmp_path / "s.csv", "id,score", ["v0,-500", "v1,36", "v2,40"])
    with pytest.raises(
        SettingsError, match=r"line 4: a logit of 40 .* divide all scores"
    ):
        read_scores(table, "logit")


def test_logits_of_being_real_lose_their_order_at_the_other_end(tmp_path: Path) -> None:
    table = write(tmp_path / "s.csv", "id,score", ["v0,-2", "v1,500"])
    found = read_scores(table, "logit", real_is_high=True).probability
    assert found["v0"].video == pytest.approx(1 / (1 + np.exp(-2)))
    table = write(tmp_path / "t.csv", "id,score", ["v0,-40"])
    with pytest.raises(SettingsError, match="a logit of -40"):
        read_scores(table, "logit", real_is_high=True)
