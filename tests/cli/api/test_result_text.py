"""The words of results."""

from dataclasses import replace

import numpy as np
import pytest

import avdf
from avdf.cache.core.missing import NO_AUDIO, NO_PICTURE
from avdf.cache.core.video import VideoInfo
from avdf.model.evaluation.evaluate import evaluate
from avdf.model.evaluation.proposals import SPANS_UNDER_REAL
from avdf.model.evaluation.timeline_tables import IntervalRow
from avdf.model.inference.decision import Judgement
from avdf.model.likelihood.ratio_bounds import RatioBounds
from avdf.model.likelihood.ratio_model import RatioModel
from avdf.model.likelihood.ratio_words import PROPOSITIONS, support_words
from avdf.model.logistic import Logistic
from avdf.model.report.evidence import Evidence, FaceAppearance
from avdf.model.scoring.rows import ScoredVideos, scored_row, unscored_row
from avdf.model.synchrony.calibration import SyncCalibration
from avdf.model.synchrony.judgement import SyncJudgement
from avdf.model.synchrony.offset_words import REAL_BUT_APART
from avdf.model.synchrony.synchrony import Synchrony
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict
from avdf.result_text import figures_text, files_text, sync_words, video_text
from tests.helpers.video_scores import video_score

INFO = VideoInfo(id="a", path="/videos/a.mp4")
JUDGEMENT = Judgement(
    "mean", Thresholds(0.4, 0.5, 0.6, "validation"), PerVerdict.same(1.0)
)


def evidence(spans: int, persons: int | None = 1) -> Evidence:
    """Faces of half a second each, one a second."""
    box = (0.0, 0.0, 9.0, 9.0)
    faces = [FaceAppearance(start, start + 0.5, 0.9, box) for start in range(spans)]
    crops = np.zeros((1, 8, 8, 3), np.uint8)
    mel = np.zeros((80, 100), np.float32)
    return Evidence(0.0, float(spans), (0.0,), crops, mel, tuple(faces), persons)


def intervals(verdict: str, count: int) -> list[IntervalRow]:
    return [
        IntervalRow("a", verdict, start, start + 0.5, 0.9) for start in range(count)
    ]


def text_of(row: object, spans: int = 0, found: Evidence | None = None) -> str:
    return video_text(row, JUDGEMENT, intervals("video", spans), found)  # type: ignore[arg-type]


def test_each_verdict_is_given_with_its_threshold() -> None:
    row = scored_row(INFO, PerVerdict(0.1, 0.9, 0.7), JUDGEMENT, 0.25, 3)
    assert text_of(row).splitlines() == [
        "/videos/a.mp4",
        "  video   fake   P(fake) 0.700 (fake from 0.600)",
        "  visual  real   P(fake) 0.100 (fake from 0.400)",
        "  audio   fake   P(fake) 0.900 (fake from 0.500, default)",
        "  sync    not examined: no picture with sound to compare",
        "  3 segments of 0.64 s, mean cosine distance 0.250",
    ]


def test_a_video_without_scores_says_why() -> None:
    row = unscored_row(INFO, "no_face", "no face found in 45 frames")
    assert text_of(row).splitlines()[1:] == [
        "  no verdict (no_face): no face found in 45 frames"
    ]


def test_a_name_of_several_lines_is_printed_on_one() -> None:
    """Otherwise a file could be called what a verdict looks like."""
    named = replace(INFO, path="a\n  video   real   P(fake) 0.001.mp4")
    row = scored_row(named, PerVerdict(0.9, 0.9, 0.9), JUDGEMENT, None, 3)
    first, second, *_ = text_of(row).splitlines()
    assert first == "a\\x0a  video   real   P(fake) 0.001.mp4"
    assert second.startswith("  video   fake")


def test_silence_is_not_judged() -> None:
    row = scored_row(INFO, PerVerdict(0.1, None, None), JUDGEMENT, None, 3)
    lines = text_of(replace(row, reason=NO_AUDIO)).splitlines()
    assert lines[1] == "  video   not examined: no audio to judge"
    assert lines[3] == "  audio   not examined: no audio to judge"
    assert lines[-1] == f"  note: {NO_AUDIO}"


def test_of_sound_alone_it_is_said_what_was_not_examined_and_why() -> None:
    row = scored_row(INFO, PerVerdict(None, 0.1, None), JUDGEMENT, None, 3)
    note = f"{NO_PICTURE}: no face found in 45 frames"
    no_face = replace(evidence(0), crops=np.empty((0, 8, 8, 3), np.uint8))
    lines = text_of(replace(row, reason=f"deinterlaced; {note}"), 0, no_face)
    assert lines.splitlines()[1:] == [
        "  video   not examined: no picture to judge",
        "  visual  not examined: no face found in 45 frames",
        "  audio   real   P(fake) 0.100 (fake from 0.500, default)",
        "  sync    not examined: no picture with sound to compare",
        "  3 segments of 0.64 s",
        f"  note: deinterlaced; {note}",
        "  no face was followed: the sound was examined alone",
    ]


def test_a_verdict_that_was_not_trained_is_not_judged() -> None:
    row = scored_row(INFO, PerVerdict(None, 0.2, 0.2), JUDGEMENT, None, 3)
    assert "  visual  not judged: this run was not trained for it" in text_of(row)


def test_intervals_are_listed_up_to_six() -> None:
    row = scored_row(INFO, PerVerdict(0.1, 0.1, 0.7), JUDGEMENT, None, 3)
    line = text_of(row, spans=8).splitlines()[-1]
    assert line.startswith("  video   above its threshold at 0.00-0.50 s, 1.00-1.50 s")
    assert line.endswith("5.00-5.50 s and 2 more")


def test_intervals_under_a_real_verdict_are_explained() -> None:
    row = scored_row(INFO, PerVerdict(0.1, 0.1, 0.1), JUDGEMENT, None, 3)
    assert text_of(row, spans=1).splitlines()[-1] == f"          ({SPANS_UNDER_REAL})"


@pytest.mark.parametrize(
    ("persons", "end"),
    [
        (None, "0.00-0.50 s"),
        (1, "0.00-0.50 s"),
        (3, "at most 3 faces at one time"),
    ],
)
def test_faces_are_named_with_the_most_at_one_time(
    persons: int | None,
    end: str,
) -> None:
    row = scored_row(INFO, PerVerdict(0.1, 0.1, 0.1), JUDGEMENT, None, 3)
    (line,) = [
        line
        for line in text_of(row, 0, evidence(1, persons)).splitlines()
        if "face" in line
    ]
    assert line.startswith("  face followed at 0.00-0.50 s") and line.endswith(end)


def test_recordings_without_a_verdict_are_explained() -> None:
    judgement = replace(JUDGEMENT, only_synthetic=True, notes=("validation is small",))
    row = scored_row(INFO, PerVerdict(0.1, 0.1, 0.1), judgement, None, 3)
    scores = ScoredVideos((row,), (), notes=("the splits have changed",))
    lines = files_text(scores, judgement, {}).splitlines()
    assert "note: the splits have changed" in lines
    assert "note on the run: validation is small" in lines
    assert lines[-1].startswith("No verdict was given for 1 of 1 video. ")


def labelled(count: int) -> ScoredVideos:
    """Real and fake videos in turn, all told apart."""
    rows = [video_score(f"v{n}", n % 2, 0.9 if n % 2 else 0.1) for n in range(count)]
    return ScoredVideos(tuple(rows), (), trained_on=2)


def test_figures_count_what_was_scored() -> None:
    scores = labelled(10)
    lines = figures_text(scores, evaluate(scores, Thresholds())).splitlines()
    assert lines[0] == "10 of 10 videos scored"
    assert lines[1] == "  2 of these videos were in this run's training or validation"


def test_figures_give_auc_and_accuracy_beside_the_baseline() -> None:
    scores = labelled(10)
    text = figures_text(scores, evaluate(scores, Thresholds()))
    line = next(line for line in text.splitlines() if line.startswith("  video "))
    assert line.startswith(
        "  video   AUC 1.000 (1.000-1.000)   accuracy 100.0 % at threshold"
    )
    assert line.endswith("100.0 % at 0.5   (if every video were called fake: 50.0 %)")


def test_figures_without_both_classes_are_unknown() -> None:
    rows = tuple(video_score(f"v{n}", 1, 0.9) for n in range(3))
    scores = ScoredVideos(rows, ())
    assert "AUC unknown" in figures_text(scores, evaluate(scores, Thresholds()))


def test_a_result_prints_the_same_words(file_result: avdf.ScoreResult) -> None:
    assert str(file_result[0]) in str(file_result)


# Synchrony

CALIBRATION = SyncCalibration(
    8.0, 1.0, 0.412, 0.25, 20, 140, 0.951, (0.9, 0.98), {"moved sound": 0.95}, 0.5, 0.6
)
LATE = Synchrony(0.1, 0.4, 320, 0.9312, "out of sync", curve=(1.0,) * 51)


def judging_sync() -> Judgement:
    return replace(JUDGEMENT, sync=SyncJudgement(CALIBRATION, ""))


def test_synchrony_is_one_readable_line() -> None:
    score = "P(apart) 0.931 (out of sync from 0.412)"
    words = "the sound fits best 320 ms late"
    assert sync_words(LATE, 0.412) == f"out of sync  {score}: {words}"
    # Without a verdict, an offset would be read as one.
    assert sync_words(replace(LATE, verdict=""), 0.412) == f"not judged  {score}"


def test_synchrony_is_given_with_its_threshold() -> None:
    row = scored_row(INFO, PerVerdict(0.1, 0.9, 0.7), JUDGEMENT, 0.25, 3, LATE)
    line = video_text(row, judging_sync(), [], None).splitlines()[4]
    assert line == f"  sync    {sync_words(LATE, 0.412)}"


def test_real_beside_out_of_sync_is_explained() -> None:
    judging = judging_sync()
    real = scored_row(INFO, PerVerdict(0.1, 0.1, 0.1), judging, 0.25, 3, LATE)
    fake = scored_row(INFO, PerVerdict(0.1, 0.9, 0.7), judging, 0.25, 3, LATE)
    assert f"({REAL_BUT_APART})" in video_text(real, judging, [], None)
    assert REAL_BUT_APART not in video_text(fake, judging, [], None)


def test_why_synchrony_was_not_examined_is_said() -> None:
    found = Synchrony(0.1, 0.4, note="too short")
    row = scored_row(INFO, PerVerdict(0.1, 0.9, 0.7), JUDGEMENT, 0.25, 3, found)
    line = video_text(row, judging_sync(), [], None).splitlines()[4]
    assert line == "  sync    not examined: too short"


def test_what_verdicts_on_synchrony_rest_on_is_said() -> None:
    row = scored_row(INFO, PerVerdict(0.1, 0.9, 0.7), JUDGEMENT, 0.25, 3, LATE)
    lines = files_text(ScoredVideos((row,), ()), judging_sync(), {}).splitlines()
    assert judging_sync().sync.basis in lines


def synced(number: int, label: int, verdict: str) -> object:
    info = VideoInfo(
        id=f"v{number}",
        path="",
        label=label,
        label_visual=0,
        label_audio=0,
        identity=f"p{number}",
    )
    sync = Synchrony(sync=float(label), verdict=verdict)
    return scored_row(info, PerVerdict.same(0.5), JUDGEMENT, sync=sync)


def test_figures_of_synchrony_are_given_where_it_is_known() -> None:
    verdicts = ["in sync", "out of sync", "unsure", "in sync", "in sync"]
    rows = [synced(n, n % 2, verdict) for n, verdict in enumerate(verdicts)]
    scores = ScoredVideos(tuple(rows), ())  # type: ignore[arg-type]
    (line,) = [
        line
        for line in figures_text(scores, evaluate(scores, Thresholds())).splitlines()
        if line.startswith("  sync ")
    ]
    assert line.startswith("  sync    AUC 1.000 (")
    # Of four verdicts one is wrong: the second mismatched video is called `in sync`.
    assert "accuracy 75.0 % of 4 verdicts" in line
    assert line.endswith("(3 that belong together, 2 that do not)")


def test_figures_say_nothing_of_synchrony_where_it_is_unknown() -> None:
    scores = labelled(10)
    text = figures_text(scores, evaluate(scores, Thresholds()))
    assert "sync" not in text


# Likelihood ratios


def test_a_ratio_stands_below_its_verdict() -> None:
    row = scored_row(INFO, PerVerdict(0.1, 0.9, 0.7), JUDGEMENT, 0.25, 3)
    row = replace(row, log10_ratio=PerVerdict(-1.0, None, 2.0))
    lines = text_of(row).splitlines()
    assert lines[2] == "          LR 100: moderately strong support for forged"
    assert lines[4] == "          LR 1/10: moderate support for genuine"
    assert "LR" not in lines[6]


def test_what_ratios_rest_on_is_said() -> None:
    model = RatioModel(Logistic(1.0, 0.0), RatioBounds(-1.0, 2.0), fake=30, real=20)
    judging = replace(JUDGEMENT, ratios=PerVerdict(None, None, model))
    row = scored_row(INFO, PerVerdict(0.1, 0.9, 0.7), JUDGEMENT, 0.25, 3)
    text = files_text(ScoredVideos((row,), ()), judging, {})
    assert PROPOSITIONS in text
    assert (
        "  video   from 30 fake and 20 real validation videos, which support ratios from "
        "1/10 to 100"
    ) in text
    assert f"  audio   {support_words(None)}" in text


def test_why_there_are_no_ratios_is_said_where_they_were_asked_for() -> None:
    row = scored_row(INFO, PerVerdict(0.1, 0.9, 0.7), JUDGEMENT, 0.25, 3)
    none_found = replace(JUDGEMENT, ratios=PerVerdict.same(None))
    text = files_text(ScoredVideos((row,), ()), none_found, {})
    assert text.count(support_words(None)) == 3
    assert "likelihood" not in files_text(ScoredVideos((row,), ()), JUDGEMENT, {})
