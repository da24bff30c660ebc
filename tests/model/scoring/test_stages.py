"""The stages of scoring, each on values made by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.missing import NO_AUDIO
from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.inputs_table import Unprepared
from avdf.model.config import DetectorConfig
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import SegmentScores
from avdf.model.inference.tracks import TrackScores
from avdf.model.likelihood.ratio_model import fit_ratio
from avdf.model.scoring.measured import Measured
from avdf.model.scoring.rows import VideoScore
from avdf.model.scoring.settings import ScorerSettings
from avdf.model.scoring.subjects import Subject, subject_of
from avdf.model.scoring.tables import Listed, segment_rows, timelines_of, video_rows
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict
from tests.helpers.prepared import grey_track, grey_video

JUDGEMENT = Judgement(
    aggregate="mean",
    thresholds=Thresholds(0.5, 0.5, 0.5, "validation"),
    temperatures=PerVerdict.same(1.0),
)
CONFIG = DetectorConfig()
P_FAKE = 0.25
DISTANCE = 0.5


def scores(*videos: int) -> SegmentScores:
    """A segment for each given video, with the same P(fake) for each verdict."""
    count = len(videos)
    probability = np.full(count, P_FAKE)
    distances = np.full((count, 16), DISTANCE)
    return SegmentScores(
        np.array(videos, np.int64),
        PerVerdict.same(probability),
        distances,
    )


def track(video: int, start: float = 0.0) -> TrackScores:
    """A track of 32 rows, seen in two windows."""
    first_rows = np.array([0, 16])
    windows = scores(video, video)
    return TrackScores(video, start, 32, first_rows, windows)


def measured(*videos: int, **more: Any) -> Measured:
    """A segment for each given video, one after another in time."""
    starts = tuple(0.64 * number for number in range(len(videos)))
    return Measured(scores(*videos), starts, **more)


def subject(name: str, has_audio: bool = True, notes: tuple[str, ...] = ()) -> Subject:
    """A video that begins with one silent frame."""
    info = VideoInfo(id=name, path=name)
    return Subject(info, has_audio, 0.04, notes)


def row_of(
    one: Subject,
    found: Measured,
    config: DetectorConfig = CONFIG,
) -> VideoScore:
    """The row of the only video."""
    (row,) = video_rows([one], found, JUDGEMENT, config)
    return row


# Options


def test_a_stride_that_misses_segments_is_refused() -> None:
    with pytest.raises(SettingsError, match="a stride of 5 frames"):
        ScorerSettings(stride=5)


@pytest.mark.parametrize(
    ("settings", "whole"),
    [
        (ScorerSettings(), False),
        (ScorerSettings(stride=4), True),
        (ScorerSettings(perturb=lambda clip: clip), True),
    ],
)
def test_timelines_and_perturbations_need_whole_tracks(
    settings: ScorerSettings,
    whole: bool,
) -> None:
    assert settings.whole_tracks is whole


# Videos and tracks


@pytest.mark.parametrize(
    ("seconds", "rows"),
    [
        (0.041, 2),  # a little more than one frame of 0.04 s
        (None, 0),
    ],
)
def test_leading_silence_covers_whole_frames(
    seconds: float | None,
    rows: int,
) -> None:
    one = replace(subject("a"), silence=seconds)
    assert one.silent_rows == rows


def test_a_video_has_audio_where_one_of_its_tracks_has() -> None:
    silent = grey_track(32, has_audio=False)
    loud = grey_track(32)
    assert subject_of(grey_video("a", [silent, loud])).has_audio


def test_a_video_of_silent_tracks_has_no_audio() -> None:
    silent = grey_track(32, has_audio=False)
    assert not subject_of(grey_video("b", [silent])).has_audio


def test_a_track_alone_gets_the_number_of_its_video_in_the_list() -> None:
    moved = track(0, start=1.5).of_video(7, 1)
    assert moved.video == 7
    assert moved.windows.video.tolist() == [7, 7]


def test_a_track_keeps_its_start_with_another_number() -> None:
    moved = track(0, start=1.5).of_video(7, 1)
    assert moved.start == 1.5


@pytest.fixture
def second_is_silent() -> Measured:
    """Two videos, of which the second has a track and no audio."""
    both = measured(0, 1, tracks=(track(1),))
    return both.without_audio([1])


def test_silent_videos_keep_only_the_verdict_on_their_frames(
    second_is_silent: Measured,
) -> None:
    fake = second_is_silent.segments.fake
    assert np.isnan(fake.audio).tolist() == [False, True]
    assert np.isfinite(fake.visual).all()


def test_tracks_of_silent_videos_keep_no_verdict_on_the_video(
    second_is_silent: Measured,
) -> None:
    (silent_track,) = second_is_silent.tracks
    assert np.isnan(silent_track.windows.fake.video).all()


# Rows of videos


@pytest.fixture
def rows() -> list[VideoScore]:
    """Rows of a scored video, one with a damaged crop, one without a face, a short one."""
    nobody = Unprepared(VideoInfo(id="c", path="c"), "no_face", "no face found")
    listed: Listed = [
        subject("a"),
        subject("b"),
        nobody,
        subject("d"),
    ]
    found = measured(0, 0, damaged={1: "crop 3 is damaged"})
    return list(video_rows(listed, found, JUDGEMENT, CONFIG))


def test_every_listed_video_has_a_row(rows: list[VideoScore]) -> None:
    assert [row.info.id for row in rows] == ["a", "b", "c", "d"]


def test_every_row_has_a_status(rows: list[VideoScore]) -> None:
    statuses = [row.status for row in rows]
    assert statuses == ["ok", "damaged", "no_face", "too_short"]


def test_a_row_without_scores_says_why(rows: list[VideoScore]) -> None:
    _, damaged, nobody, _ = rows
    assert damaged.reason == "crop 3 is damaged"
    assert nobody.reason == "no face found"


def test_a_row_holds_the_mean_of_its_segments() -> None:
    row = row_of(subject("a"), measured(0, 0))
    assert row.probability.video == P_FAKE
    assert row.distance == DISTANCE
    assert row.segments == 2


def test_a_row_holds_the_verdict() -> None:
    row = row_of(subject("a"), measured(0, 0))
    assert row.verdict.video == "real"  # 0.25 is below the threshold


def test_a_row_holds_the_silence_at_the_start() -> None:
    row = row_of(subject("a"), measured(0, 0))
    assert row.leading_silence == 0.04


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
    row = row_of(subject("a", has_audio), measured(0), config)
    assert row.examined == examined


@pytest.mark.parametrize("only_synthetic", [False, True])
def test_a_row_has_the_ratio_of_its_score_unless_it_is_withheld(
    only_synthetic: bool,
) -> None:
    labels, p = np.repeat([0, 1], 20), np.repeat([0.2, 0.8], 20)
    ratios = PerVerdict(fit_ratio(labels, p), None, fit_ratio(labels, p))
    judging = replace(JUDGEMENT, ratios=ratios, only_synthetic=only_synthetic)

    (row,) = video_rows([subject("a")], measured(0), judging, CONFIG)

    if only_synthetic:
        assert row.log10_ratio == PerVerdict(None, None, None)
        return
    assert ratios.video is not None
    wanted = float(ratios.video.log10_ratio(np.array([P_FAKE]))[0])
    assert row.log10_ratio == PerVerdict(wanted, None, wanted)
    assert wanted < 0


def test_each_reason_to_read_a_row_with_care_is_given_once() -> None:
    # That there is no audio is said by the notes and by the row itself.
    notes = ("deinterlaced", NO_AUDIO, "")
    silent = subject("a", has_audio=False, notes=notes)
    row = row_of(silent, measured(0))
    assert row.reason == f"deinterlaced; {NO_AUDIO}"


# Rows of segments


def test_segments_are_rows_in_file_time() -> None:
    listed = [subject("a"), subject("b")]
    rows = segment_rows(listed, measured(0, 0, 1), JUDGEMENT)
    # A segment is 16 frames at 25 frames a second.
    assert [(row.id, row.start, row.end) for row in rows] == [
        ("a", 0.0, 0.64),
        ("a", 0.64, 1.28),
        ("b", 1.28, 1.92),
    ]


def test_what_was_not_scored_is_none() -> None:
    muted = measured(0).without_audio([0])
    silent = subject("a", has_audio=False)
    (row,) = segment_rows([silent], muted, JUDGEMENT)
    assert row.probability == PerVerdict(P_FAKE, None, None)
    assert row.distance is None


# Timelines


def test_timelines_belong_to_the_video_of_their_track() -> None:
    listed = [subject("a"), subject("b")]
    tracks = (track(1, start=2.0), track(1, start=5.0))
    found = measured(0, 1, tracks=tracks)

    timelines = timelines_of(listed, found, JUDGEMENT)

    assert list(timelines) == ["b"]
    starts = [timeline.start for timeline in timelines["b"]]
    assert starts == [2.0, 5.0]


def test_a_track_without_a_window_has_no_timeline() -> None:
    no_rows = np.empty(0, np.int64)
    short = TrackScores(0, 0.0, 12, no_rows, SegmentScores.empty())
    found = measured(0, tracks=(short,))
    assert timelines_of([subject("a")], found, JUDGEMENT) == {}


def test_a_timeline_is_on_the_scale_of_its_verdict() -> None:
    """A verdict has its own temperature, which divides the logit of its scores."""
    temperatures = PerVerdict(visual=1.0, audio=1.0, video=2.0)
    warm = replace(JUDGEMENT, temperatures=temperatures)
    found = measured(0, tracks=(track(0),))

    (timeline,) = timelines_of([subject("a")], found, warm)["a"]

    np.testing.assert_allclose(timeline.fake.visual, P_FAKE)
    # sigmoid(logit(1 / 4) / 2), where logit(1 / 4) = -log 3.
    expected = 1 / (1 + 3**0.5)
    np.testing.assert_allclose(timeline.fake.video, expected)
