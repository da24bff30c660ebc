"""The sentences of a case for readers who do not know the method."""

from dataclasses import replace
from typing import Any

import numpy as np

from avdf.cache.core.missing import NO_STREAM, ONLY_SAMPLE
from avdf.cache.core.video import VideoInfo
from avdf.model.evaluation.run_basis import RunBasis, ValidationRecord
from avdf.model.evaluation.timeline_tables import IntervalRow
from avdf.model.inference.decision import ONLY_SYNTHETIC, Judgement
from avdf.model.likelihood.difference import Difference
from avdf.model.likelihood.likeness_words import difference_note
from avdf.model.likelihood.reference_videos import MeasureRange
from avdf.model.report.case_findings import make_findings
from avdf.model.report.case_not_examined import NotExamined, list_not_examined
from avdf.model.report.evidence import Evidence, FaceAppearance
from avdf.model.scoring.face_rows import FaceRow
from avdf.model.scoring.probabilities import NOT_SCORED
from avdf.model.scoring.rows import (
    SegmentRow,
    VideoFaces,
    VideoScore,
    scored_row,
    unscored_row,
)
from avdf.model.scoring.seen_face import SeenFace
from avdf.model.synchrony.calibration import SyncCalibration
from avdf.model.synchrony.judgement import SyncJudgement
from avdf.model.synchrony.synchrony import Synchrony
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict

RECORD = ValidationRecord(10, 20, 0.9, (0.8, 1.0), false_alarms=1, missed=3)
BASIS = RunBasis(
    summary="",
    warnings=(),
    datasets={},
    synthetic={},
    protocol=None,
    epoch=1,
    trained=(),
    backbones={},
    thresholds=PerVerdict.same(0.5),
    origins=PerVerdict.same("validation"),
    validation=PerVerdict.same(RECORD),
    ratios=PerVerdict.same(""),
)
JUDGEMENT = Judgement("mean", Thresholds(0.4, 0.5, 0.6, "validation", ()))
INFO = VideoInfo("a", "a.mp4")
NOT_COMPARED = Synchrony(note="this run has not learned it")


CALIBRATION = SyncCalibration(
    8.0, 1.0, 0.412, 0.25, 20, 140, 0.951, (0.9, 0.98), {"moved sound": 0.95}, 0.5, 0.6
)


def row(judgement: Judgement = JUDGEMENT, **values: Any) -> VideoScore:
    probability = PerVerdict(**{"visual": 0.2, "audio": 0.9, "video": 0.7, **values})
    return scored_row(INFO, probability, judgement, sync=NOT_COMPARED)


def evidence(*faces: tuple[float, float]) -> Evidence:
    return Evidence(
        start=0.0,
        end=4.0,
        times=(),
        crops=np.empty((0, 1, 1, 3), np.uint8),
        mel=np.empty((80, 0), np.float32),
        faces=tuple(FaceAppearance(*face, 1.0, (0, 0, 1, 1)) for face in faces),
    )


def test_a_verdict_is_explained_with_its_number_and_its_record() -> None:
    intervals = [IntervalRow("a", "audio", 1.0, 2.0, 0.9)]
    video, visual, audio = make_findings(row(), JUDGEMENT, BASIS, intervals)
    assert [one.verdict for one in (video, visual, audio)] == ["fake", "real", "fake"]
    assert "it found no sign of a forgery that it knows" in visual.sentences[0]
    assert "The detector's score, P(fake), is 0.700" in video.sentences[1]
    assert "Scores from 0.600 on count as fake" in video.sentences[1]
    assert "found on validation videos" in video.sentences[1]
    assert "above this limit at 1.00–2.00 s" in audio.sentences[2]
    assert "1 of 10 genuine ones were called fake and 3 of 20 fake" in str(video)


def test_a_default_threshold_is_named() -> None:
    judgement = replace(JUDGEMENT, thresholds=Thresholds())
    video, *_ = make_findings(row(judgement), judgement, BASIS, [])
    assert "the default, since validation gave none" in video.sentences[1]


def test_a_withheld_verdict_warns_of_its_number() -> None:
    judgement = replace(JUDGEMENT, only_synthetic=True)
    video, *_ = make_findings(row(judgement), judgement, BASIS, [])
    assert video.verdict == "" and "must not be used as a verdict" in str(video)
    listed = list_not_examined(row(judgement), judgement, None)
    whats = {one.what for one in listed}
    assert "The video as a whole: no verdict" in whats
    # Said once for each verdict, and not as a note on the file too.
    assert "Note on the preparation of the file" not in whats
    assert ONLY_SYNTHETIC in video.sentences[0]


def test_what_has_no_probability_is_listed_with_its_reason() -> None:
    silent = replace(row(audio=None, video=None), examined="picture", reason=NO_STREAM)
    findings = make_findings(silent, JUDGEMENT, BASIS, [])
    assert [one.name for one in findings] == ["visual"]
    listed = {one.what: one.why for one in list_not_examined(silent, JUDGEMENT, None)}
    assert listed["The sound alone"] == "there is no sound to judge"
    assert listed["The video as a whole"] == "there is no sound to judge"
    whether = "Whether picture and sound belong together"
    assert listed[whether] == "this run has not learned it"


def test_sound_alone_and_an_untrained_verdict_are_told_apart() -> None:
    sound = replace(row(visual=None, video=None), examined="sound")
    listed = {one.what: one.why for one in list_not_examined(sound, JUDGEMENT, None)}
    assert listed["The frames alone"] == "of this file only the sound was examined"
    untrained = replace(row(visual=None), examined="both")
    listed = {
        one.what: one.why for one in list_not_examined(untrained, JUDGEMENT, None)
    }
    assert listed["The frames alone"] == "the run was not trained for it"


def test_times_without_a_face_are_listed() -> None:
    found = list_not_examined(row(), JUDGEMENT, evidence((0.5, 2.0), (1.0, 3.0)))
    assert any(one.what == "The file at 0.00–0.50 s, 3.00–4.00 s" for one in found)
    # Sound alone has no faces: then it is no part of the file that is missing.
    for whole in (evidence((0.0, 4.0)), evidence()):
        found = list_not_examined(row(), JUDGEMENT, whole)
        assert not any(one.what.startswith("The file at") for one in found)


def test_a_file_without_scores_has_one_reason() -> None:
    failed = unscored_row(INFO, "no_face", "no face found in 25 frames")
    assert make_findings(failed, JUDGEMENT, BASIS, []) == ()
    (only,) = list_not_examined(failed, JUDGEMENT, None)
    assert only.why == "no face found in 25 frames (status no_face)"


def test_a_withheld_likelihood_ratio_is_explained_beside_its_verdict() -> None:
    limits = MeasureRange(50, (96.0, 100.0, 150.0, 200.0, 210.0))
    small = Difference("face_side", 38.0, limits, ("visual", "video"))
    video_row = replace(row(), unlike=(small,), reason=difference_note(small))
    video, visual, audio = make_findings(video_row, JUDGEMENT, BASIS, [])
    why = (
        "How strongly this score speaks for either side cannot be stated, because the file is "
        "unlike the validation videos: the square around the face is 38 pixels wide, in the 50 "
        "validation videos 96 to 210."
    )
    assert why in video.sentences and why in visual.sentences
    assert why not in audio.sentences
    listed = list_not_examined(video_row, JUDGEMENT, None)
    assert not any("likelihood" in one.why for one in listed)


def test_a_video_that_is_real_names_the_findings_that_do_not_agree() -> None:
    apart = Synchrony(sync=0.1, probability=0.8, verdict="out of sync")
    found = replace(row(video=0.1, visual=0.9, audio=0.2), sync=apart)
    video, *_ = make_findings(found, JUDGEMENT, BASIS, [])
    assert any(
        one.startswith(
            "But the frames alone are called fake and picture and sound are called out of sync"
        )
        for one in video.sentences
    )
    agreeing, *_ = make_findings(row(video=0.1, audio=0.2), JUDGEMENT, BASIS, [])
    assert not any(one.startswith("But ") for one in agreeing.sentences)


def test_a_likelihood_ratio_that_contradicts_its_verdict_is_explained() -> None:
    ratios = PerVerdict[float | None](visual=0.2, audio=-0.2, video=0.5)
    found = replace(row(), log10_ratio=ratios)
    video, visual, audio = make_findings(found, JUDGEMENT, BASIS, [])
    contradicted = [
        any("different directions" in sentence for sentence in one.sentences)
        for one in (video, visual, audio)
    ]
    assert contradicted == [False, True, True]


def face(number: int, left: int, **values: Any) -> FaceRow:
    """A row of a person who is seen for four seconds, from the left at so many pixels."""
    seen = SeenFace(number, 0.0, 4.0, 1.0, 1, left, 0, left + 80, 80)
    return FaceRow("a", seen, **values)


def test_the_person_is_named_and_so_is_another_who_is_called_fake() -> None:
    verdicts = PerVerdict("fake", "real", "fake")
    scores = PerVerdict(visual=0.8, audio=0.2, video=0.7)
    other = face(2, 200, probability=scores, verdict=verdicts, speaks="no")
    persons = [face(1, 0, speaks="yes"), other]
    deciding = VideoFaces(video=1, visual=1, audio=1, sync=1, count=2)
    found = replace(row(video=0.1, visual=0.1, audio=0.1), faces=deciding)
    video, visual, audio = make_findings(found, JUDGEMENT, BASIS, [], persons)
    about = "This result is about face 1 (left, speaks, seen from 0.00 to 4.00 s)."
    assert about in str(video) and about in str(visual)
    assert about not in str(audio)
    assert "about the sound and about none of the 2 persons" in str(audio)
    accused = (
        "But of other persons it says fake: face 2 (right, does not speak, seen from"
    )
    assert accused in str(video) and accused in str(visual)
    # All persons have the same sound.
    assert accused not in str(audio)
    agreeing = replace(row(), faces=deciding)
    video, *_ = make_findings(agreeing, JUDGEMENT, BASIS, [], persons)
    assert accused not in str(video)


def test_scores_that_would_read_like_the_limit_have_more_digits() -> None:
    video, *_ = make_findings(row(video=0.59996), JUDGEMENT, BASIS, [])
    assert video.verdict == "real"
    assert "is 0.59996 on" in str(video) and "Scores from 0.60000 on" in str(video)


def test_a_likelihood_ratio_is_said_as_a_frequency() -> None:
    ratios = PerVerdict[float | None](visual=-1.0, audio=0.1, video=0.5)
    found = replace(row(), log10_ratio=ratios)
    video, visual, audio = make_findings(found, JUDGEMENT, BASIS, [])
    often = "a score like this is about 3.2 times as frequent among fake videos as among genuine"
    assert often in str(video)
    assert "about 10 times as frequent among genuine videos as among fake" in str(
        visual
    )
    assert "about as frequent among genuine videos as among fake" in str(audio)


def test_times_above_the_limit_under_a_verdict_real_are_explained() -> None:
    intervals = [IntervalRow("a", "visual", 1.0, 2.0, 0.9)]
    video, visual, audio = make_findings(row(), JUDGEMENT, BASIS, intervals)
    assert "it is below, so that the verdict is real" in str(visual)
    assert "it is below" not in str(video) + str(audio)


def test_synchrony_says_how_often_it_is_right() -> None:
    judging = replace(JUDGEMENT, sync=SyncJudgement(CALIBRATION, ""))
    apart = Synchrony(sync=0.1, probability=0.8, verdict="out of sync")
    *_, sync = make_findings(replace(row(), sync=apart), judging, BASIS, [])
    assert "Synchrony: checked on" in sync.sentences[-1]
    unsaid = replace(apart, verdict="", note="too short")
    *_, sync = make_findings(replace(row(), sync=unsaid), judging, BASIS, [])
    assert "no verdict is given. The reason: too short." in sync.sentences[0]
    listed = list_not_examined(replace(row(), sync=unsaid), judging, None)
    assert NotExamined("Picture and sound together: no verdict", "too short") in listed


def test_what_is_left_of_a_run_of_a_face_is_listed() -> None:
    shown = evidence((0.0, 1.8), (2.0, 4.0))
    starts = (0.0, 0.64, 2.0, 2.64, 3.28)
    segments = [SegmentRow("a", one, one + 0.64, NOT_SCORED, None) for one in starts]
    found = list_not_examined(row(), JUDGEMENT, shown, segments)
    whats = [one.what for one in found if one.what.startswith("The file at")]
    assert whats == ["The file at 1.80–2.00 s", "The file at 1.28–1.80 s, 3.92–4.00 s"]


def test_the_rest_of_a_sample_is_said_once() -> None:
    sampled = replace(row(), reason=f"{ONLY_SAMPLE}: 1 excerpt of 2.56 s")
    found = list_not_examined(sampled, JUDGEMENT, evidence((1.0, 2.0)))
    assert not any(one.what.startswith("The file at") for one in found)
    assert any(ONLY_SAMPLE in one.why for one in found)
