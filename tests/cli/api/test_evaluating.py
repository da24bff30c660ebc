"""`avdf.evaluate`: the scores of another detector."""

import json
from pathlib import Path

import pytest

import avdf
from avdf.cache.core.errors import SettingsError
from tests.helpers.tables import read_table


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Forty videos in two splits, told apart by their scores."""
    path = tmp_path / "scores.csv"
    lines = ["id,score,label,split"]
    for number in range(40):
        fake, split = number % 2, "val" if number < 20 else "test"
        score = 0.6 + 0.001 * number if fake else 0.2 + 0.001 * number
        lines.append(f"v{number},{score},{fake},{split}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_thresholds_come_from_the_validation_rows(table: Path) -> None:
    result = avdf.evaluate(table)
    thresholds = result.comparable.thresholds
    assert thresholds.origin == "validation"
    assert 0.22 < thresholds.video < 0.6
    assert len(result.scores.videos) == 20
    assert result.complete


def test_the_figures_print(table: Path) -> None:
    result = avdf.evaluate(table)
    lines = str(result).splitlines()
    assert repr(result) == lines[0] == "20 of 20 videos scored"
    assert any("AUC 1.000" in line for line in lines)
    assert lines[-2].startswith("threshold for the video verdict: ")


def test_logits_become_probabilities(table: Path) -> None:
    text = table.read_text(encoding="utf-8").replace(",0.", ",-1.")
    table.write_text(text, encoding="utf-8")
    result = avdf.evaluate(table, avdf.EvaluateOptions(scale="logit"))
    scored = result.scores.scored
    probabilities = [video.probability.video or 0.0 for video in scored]
    assert 0.1 < min(probabilities) < max(probabilities) < 0.3


def test_a_high_score_may_mean_real(table: Path) -> None:
    result = avdf.evaluate(table, avdf.EvaluateOptions(real_is_high=True, split="all"))
    assert result.evaluation.verdicts.video.metrics.auc == 0.0
    assert len(result.scores.videos) == 40


def test_labels_may_come_from_elsewhere(
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    table = tmp_path / "scores.csv"
    table.write_text("id,score\np4_real.mp4,0.1\np5_real.mp4,0.2\n", encoding="utf-8")
    result = avdf.evaluate(table, avdf.EvaluateOptions(labels=synthetic_manifest))
    assert len(result.scores.videos) == 6
    assert not result.complete


def test_figures_are_written_on_request(table: Path, tmp_path: Path) -> None:
    result = avdf.evaluate(table, out=tmp_path / "out")
    document = json.loads(
        (tmp_path / "out" / "metrics.json").read_text(encoding="utf-8")
    )
    assert document == json.loads(result.as_json())
    assert len(read_table(tmp_path / "out" / "videos.csv")) == 20
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<title>avdf: scores of scores.csv</title>" in page


def test_a_table_is_not_overwritten(table: Path) -> None:
    with pytest.raises(SettingsError, match="would be written over it"):
        avdf.evaluate(table, out=table.parent)


def test_an_unknown_protocol_is_refused(table: Path) -> None:
    with pytest.raises(SettingsError, match="ethnic"):
        avdf.evaluate(table, avdf.EvaluateOptions(protocol="ethnic"))
