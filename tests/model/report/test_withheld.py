"""The sentence on the videos that have no verdict counts all of them."""

from dataclasses import replace

from avdf.model.inference.decision import Judgement
from avdf.model.report.withheld import withheld_note
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.thresholds import Thresholds
from tests.helpers.video_scores import video_score

JUDGEMENT = Judgement("mean", Thresholds())
ONLY_SYNTHETIC = replace(JUDGEMENT, only_synthetic=True)
SCORED = tuple(video_score(f"v{n}", 0, 0.5) for n in range(2))
UNSCORED = video_score("u", 0, None)


def test_there_is_none_where_no_verdict_is_withheld() -> None:
    assert withheld_note(ScoredVideos((*SCORED, UNSCORED), ()), JUDGEMENT) == ""


def test_withheld_verdicts_are_counted_with_their_reason() -> None:
    note = withheld_note(ScoredVideos(SCORED, ()), ONLY_SYNTHETIC)
    assert note.startswith(
        "No verdict was given for 2 of 2 videos. "
        "2 were scored, but the run was trained on synthetic videos"
    )


def test_videos_that_could_not_be_scored_are_counted_too() -> None:
    note = withheld_note(ScoredVideos((SCORED[0], UNSCORED), ()), ONLY_SYNTHETIC)
    assert note.startswith(
        "No verdict was given for 2 of 2 videos. "
        "1 could not be scored: the status says why. 1 was scored, but the run was"
    )
