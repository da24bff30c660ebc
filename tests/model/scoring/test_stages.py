"""The stages of scoring, each on values made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.inputs_table import Unprepared
from avdf.cache.stream.silence import NO_AUDIO
from avdf.model.config import DetectorConfig
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import SegmentScores
from avdf.model.inference.tracks import TrackScores
from avdf.model.scoring.measured import Measured
from avdf.model.scoring.options import ScoringOptions
from avdf.model.scoring.subjects import Subject, subject_of
from avdf.model.scoring.tables import Listed, segment_rows, timelines_of, video_rows
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict
from tests.helpers.prepared import grey_track, grey_video

JUDGEMENT = Judgement(
    "mean", Thresholds(0.5, 0.5, 0.5, "validation"), PerVerdict.same(1.0)
)
CONFIG = DetectorConfig()


def scores(*videos: int, p_fake: float = 0.25) -> SegmentScores:
    """A segment for each given video, with the same P(fake) for each verdict."""
    probability = np.full(len(videos), p_fake)
    distances = np.full((len(videos), 16), 0.5)
    return SegmentScores(
        np.array(videos, np.int64), PerVerdict.same(probability), distances
    )


def track(video: int, start: float = 0.0) -> TrackScores:
    """A track of 32 rows, seen in two windows."""
    return TrackScores(video, start, 32, np.array([0, 16]), scores(video, video))


def measured(*videos: int) -> Measured:
    starts = tuple(0.64 * number for number in range(len(videos)))
    return Measured(scores(*videos), starts)


def subject(name: str, has_audio: bool = True, notes: tuple[str, ...] = ()) -> Subject:
    return Subject(VideoInfo(id=name, path=name), has_audio, 0.04, notes)


def test_a_stride_that_misses_segments_is_refused() -> None:
    with pytest.raises(SettingsError, match="a stride of 5 frames"):
        ScoringOptions(stride=5)


@pytest.mark.parametrize(
    ("options", "whole"),
    [
        (ScoringOptions(), False),
        (ScoringOptions(stride=4), True),
        (ScoringOptions(perturb=lambda clip: clip), True),
    ],
)
def test_timelines_and_perturbations_need_whole_tracks(
    options: ScoringOptions,
    whole: bool,
) -> None:
    assert options.whole_tracks is whole


def test_leading_silence_covers_whole_frames() -> None:
    assert replace(subject("a"), silence=0.041).silent_rows == 2
    assert replace(subject("a"), silence=None).silent_rows == 0


def test_a_video_has_audio_where_one_of_its_tracks_has() -> None:
    silent = grey_track(32, has_audio=False)
    assert subject_of(grey_video("a", [silent, grey_track(32)])).has_audio
    assert not subject_of(grey_video("b", [silent])).has_audio


def test_a_track_alone_gets_the_number_of_its_video_in_the_list() -> None:
    moved = track(0, start=1.5).of_video(7)
    assert (moved.video, moved.start) == (7, 1.5)
    assert moved.windows.video.tolist() == [7, 7]


def test_silent_videos_keep_only_the_verdict_on_their_frames() -> None:
    both = replace(measured(0, 1), tracks=(track(1),))
    muted = both.without_audio([1])
    assert np.isnan(muted.segments.fake.audio).tolist() == [False, True]
    assert np.isfinite(muted.segments.fake.visual).all()
    assert np.isnan(muted.tracks[0].windows.fake.video).all()


def test_every_listed_video_has_a_row() -> None:
    lost = Unprepared(VideoInfo(id="c", path="c"), "no_face", "no face found")
    listed: Listed = [subject("a"), subject("b"), lost, subject("d")]
    found = replace(measured(0, 0), damaged={1: "crop 3 is damaged"})
    rows = video_rows(listed, found, JUDGEMENT, CONFIG)
    assert [row.info.id for row in rows] == ["a", "b", "c", "d"]
    assert [row.status for row in rows] == ["ok", "damaged", "no_face", "too_short"]
    assert [row.reason for row in rows][1:3] == ["crop 3 is damaged", "no face found"]


def test_a_row_holds_the_mean_of_its_segments() -> None:
    (row,) = video_rows([subject("a")], measured(0, 0), JUDGEMENT, CONFIG)
    assert (row.probability.video, row.distance, row.segments) == (0.25, 0.5, 2)
    assert (row.verdict.video, row.leading_silence) == ("real", 0.04)


@pytest.mark.parametrize(
    ("branches", "has_audio", "examined"),
    [
        ("both", True, "both"),
        ("both", False, "picture"),
        ("visual", True, "picture"),
        ("audio", True, "sound"),
        ("audio", False, ""),
    ],
)
def test_a_row_says_what_was_examined(
    branches: str,
    has_audio: bool,
    examined: str,
) -> None:
    config = DetectorConfig(branches=branches)  # type: ignore[arg-type]  # of three words
    (row,) = video_rows([subject("a", has_audio)], measured(0), JUDGEMENT, config)
    assert row.examined == examined


def test_each_reason_to_read_a_row_with_care_is_given_once() -> None:
    silent = subject("a", False, ("deinterlaced", NO_AUDIO, ""))
    (row,) = video_rows([silent], measured(0), JUDGEMENT, CONFIG)
    assert row.reason == f"deinterlaced; {NO_AUDIO}"


def test_segments_are_rows_in_file_time() -> None:
    listed = [subject("a"), subject("b")]
    rows = segment_rows(listed, measured(0, 0, 1))
    assert [(row.id, row.start, row.end) for row in rows] == [
        ("a", 0.0, 0.64),
        ("a", 0.64, 1.28),
        ("b", 1.28, 1.92),
    ]


def test_what_was_not_scored_is_none() -> None:
    muted = measured(0).without_audio([0])
    (row,) = segment_rows([subject("a", False)], muted)
    assert row.probability == PerVerdict(0.25, None, None)
    assert row.distance is None


def test_timelines_belong_to_the_video_of_their_track() -> None:
    found = replace(measured(0, 1), tracks=(track(1, 2.0), track(1, 5.0)))
    timelines = timelines_of([subject("a"), subject("b")], found, JUDGEMENT)
    assert list(timelines) == ["b"]
    assert [timeline.start for timeline in timelines["b"]] == [2.0, 5.0]


def test_a_track_without_a_window_has_no_timeline() -> None:
    short = TrackScores(0, 0.0, 12, np.empty(0, np.int64), SegmentScores.empty())
    found = replace(measured(0), tracks=(short,))
    assert timelines_of([subject("a")], found, JUDGEMENT) == {}


def test_a_timeline_is_on_the_scale_of_its_verdict() -> None:
    warm = replace(JUDGEMENT, temperatures=PerVerdict(1.0, 1.0, 2.0))
    found = replace(measured(0), tracks=(track(0),))
    (timeline,) = timelines_of([subject("a")], found, warm)["a"]
    expected = 1 / (1 + 3**0.5)  # sigmoid(logit(1/4) / 2)
    np.testing.assert_allclose(timeline.fake.visual, 0.25)
    np.testing.assert_allclose(timeline.fake.video, expected)
