"""Two tables of scores compared on the videos that both have."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import avdf
from avdf.cache.core.errors import SettingsError
from avdf.model.delong import delong
from tests.helpers.command import call

Rows = list[dict[str, object]]


def rows_of(seed: int, strength: float, count: int = 60) -> Rows:
    """Rows of a table: two videos of each person, half of the persons fake, all in `test`."""
    random = np.random.default_rng(seed)
    found: Rows = []
    for number in range(count):
        label = number // 2 % 2
        logit = strength * (label - 0.5) + random.normal()
        found.append(
            {
                "id": f"v{number}",
                "p_video": 1 / (1 + np.exp(-logit)),
                "p_visual": "",
                "label": label,
                "identity": f"p{number // 2}",
                "split": "test",
            }
        )
    return found


def write(path: Path, rows: Rows) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path


def compared(first: Path, second: Path) -> avdf.EvaluateResult:
    return avdf.evaluate(first, avdf.EvaluateOptions(against=second))


def test_only_videos_in_both_tables_count(tmp_path: Path) -> None:
    one, two = rows_of(1, 1.0), rows_of(2, 3.0)
    # Five videos are only in the first table, and the second lists two that nobody knows.
    second = [*two[5:], {**two[0], "id": "x1"}, {**two[1], "id": "x2"}]
    result = compared(write(tmp_path / "a.csv", one), write(tmp_path / "b.csv", second))
    found = result.compared
    assert found is not None and found.one_only == 5
    labels = np.array([row["label"] for row in one[5:]])
    scores = [np.array([row["p_video"] for row in rows[5:]]) for rows in (one, two)]
    test = found.verdicts.video.test
    assert test is not None and test == delong(labels, *scores)
    assert test.first == pytest.approx(roc_auc_score(labels, scores[0]))
    assert test.second == pytest.approx(roc_auc_score(labels, scores[1]))
    assert found.verdicts.visual.test is None
    assert (found.verdicts.video.real, found.verdicts.video.fake) == (27, 28)


def test_a_table_against_itself(tmp_path: Path) -> None:
    table = write(tmp_path / "a.csv", rows_of(1, 1.0))
    found = compared(table, table).compared
    assert found is not None and found.one_only == 0
    video = found.verdicts.video
    assert video.test is not None and video.by_identity is not None
    assert (video.test.difference, video.test.p_value) == (0, 1)
    assert video.by_identity.p_value == 1


def test_the_labels_of_the_second_table_are_not_used(tmp_path: Path) -> None:
    one, two = rows_of(1, 1.0), rows_of(2, 3.0)
    wrong = [{**row, "label": 1} for row in two]
    first = write(tmp_path / "a.csv", one)
    right = compared(first, write(tmp_path / "b.csv", two)).as_dict()
    other = compared(first, write(tmp_path / "c.csv", wrong)).as_dict()
    assert right["comparison"]["video"] == other["comparison"]["video"]


def test_two_tables_of_different_videos_are_refused(tmp_path: Path) -> None:
    other = [{**row, "id": f"w{row['id']}"} for row in rows_of(2, 1.0)]
    with pytest.raises(SettingsError, match=r"b\.csv"):
        compared(
            write(tmp_path / "a.csv", rows_of(1, 1.0)),
            write(tmp_path / "b.csv", other),
        )


def test_videos_of_another_split_are_no_comparison(tmp_path: Path) -> None:
    one = rows_of(1, 1.0)
    for row in one[:20]:
        row["split"] = "val"
    with pytest.raises(SettingsError, match="none of its 10 ids is among the 40"):
        compared(write(tmp_path / "a.csv", one), write(tmp_path / "b.csv", one[:10]))


def test_one_class_alone_leaves_nothing_to_compare(tmp_path: Path) -> None:
    one = rows_of(1, 1.0)
    fakes = [row for row in one if row["label"] == 1]
    result = compared(write(tmp_path / "a.csv", one), write(tmp_path / "b.csv", fakes))
    assert "nothing to compare" in str(result)
    assert result.as_dict()["comparison"]["video"]["delong"] is None


def test_the_command_prints_and_writes_it(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", rows_of(1, 1.0))
    second = write(tmp_path / "b.csv", rows_of(2, 4.0))
    out = tmp_path / "out"
    code, text = call("evaluate", first, "--against", second, "--out", out)
    assert code == 0
    assert "DeLong: +0." in text and "bootstrap over 30 persons: +0." in text
    document = json.loads((out / "metrics.json").read_text())["comparison"]
    assert document["against"] == str(second)
    assert document["video"]["difference"] > 0.1
    assert document["video"]["delong"]["p_value"] < 0.05
    assert document["video"]["bootstrap_over_identities"]["draws"] == 1000
    page = (out / "report.html").read_text()
    assert "Beside a second detector" in page and "DeLong" in page


def test_a_report_without_a_second_table_has_no_such_part(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", rows_of(1, 1.0))
    assert call("evaluate", first, "--out", tmp_path / "out")[0] == 0
    assert "second detector" not in (tmp_path / "out/report.html").read_text()
    assert "comparison" not in (tmp_path / "out/metrics.json").read_text()
