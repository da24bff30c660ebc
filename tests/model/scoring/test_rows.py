"""Rows of the tables: composed in memory, flat in the file."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from avdf.cache.core.video import VideoInfo
from avdf.cache.files.csv_table import flat, write_table
from avdf.model.inference.decision import ONLY_SYNTHETIC, Judgement
from avdf.model.scoring.probabilities import NO_VERDICTS, NOT_SCORED
from avdf.model.scoring.rows import (
    SEGMENT_COLUMNS,
    VIDEO_COLUMNS,
    ScoredVideos,
    SegmentRow,
    scored_row,
    unscored_row,
)
from avdf.model.synchrony.synchrony import Synchrony
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict

INFO = VideoInfo(
    id="a",
    path="a.mp4",
    label=1,
    label_visual=1,
    label_audio=0,
    split="test",
)
JUDGEMENT = Judgement("mean", Thresholds(), rests_on="rests on tests")
PROBABILITY = PerVerdict[float | None](visual=0.9, audio=0.1, video=None)


def test_each_verdict_is_judged_by_its_own_probability() -> None:
    row = scored_row(INFO, PROBABILITY, JUDGEMENT)
    assert row.verdict == PerVerdict(visual="fake", audio="real", video="")
    assert row.rests_on == "rests on tests"


def test_a_recording_gets_no_verdict_from_a_synthetic_run() -> None:
    judgement = replace(JUDGEMENT, only_synthetic=True)
    row = scored_row(INFO, PROBABILITY, judgement)
    assert row.verdict == NO_VERDICTS
    assert row.reason == ONLY_SYNTHETIC
    assert row.probability == PROBABILITY


def test_a_recording_gets_no_likelihood_ratio_from_a_synthetic_run() -> None:
    judgement = replace(JUDGEMENT, only_synthetic=True)
    ratios = PerVerdict[float | None](visual=1.5, audio=-0.5, video=None)
    row = scored_row(INFO, PROBABILITY, judgement, log10_ratio=ratios)
    assert row.log10_ratio == NOT_SCORED
    generated = replace(INFO, synthetic=True)
    row = scored_row(generated, PROBABILITY, judgement, log10_ratio=ratios)
    assert row.log10_ratio == ratios


def test_a_recording_gets_no_verdict_on_synchrony_from_a_synthetic_run() -> None:
    judgement = replace(JUDGEMENT, only_synthetic=True)
    found = Synchrony(-0.1, 0.2, 40, 0.9, "out of sync", curve=(1.0,) * 51)
    row = scored_row(INFO, PROBABILITY, judgement, sync=found)
    assert row.sync == replace(found, verdict="", offset_ms=None)
    synthetic = scored_row(
        replace(INFO, synthetic=True), PROBABILITY, judgement, sync=found
    )
    assert synthetic.sync == found


def test_synchrony_lies_flat_in_the_table() -> None:
    found = Synchrony(-0.1, 0.2, 40, 0.9, "out of sync", "a note")
    row = scored_row(INFO, PROBABILITY, JUDGEMENT, sync=found)
    columns = list(flat(row, VIDEO_COLUMNS).items())
    first = columns.index(("sync", -0.1))
    assert columns[first : first + 6] == [
        ("sync", -0.1),
        ("sync_depth", 0.2),
        ("offset_ms", 40),
        ("p_sync", 0.9),
        ("verdict_sync", "out of sync"),
        ("sync_note", "a note"),
    ]


def test_a_synthetic_video_gets_its_verdicts_from_a_synthetic_run() -> None:
    judgement = replace(JUDGEMENT, only_synthetic=True)
    row = scored_row(replace(INFO, synthetic=True), PROBABILITY, judgement)
    assert row.verdict.visual == "fake" and row.reason == ""


def test_a_video_without_scores_has_a_reason() -> None:
    row = unscored_row(INFO, "no_face", "no face found")
    assert (row.status, row.reason) == ("no_face", "no face found")
    assert row.probability == NOT_SCORED and row.verdict == NO_VERDICTS


def test_only_videos_with_scores_are_scored() -> None:
    good, lost = (
        scored_row(INFO, PROBABILITY, JUDGEMENT),
        unscored_row(INFO, "corrupt", ""),
    )
    assert ScoredVideos((good, lost), ()).scored == (good,)


def test_the_columns_of_the_videos_table_stay() -> None:
    assert list(VIDEO_COLUMNS) == [
        "id",
        "path",
        "label",
        "label_visual",
        "label_audio",
        "p_visual",
        "p_audio",
        "p_video",
        "verdict",
        "verdict_visual",
        "verdict_audio",
        "distance",
        "segments",
        "status",
        "reason",
        "examined",
        "leading_silence",
        "dataset",
        "split",
        "category",
        "method",
        "identity",
        "group",
        "gender",
        "synthetic",
        "rests_on",
        "sync",
        "sync_depth",
        "offset_ms",
        "p_sync",
        "verdict_sync",
        "sync_note",
        "log10_lr_visual",
        "log10_lr_audio",
        "log10_lr_video",
        "faces",
        "face",
        "face_visual",
        "face_audio",
        "face_sync",
    ]


def test_a_row_lies_flat_in_the_table(tmp_path: Path) -> None:
    row = scored_row(INFO, PROBABILITY, JUDGEMENT, distance=0.25, segments=3)
    write_table(tmp_path / "videos.csv", VIDEO_COLUMNS, [row])
    with (tmp_path / "videos.csv").open(encoding="utf-8", newline="") as file:
        (found,) = csv.DictReader(file)
    assert (
        found["id"] == "a" and found["label_visual"] == "1" and found["split"] == "test"
    )
    assert (found["p_visual"], found["p_audio"], found["p_video"]) == ("0.9", "0.1", "")
    assert (found["verdict"], found["verdict_visual"]) == ("", "fake")
    assert (found["distance"], found["segments"], found["synthetic"]) == (
        "0.25",
        "3",
        "0",
    )


def test_a_table_without_rows_has_its_header(tmp_path: Path) -> None:
    write_table(tmp_path / "segments.csv", SEGMENT_COLUMNS, [])
    text = (tmp_path / "segments.csv").read_text(encoding="utf-8")
    columns = "id,start,end,p_visual,p_audio,p_video,distance,sync,sync_depth,offset_ms"
    assert text == f"{columns},face\n"


def test_a_flat_row_keeps_its_values() -> None:
    row = SegmentRow("a", 0.0, 0.64, PROBABILITY, None)
    assert flat(row, SEGMENT_COLUMNS) == {
        "id": "a",
        "start": 0.0,
        "end": 0.64,
        "p_visual": 0.9,
        "p_audio": 0.1,
        "p_video": None,
        "distance": None,
        "sync": None,
        "sync_depth": None,
        "offset_ms": None,
        "face": None,
    }


@pytest.mark.parametrize("column", ["p_visual", "verdict_audio", "identity"])
def test_every_column_names_a_value_of_the_row(column: str) -> None:
    row = scored_row(INFO, PROBABILITY, JUDGEMENT)
    assert column in flat(row, VIDEO_COLUMNS)
