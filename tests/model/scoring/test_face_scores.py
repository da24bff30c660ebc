"""Faces of files, judged alone: each by its segments, and with its own voice."""

from dataclasses import replace

import numpy as np
import pytest

from avdf.cache.core.video_measures import VideoMeasures
from avdf.model.config import DetectorConfig
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import SegmentScores
from avdf.model.likelihood.ratio_bounds import RatioBounds
from avdf.model.likelihood.ratio_model import RatioModel
from avdf.model.likelihood.reference_videos import MeasureRange, ReferenceVideos
from avdf.model.logistic import Logistic
from avdf.model.scoring.face_rows import FaceRow
from avdf.model.scoring.face_scores import NO_SPEECH, NOBODY_TOLD, judge_faces
from avdf.model.scoring.measured import Measured, SegmentFaces, segment_faces
from avdf.model.scoring.subjects import Subject, subject_of
from avdf.model.scoring.tables import file_rows, segment_rows, video_rows
from avdf.model.speaking.speech import Speech
from avdf.model.synchrony.offset_curves import OFFSETS, OffsetCurves
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict
from tests.helpers.prepared import grey_track, grey_video

JUDGEMENT = Judgement("mean", Thresholds(0.5, 0.5, 0.5, "validation"))
CONFIG = DetectorConfig()


def subject(faces: int = 2) -> Subject:
    """A video of several persons, each seen for three segments."""
    tracks = tuple(replace(grey_track(48), face=number + 1) for number in range(faces))
    return subject_of(grey_video("a", tracks))


def measured(p: dict[int, list[float]], speech: dict[int, list[Speech]]) -> Measured:
    """Segments of the faces of one video, with the same P(fake) for each verdict."""
    values = np.array([one for own in p.values() for one in own])
    count = len(values)
    shape = (count, len(OFFSETS))
    curves = OffsetCurves(
        np.linspace(0, 1, count * len(OFFSETS)).reshape(shape).astype(np.float32),
        np.full(shape, 16, np.int32),
    )
    segments = SegmentScores(
        np.zeros(count, np.int64),
        PerVerdict.same(values),
        np.tile(values[:, None], (1, 16)),
        curves,
    )
    states = [(face, np.array(speech[face])) for face in p]
    starts = tuple(0.64 * number for number in range(count))
    return Measured(segments, starts, faces=segment_faces(states))


def judged(found: Measured) -> tuple[FaceRow, ...]:
    return judge_faces([(0, subject())], found, JUDGEMENT)[0]


ALONE, SPEAKS, UNTOLD, LISTENS = Speech


def test_the_video_verdict_rests_on_segments_with_its_own_voice() -> None:
    found = measured(
        {1: [0.1, 0.2, 0.9], 2: [0.3, 0.4, 0.5]},
        {1: [SPEAKS, SPEAKS, LISTENS], 2: [LISTENS, LISTENS, SPEAKS]},
    )
    first, second = judged(found)
    assert first.probability.video == pytest.approx(0.15)
    assert first.probability.visual == pytest.approx(0.4)
    assert first.probability.audio == pytest.approx(0.4)
    assert second.probability.video == pytest.approx(0.5)
    assert (first.speaks, second.speaks) == ("yes", "yes")
    assert (first.segments, second.segments) == (3, 3)
    assert (first.voiced, second.voiced) == (2, 1)
    assert first.distance == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("states", "speaks", "note"),
    [
        ([LISTENS] * 3, "no", NO_SPEECH),
        ([LISTENS, LISTENS, UNTOLD], "no", NO_SPEECH),
        ([UNTOLD, UNTOLD, LISTENS], "cannot be told", NOBODY_TOLD),
    ],
)
def test_synchrony_is_examined_of_speakers_alone(
    states: list[Speech], speaks: str, note: str
) -> None:
    found = measured({1: [0.1] * 3, 2: [0.2] * 3}, {1: states, 2: [SPEAKS] * 3})
    silent, speaker = judged(found)
    assert (silent.speaks, silent.sync.note, silent.sync.sync) == (speaks, note, None)
    assert speaker.sync.sync is not None


def test_a_face_alone_is_compared_with_the_sound() -> None:
    found = measured({1: [0.1] * 3, 2: [0.2] * 3}, {1: [ALONE] * 3, 2: [ALONE] * 3})
    for row in judged(found):
        assert row.speaks == "" and row.sync.sync is not None


@pytest.mark.parametrize(
    ("states", "speaks"),
    [
        ([LISTENS, LISTENS, UNTOLD], "no"),
        ([ALONE, LISTENS, LISTENS], "cannot be told"),
        ([ALONE, UNTOLD, UNTOLD], "cannot be told"),
        ([ALONE, LISTENS, SPEAKS], "yes"),
    ],
)
def test_a_moment_alone_does_not_hide_who_speaks_beside_others(
    states: list[Speech], speaks: str
) -> None:
    """Where the face is alone, the sound may be its voice, and is compared with it."""
    found = measured({1: [0.1] * 3, 2: [0.2] * 3}, {1: states, 2: [SPEAKS] * 3})
    row, _ = judged(found)
    assert row.speaks == speaks
    assert (row.sync.sync is None) == (speaks == "no")


def test_one_person_is_scored_as_a_video_is() -> None:
    """To the bit: the same segments, in the same order."""
    p = {1: [0.11, 0.23, 0.57]}
    found = measured(p, {1: [ALONE] * 3})
    one = subject(1)
    (row,), (face,) = file_rows([one], found, JUDGEMENT, CONFIG)
    (plain,) = video_rows([one], found, JUDGEMENT, CONFIG)
    assert replace(row, faces=plain.faces) == plain
    assert (face.probability, face.decides) == (row.probability, "video, visual, audio")
    assert (row.faces.count, row.faces.video) == (1, 1)


def test_segments_say_whom_they_show() -> None:
    found = measured({1: [0.1], 2: [0.2]}, {1: [ALONE], 2: [ALONE]})
    rows = segment_rows([subject()], found, JUDGEMENT)
    assert [row.face for row in rows] == [1, 2]
    without = segment_rows([subject()], replace(found, faces=None), JUDGEMENT)
    assert [row.face for row in without] == [None, None]


def test_faces_are_seen_where_their_tracks_are() -> None:
    tracks = (
        replace(grey_track(32), face=1, start=0.0),
        replace(grey_track(16), face=2, start=0.4, note="hardly moves"),
        replace(grey_track(16), face=1, start=2.0),
    )
    video = replace(grey_video("a", tracks, offset=1.0), duration=2.64)
    first, second = subject_of(video).faces
    assert (first.start, first.end, first.tracks) == (1.0, 3.64, 2)
    assert first.share == pytest.approx(48 / 25 / 2.64, abs=1e-3)
    assert (second.start, second.end, second.note) == (1.4, 2.04, "hardly moves")


def test_states_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="states of speech"):
        SegmentFaces(np.ones(3, np.int64), np.ones(2, np.int64))


def test_each_person_answers_for_the_ratios_that_rest_on_it() -> None:
    model = RatioModel(Logistic(1.0, 0.0), RatioBounds(-1.0, 1.0), 20, 20)
    limits = MeasureRange(40, (90.0, 95.0, 100.0, 105.0, 110.0))
    judgement = replace(
        JUDGEMENT,
        ratios=PerVerdict.same(model),
        reference=ReferenceVideos(40, {"face_side": limits}),
    )
    sides = {1: 100.0, 2: 30.0}
    measures = {
        face: VideoMeasures(2.0, face_side=side) for face, side in sides.items()
    }
    pair = replace(subject(), measures=measures)
    # The second person is the most suspicious one.
    found = measured({1: [0.1] * 3, 2: [0.9] * 3}, {1: [ALONE] * 3, 2: [ALONE] * 3})
    (row,), (first, second) = file_rows([pair], found, judgement, CONFIG)
    assert None not in list(first.log10_ratio) and first.unlike == ()
    assert (second.log10_ratio.visual, second.log10_ratio.video) == (None, None)
    assert row.log10_ratio == second.log10_ratio and row.log10_ratio.audio is not None
    assert row.reason.startswith(
        "likelihood ratio of visual and video (face 2) withheld: the square around the face is 30"
    )
    # Where no verdict rests on it, a face that is unlike them changes nothing.
    found = measured({1: [0.9] * 3, 2: [0.1] * 3}, {1: [ALONE] * 3, 2: [ALONE] * 3})
    (row,), _ = file_rows([pair], found, judgement, CONFIG)
    assert None not in list(row.log10_ratio) and row.reason == ""
