"""What the demo says of its figures, line by line."""

from pathlib import Path

import avdf
from avdf.cache.core.video import VideoInfo
from avdf.model.evaluation.evaluate import evaluate
from avdf.model.evaluation.sync_metrics import SyncMetrics
from avdf.model.scoring.rows import ScoredVideos, VideoScore
from avdf.model.synchrony.synchrony import IN_SYNC, OUT_OF_SYNC, Synchrony
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict
from tests.helpers.video_scores import video_score

PAPERS = ("training.matching=cmfm", "model.align_from=prompt")


def pair(name: str, label: int, sync: float, verdict: str) -> VideoScore:
    """A video of genuine picture and sound, with what was found of the two together."""
    info = VideoInfo(
        id=name, path=name, label=label, label_visual=0, label_audio=0, method="late_10"
    )
    return VideoScore(
        info=info,
        probability=PerVerdict(0.1, 0.1, 0.1),
        verdict=PerVerdict("real", "real", "real"),
        sync=Synchrony(sync=sync, verdict=verdict),
    )


def sync_metrics() -> SyncMetrics:
    """2 pairs belong together and 3 do not: 5 of 6 orders and 4 of 5 verdicts are right."""
    rows = (
        pair("g1", 0, -0.9, IN_SYNC),
        pair("g2", 0, -0.2, IN_SYNC),
        pair("m1", 1, 0.1, OUT_OF_SYNC),
        pair("m2", 1, 0.0, OUT_OF_SYNC),
        pair("m3", 1, -0.5, IN_SYNC),
    )
    return evaluate(ScoredVideos(rows, ()), Thresholds()).sync


def demo_result(
    folder: Path,
    settings: tuple[str, ...] = (),
    sync_note: str = "",
) -> avdf.DemoResult:
    rows = tuple(video_score(f"v{n}", n % 2, n / 10) for n in range(10))
    return avdf.DemoResult(
        folder=folder,
        evaluation=evaluate(ScoredVideos(rows, ()), Thresholds()),
        seconds=61.4,
        config=avdf.DemoOptions(settings=settings).training().run_config(),
        sync=sync_metrics(),
        sync_note=sync_note,
    )


def test_the_result_says_how_much_its_figures_mean(tmp_path: Path) -> None:
    lines = str(demo_result(tmp_path)).splitlines()
    assert lines[0] == "held-out persons (10 videos), after 61 s:"
    # Of 25 orders of a fake and a real video, the fake one is higher in 5 + 4 + 3 + 2 + 1.
    assert lines[1] == "  video   AUC 0.600  (5 real, 5 fake)"
    assert "no more" in lines[6]
    assert lines[-2] == f"report: {tmp_path / 'scores' / 'report.html'}"
    pairs_report = tmp_path / "pairs-scores" / "report.html"
    assert lines[-1] == f"report on the pairs: {pairs_report}"


def test_the_figures_on_the_pairs_follow_those_of_the_three_verdicts(
    tmp_path: Path,
) -> None:
    lines = str(demo_result(tmp_path)).splitlines()
    assert lines[4:6] == [
        "do picture and sound belong together? (5 pairs of other persons)",
        "  sync    AUC 0.833  (2 belong together, 3 do not); 4 of 5 verdicts right",
    ]


def test_a_detector_that_cannot_judge_synchrony_gives_no_figure_but_the_reason(
    tmp_path: Path,
) -> None:
    text = str(demo_result(tmp_path, sync_note="this run has not learned it"))
    assert "  sync    not examined: this run has not learned it\n" in text
    assert "0.833" not in text and "verdicts right" not in text


def test_settings_that_the_paper_does_not_have_are_named_with_the_papers(
    tmp_path: Path,
) -> None:
    lines = str(demo_result(tmp_path)).splitlines()
    (line,) = [line for line in lines if "the paper" in line]
    assert "training.matching=infonce and model.align_from=class" in line
    assert line.endswith(" ".join(f"--set {setting}" for setting in PAPERS))


def test_only_settings_that_differ_from_the_papers_are_named(tmp_path: Path) -> None:
    text = str(demo_result(tmp_path, PAPERS[1:]))
    assert "training.matching=infonce" in text and "align_from" not in text
    assert "the paper" not in str(demo_result(tmp_path, PAPERS))
