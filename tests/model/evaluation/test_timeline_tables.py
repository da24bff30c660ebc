"""Lines of `timeline.csv` and `intervals.csv`."""

from dataclasses import replace

from avdf.cache.core.labels import FAKE
from avdf.cache.files.csv_table import flat
from avdf.model.evaluation.timeline_tables import (
    TIMELINE_COLUMNS,
    interval_rows,
    timeline_rows,
)
from avdf.model.inference.decision import Judgement
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict
from tests.helpers.timelines import timeline, timeline_with_peak
from tests.helpers.video_scores import video_score

PEAK = timeline_with_peak(25, 50)
SCORES = ScoredVideos((video_score("a", FAKE, 0.5),), (), timelines={"a": (PEAK,)})
JUDGEMENT = Judgement("mean", Thresholds())


def test_every_frame_has_a_line() -> None:
    rows = [flat(row, TIMELINE_COLUMNS) for row in timeline_rows(SCORES)]
    assert len(rows) == 100
    assert [row["time"] for row in rows[:3]] == [0.0, 0.04, 0.08]
    assert (rows[0]["p_video"], rows[25]["p_audio"], rows[25]["distance"]) == (
        0.1,
        0.9,
        0.9,
    )


def test_what_was_not_judged_is_empty() -> None:
    silent = timeline([float("nan")] * 3)
    scores = replace(SCORES, timelines={"a": (silent,)})
    (row, *_) = timeline_rows(scores)
    assert row.probability == PerVerdict(None, None, None) and row.distance is None


def test_times_are_those_of_the_file() -> None:
    scores = replace(SCORES, timelines={"a": (timeline([0.1, 0.2], start=1.5),)})
    assert [row.time for row in timeline_rows(scores)] == [1.5, 1.54]


def test_each_verdict_has_its_intervals() -> None:
    rows = list(interval_rows(SCORES, JUDGEMENT))
    assert [row.verdict for row in rows] == ["visual", "audio", "video"]
    assert {(row.id, row.start, row.end) for row in rows} == {("a", 1.0, 2.0)}


def test_intervals_go_by_the_threshold_of_their_verdict() -> None:
    judgement = replace(JUDGEMENT, thresholds=Thresholds(visual=0.95))
    assert [row.verdict for row in interval_rows(SCORES, judgement)] == [
        "audio",
        "video",
    ]


def test_a_video_without_verdicts_has_no_suspect_interval() -> None:
    judgement = replace(JUDGEMENT, only_synthetic=True)
    assert list(interval_rows(SCORES, judgement)) == []
