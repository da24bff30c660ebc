"""Who speaks in a file: by the mouths, and by a run that has learned synchrony."""

import numpy as np
import pytest

from avdf.cache.core.clock import SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.core.video import PreparedVideo, Track
from avdf.cache.stream.clips import TrackClip
from avdf.model.inference.segments import SegmentScores
from avdf.model.inference.tracks import TrackScores
from avdf.model.scoring.file_speech import FileSpeech
from avdf.model.speaking.mouth import Frames
from avdf.model.speaking.speech import Speech
from avdf.model.synchrony.calibration import SyncCalibration
from avdf.model.synchrony.offset_curves import MOST_FRAMES, OFFSETS, OffsetCurves
from avdf.model.verdicts import PerVerdict
from tests.helpers.prepared import grey_track, grey_video
from tests.helpers.talking import ROWS, faces, loudness, voice

ALONE, SPEAKS, UNTOLD, LISTENS = Speech
STILL = np.zeros(ROWS)
CALIBRATION = SyncCalibration(
    slope=20.0,
    intercept=4.0,
    threshold=0.5,
    depth=0.1,
    genuine=10,
    apart=10,
    auc=0.95,
    interval=(0.9, 1.0),
    by_kind={},
    genuine_depth=0.3,
    segment_depth=0.2,
)


def scores_of(track: Track, fits: bool) -> TrackScores:
    """Scores of a track whose sound fits its lips, or does not."""
    first = np.arange(0, len(track) - SEGMENT_FRAMES + 1, SEGMENT_FRAMES)
    sums = np.full((len(first), len(OFFSETS)), 0.8 * SEGMENT_FRAMES, np.float32)
    if fits:
        sums[:, MOST_FRAMES] = 0.2 * SEGMENT_FRAMES
    curves = OffsetCurves(sums, np.full(sums.shape, SEGMENT_FRAMES, np.int32))
    values = np.full(len(first), 0.5)
    segments = SegmentScores(
        np.zeros(len(first), np.int64),
        PerVerdict.same(values),
        np.full((len(first), 16), 0.5),
        curves,
    )
    return TrackScores(0, track.start, len(track), first, segments)


def told(
    video: PreparedVideo, seen: list[Frames], fits: tuple[bool, ...] | None = None
) -> list[list[int]]:
    """Whether the face of each track speaks in each of its segments.

    Args:
        seen: the frames of each track.
        fits: whether a run finds each track in sync; None: the run has not learned synchrony.
    """
    watcher = FileSpeech(video)
    clips = [
        TrackClip(0, track.start, frames, track.pcm)
        for track, frames in zip(video.tracks, seen, strict=True)
    ]
    assert len(list(watcher.watch(iter(clips)))) == len(clips)
    scores = [
        scores_of(track, one)
        for track, one in zip(video.tracks, fits or (), strict=fits is not None)
    ]
    states = watcher.states(scores, CALIBRATION if fits else None)
    return [own.tolist() for own in states]


def video_of(*tracks: Track) -> PreparedVideo:
    return grey_video("a", tracks)


def test_two_persons_who_speak_in_turns_are_told() -> None:
    level = loudness(1, 2 * ROWS)
    sound = voice(level)
    video = video_of(grey_track(150, pcm=sound), grey_track(150, pcm=sound))
    first = faces(np.concatenate([level[:ROWS], STILL]), 5)
    second = faces(np.concatenate([STILL, level[ROWS:]]), 6)
    before, after = told(video, [first, second])
    # Nine segments; the fifth lies in both windows, the most of it in the first.
    assert before == [SPEAKS] * 5 + [LISTENS] * 4
    assert after == [LISTENS] * 5 + [SPEAKS] * 4


def test_nobody_is_told_where_no_mouth_moves_with_the_sound() -> None:
    sound = voice(loudness(1))
    video = video_of(grey_track(75, pcm=sound), grey_track(75, pcm=sound))
    states = told(video, [faces(STILL, 5), faces(loudness(2), 6)])
    assert states == [[UNTOLD] * 4] * 2


def test_faces_one_after_another_are_alone() -> None:
    sound = voice(loudness(1))
    video = video_of(grey_track(75, pcm=sound), grey_track(75, start=3.0, pcm=sound))
    assert told(video, [faces(STILL, 5), faces(STILL, 6)]) == [[ALONE] * 4] * 2


def test_a_short_time_together_says_nothing() -> None:
    """Of the last 27 rows of the first track most are shared: fewer than 48 frames."""
    sound = voice(loudness(1))
    video = video_of(grey_track(75, pcm=sound), grey_track(75, start=1.92, pcm=sound))
    first, second = told(video, [faces(loudness(1), 5), faces(STILL, 6)])
    assert first == [ALONE, ALONE, ALONE, UNTOLD]
    assert second == [UNTOLD, UNTOLD, ALONE, ALONE]


def test_a_silent_file_has_no_speaker() -> None:
    silence = np.zeros(75 * SAMPLES_PER_FRAME, np.int16)
    track = grey_track(75, pcm=silence, has_audio=False)
    states = told(video_of(track, track), [faces(loudness(1), 5), faces(STILL, 6)])
    assert states == [[ALONE] * 4] * 2


@pytest.mark.parametrize(
    ("fits", "state"),
    [
        ((True, False), (SPEAKS, LISTENS)),
        ((True, True), (UNTOLD, UNTOLD)),
        ((False, False), (UNTOLD, UNTOLD)),
    ],
)
def test_a_run_that_has_learned_synchrony_is_asked_where_mouths_say_nothing(
    fits: tuple[bool, bool], state: tuple[Speech, Speech]
) -> None:
    sound = voice(loudness(1))
    video = video_of(grey_track(75, pcm=sound), grey_track(75, pcm=sound))
    first, second = told(video, [faces(STILL, 5), faces(STILL, 6)], fits)
    assert (set(first), set(second)) == ({state[0]}, {state[1]})


def test_where_mouths_and_the_run_contradict_nobody_can_tell() -> None:
    sound = voice(loudness(1))
    video = video_of(grey_track(75, pcm=sound), grey_track(75, pcm=sound))
    seen = [faces(loudness(1), 5), faces(STILL, 6)]
    assert told(video, seen, (True, False))[0] == [SPEAKS] * 4
    assert told(video, seen, (False, True)) == [[UNTOLD] * 4] * 2
