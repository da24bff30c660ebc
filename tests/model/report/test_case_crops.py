"""The crops that a case keeps, and the table that lists them."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from avdf.model.report.case_crops import write_crops
from avdf.model.scoring.rows import SegmentRow
from avdf.model.verdicts import PerVerdict
from tests.helpers.prepared import grey_crop, grey_track, grey_video


def segment(
    start: float, visual: float | None, video: float = 0.5, face: int = 1
) -> SegmentRow:
    probability = PerVerdict(visual, 0.5, video)
    return SegmentRow("a", start, start + 0.64, probability, None, face=face)


def test_ten_crops_and_those_of_high_segments_are_kept_as_they_are(
    tmp_path: Path,
) -> None:
    video = grey_video("a", [grey_track(160)], offset=2.0)
    # Seven segments, of which the fifth and the later ones are the highest.
    segments = [segment(2.0 + 0.64 * index, index / 10) for index in range(7)]
    rows = write_crops(tmp_path, video, segments)
    high = [row.row for row in rows if row.why == "segment with a high P(fake)"]
    assert high == [40, 56, 72, 88, 104]
    assert sum(row.why == "evenly spaced" for row in rows) >= 5
    assert [row.time for row in rows] == sorted(row.time for row in rows)
    for row in rows:
        assert row.time == pytest.approx(2.0 + row.row / 25)
        stored = (tmp_path / "crops" / row.file).read_bytes()
        assert stored == grey_crop(5 * row.row % 256)
    with (tmp_path / "crops.csv").open(encoding="utf-8") as file:
        assert [line["file"] for line in csv.DictReader(file)] == [
            row.file for row in rows
        ]


def test_a_high_segment_is_shown_by_the_face_that_was_scored(tmp_path: Path) -> None:
    # Both faces are followed at the same time.
    video = grey_video("a", [grey_track(160), grey_track(160, face=2)])
    low = [segment(0.64 * index, 0.1) for index in range(10)]
    high = [segment(0.64 * index, 0.9, face=2) for index in range(5)]
    rows = write_crops(tmp_path, video, [*low, *high])
    kept = [row for row in rows if row.why == "segment with a high P(fake)"]
    assert [(row.track, row.row, row.face) for row in kept] == [
        (1, 8 + 16 * index, 2) for index in range(5)
    ]
    with (tmp_path / "crops.csv").open(encoding="utf-8") as file:
        assert {line["face"] for line in csv.DictReader(file)} == {"1", "2"}


def test_without_a_verdict_on_frames_that_on_the_video_decides(tmp_path: Path) -> None:
    video = grey_video("a", [grey_track(160)])
    segments = [segment(0.64 * index, None, 1 - index / 10) for index in range(10)]
    rows = write_crops(tmp_path, video, segments)
    high = [row.row for row in rows if row.why == "segment with a high P(fake)"]
    assert high == [8, 24, 40, 56, 72]


def test_raw_crops_become_png(tmp_path: Path) -> None:
    track = grey_track(16)
    raw = replace(track, crops=tuple(bytes(224 * 224 * 3) for _ in range(16)))
    video = replace(grey_video("a", [raw]), frame_codec="raw")
    for row in write_crops(tmp_path, video, []):
        stored = (tmp_path / "crops" / row.file).read_bytes()
        assert row.file.endswith(".png") and stored.startswith(b"\x89PNG")


def test_sound_alone_has_no_crops_and_no_empty_folder(tmp_path: Path) -> None:
    sound = replace(grey_track(16), crops=(b"",) * 16)
    assert write_crops(tmp_path, grey_video("a", [sound]), [segment(0.0, None)]) == ()
    assert [path.name for path in tmp_path.iterdir()] == ["crops.csv"]
