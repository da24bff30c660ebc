"""The page itself: what it says, that it is one file, and that names in it are only names."""

from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avdf.cache.core.file_facts import FileFacts
from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from avdf.cache.core.video import Period
from avdf.model.evaluation.evaluate import evaluate
from avdf.model.evaluation.proposals import SPANS_UNDER_REAL
from avdf.model.evaluation.robustness import RobustnessRow
from avdf.model.inference.decision import Judgement
from avdf.model.report.curves import RunCurves, draw_curves
from avdf.model.report.details import choose_videos, is_wrong
from avdf.model.report.evidence import evidence_in
from avdf.model.report.html import write_report
from avdf.model.report.material import ReportMaterial
from avdf.model.report.origin import Origin, how_judged
from avdf.model.report.plots import draw_plots
from avdf.model.report.robustness_plot import draw_robustness
from avdf.model.runs.loaded import load_run
from avdf.model.scoring.rows import ScoredVideos, VideoScore, unscored_row
from avdf.model.scoring.scorer import score_shards
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict
from tests.helpers.timelines import timeline_with_peak
from tests.helpers.video_scores import video_score

FORMULA = r"$\fee$"
SCRIPT = "<script>alert(1)</script>.mp4"
VIDEOS = tuple(
    video_score(f"v{n}", n % 2, (n % 7) / 10, category=("RVRA", "RVFA")[n % 2])
    for n in range(20)
)
JUDGEMENT = Judgement("mean", Thresholds())

WritePage = Callable[..., str]


@pytest.fixture
def page_of(tmp_path: Path) -> WritePage:
    """Writes the report of some videos and reads it, with single spaces between words."""

    def write(
        videos: tuple[VideoScore, ...],
        material: ReportMaterial | None = None,
        thresholds: Thresholds | None = None,
        robustness: tuple[RobustnessRow, ...] = (),
        **more: Any,
    ) -> str:
        scores = ScoredVideos(videos, (), **more)
        evaluation = evaluate(scores, thresholds or Thresholds())
        path = tmp_path / "r.html"
        material = material or ReportMaterial("title")
        write_report(path, scores, evaluation, material, robustness=robustness)
        return " ".join(path.read_text(encoding="utf-8").split())

    return write


def test_a_dollar_sign_is_no_formula(page_of: WritePage) -> None:
    reals = [video_score(f"r{n}", REAL, 0.1 * n, category="$x^2$") for n in range(4)]
    fakes = [
        video_score(f"f{n}", FAKE, 0.5 + 0.1 * n, category=FORMULA) for n in range(4)
    ]
    page = page_of((*reals, *fakes), ReportMaterial(FORMULA))
    assert f"{FORMULA} (4)" in page and "$x^2$ (4)" in page


def test_names_are_escaped(page_of: WritePage) -> None:
    evil = video_score(SCRIPT, FAKE, 0.2, category="<img src=x onerror=alert(2)>")
    page = page_of((evil,), ReportMaterial(f"title {SCRIPT}", command=SCRIPT))
    assert "&lt;script&gt;alert(1)" in page and SCRIPT not in page
    assert "<img src=x" not in page


def test_a_card_gives_the_figures_of_its_verdict(page_of: WritePage) -> None:
    thresholds = Thresholds(video=0.3)
    page = page_of(VIDEOS, thresholds=thresholds)
    measured = evaluate(ScoredVideos(VIDEOS, ()), thresholds).verdicts.video
    low, high = measured.intervals["accuracy"] or (0.0, 0.0)
    assert measured.metrics.accuracy is not None
    assert f"{measured.metrics.auc:.3f} <small>AUC</small>" in page
    assert (
        f"accuracy {100 * measured.metrics.accuracy:.1f} % at threshold 0.300" in page
    )
    assert f"95 % confidence interval {100 * low:.1f} – {100 * high:.1f} %" in page


def test_the_page_explains_its_words(page_of: WritePage) -> None:
    page = page_of(VIDEOS)
    for words in (
        "0.5 is chance, 1 is perfect",
        "accuracy if every video were called fake",
        "real video, fake audio",
    ):
        assert words in page
    assert "A score is evidence, not proof." in page


def test_a_threshold_that_validation_could_not_determine_is_a_default(
    page_of: WritePage,
) -> None:
    page = page_of(VIDEOS, thresholds=Thresholds(visual=0.7))
    assert "video 0.500 (default: validation could not determine one)" in page
    assert "visual 0.700 (found on validation videos, never on these)" in page


def test_videos_without_labels_have_no_figures(page_of: WritePage) -> None:
    page = page_of((video_score("a", UNKNOWN, 0.7),))
    assert "All figures" not in page and "AUC" not in page


def test_what_was_not_scored_has_a_reason(page_of: WritePage) -> None:
    info = video_score("lost", FAKE, None).info
    lost = unscored_row(info, "no_face", "no face found in 40 frames")
    page = page_of((*VIDEOS, lost))
    assert (
        '<td class="name">no_face</td><td data-name="reason">no face found in 40 frames'
        in page
    )


def test_everything_that_was_scored_needs_no_reason(page_of: WritePage) -> None:
    assert "Every listed video was scored." in page_of(VIDEOS)


def test_a_long_table_is_cut_and_says_so(
    page_of: WritePage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("avdf.model.report.html._MOST_ROWS", 15)
    assert "5 more videos are in videos.csv." in page_of(VIDEOS)


def test_videos_of_training_are_a_warning(page_of: WritePage) -> None:
    assert "3 of these videos were used to train or to validate" in page_of(
        VIDEOS,
        trained_on=3,
    )


def test_the_facts_of_a_file_are_shown(page_of: WritePage) -> None:
    facts = FileFacts(
        "/x/a.mp4", "0" * 64, "mp4", 2.5, "h264, stream 0", "aac, stream 1"
    )
    material = ReportMaterial("title", facts={"a": facts})
    page = page_of((video_score("a", UNKNOWN, 0.7),), material)
    for words in (
        "/x/a.mp4",
        "0" * 64,
        "mp4, 2.50 s",
        "h264, stream 0",
        "aac, stream 1",
    ):
        assert words in page


def test_intervals_under_a_real_verdict_are_explained(page_of: WritePage) -> None:
    video = replace(
        video_score("a", FAKE, 0.2),
        verdict=PerVerdict("real", "real", "real"),
    )
    page = page_of((video,), timelines={"a": (timeline_with_peak(25, 50),)})
    assert "video above its threshold at 1.00–2.00 s; visual above its" in page
    assert SPANS_UNDER_REAL in page


def test_manipulated_periods_have_a_table(page_of: WritePage) -> None:
    page = page_of(
        (video_score("a", FAKE, 0.9),),
        timelines={"a": (timeline_with_peak(25, 50),)},
        periods={"a": (Period(1.0, 2.0, FAKE, FAKE),)},
    )
    assert "When: manipulated periods" in page
    assert '<td class="n" data-name="AP@0.5">100.0 %</td>' in page


def robustness_rows(name: str, *areas: float | None) -> tuple[RobustnessRow, ...]:
    return tuple(
        RobustnessRow(name if n else "none", n, 0.5, 4, PerVerdict.same(area), 0.75)
        for n, area in enumerate(areas)
    )


def test_perturbations_have_a_table_and_a_plot(page_of: WritePage) -> None:
    page = page_of(VIDEOS, robustness=robustness_rows("blur", 0.9, 0.6))
    assert (
        "<h2>Under perturbations</h2>" in page
        and "level 0 is the unchanged video" in page
    )
    assert '<td class="name">blur</td>' in page


def test_a_name_in_the_robustness_plot_is_only_a_name() -> None:
    assert FORMULA in draw_robustness(robustness_rows(FORMULA, 0.9, 0.6))


def test_there_is_no_robustness_plot_of_clean_videos_alone() -> None:
    assert draw_robustness(robustness_rows("none", 0.9)) == ""


def test_there_is_no_robustness_plot_without_labels() -> None:
    assert draw_robustness(robustness_rows("blur", None, None)) == ""


def test_the_learning_rate_is_written_without_formulas() -> None:
    steps = [{"step": n, "loss": 1.0, "rate": 10.0**-n} for n in range(1, 5)]
    plot = draw_curves(RunCurves(steps, ()))
    assert "mathdefault" not in plot and ">0.01<" in "".join(plot.split())


def test_a_run_that_took_no_step_has_no_curves() -> None:
    assert draw_curves(RunCurves((), ())) == ""


def test_a_long_run_is_averaged() -> None:
    steps = [{"step": n, "loss": 1.0 + n % 2} for n in range(3000)]
    short = draw_curves(RunCurves(steps[:300], ()))
    assert len(draw_curves(RunCurves(steps, ()))) < 1.2 * len(short)


def test_curves_need_both_classes() -> None:
    reals = tuple(video_score(f"r{n}", REAL, 0.1) for n in range(3))
    scores = ScoredVideos(reals, ())
    plots = draw_plots(scores, evaluate(scores, Thresholds()))
    assert [plot.caption for plot in plots] == ["Scores of the videos, by kind"]


def test_every_plot_has_a_caption() -> None:
    scores = ScoredVideos(VIDEOS, ())
    plots = draw_plots(scores, evaluate(scores, Thresholds()))
    assert len({plot.caption for plot in plots}) == 4
    assert all(plot.svg.startswith("<svg") for plot in plots)


def test_a_single_unlabelled_video_has_no_plot() -> None:
    scores = ScoredVideos((video_score("a", UNKNOWN, 0.7),), ())
    assert draw_plots(scores, evaluate(scores, Thresholds())) == []


def test_a_verdict_that_contradicts_the_label_is_wrong() -> None:
    assert is_wrong(video_score("a", REAL, 0.9))
    assert not is_wrong(video_score("a", FAKE, 0.9))


@pytest.mark.parametrize("verdict", ["", "unsure"])
def test_a_verdict_that_is_not_given_is_not_wrong(verdict: str) -> None:
    video = replace(video_score("a", REAL, 0.9), verdict=PerVerdict("", "", verdict))
    assert not is_wrong(video)


def test_the_worst_mistakes_come_first() -> None:
    videos = [video_score(f"r{n}", REAL, 0.5 + n / 10) for n in range(3)]
    right = video_score("f", FAKE, 0.9)
    chosen = choose_videos([*videos, right], threshold=0.5)
    assert [video.info.id for video in chosen] == ["r2", "r1", "r0", "f"]


def test_one_right_verdict_of_each_kind_is_chosen() -> None:
    videos = [
        video_score(f"{name}{n}", FAKE, 0.9, category=name)
        for name in "ab"
        for n in "01"
    ]
    assert [video.info.id for video in choose_videos(videos, 0.5)] == ["a0", "b0"]


def test_at_most_twelve_mistakes_and_twenty_videos_are_chosen() -> None:
    mistakes = [video_score(f"r{n}", REAL, 0.9) for n in range(30)]
    others = [video_score(f"u{n}", UNKNOWN, 0.9) for n in range(30)]
    chosen = choose_videos([*others, *mistakes], 0.5)
    assert len(chosen) == 20
    assert sum(video.info.label == REAL for video in chosen) == 12


def test_the_page_says_how_a_score_was_computed() -> None:
    evaluation = evaluate(ScoredVideos(VIDEOS, ()), Thresholds())
    judgement = replace(
        JUDGEMENT,
        aggregate="top",
        temperatures=PerVerdict(1.0, 2.0, 1.5),
    )
    words = how_judged(replace(judgement, abstain=0.1), evaluation)
    assert "the mean of the highest quarter of its segments" in words
    assert "temperatures visual 1.00, audio 2.00, video 1.50" in words
    assert "Within 0.1 of the threshold no verdict is given" in words


class Tags(HTMLParser):
    """Collects the tags of a page and whatever they would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.active: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        for name, value in attrs:
            loads = name in ("src", "href") and not (value or "").startswith(
                ("data:image/", "#")
            )
            if loads or name.startswith("on"):
                self.active.append(f"{tag} {name}={value}")


def test_the_report_of_a_run_is_one_file(
    run: Path,
    shards: Path,
    tmp_path: Path,
) -> None:
    loaded = load_run(run, device="cpu")
    scores = score_shards(loaded, shards, "test")
    origin = Origin(loaded.info, RunCurves((), ()), loaded.judgement())
    evaluation = evaluate(scores, Thresholds(video=0.99))
    material = ReportMaterial("title", evidence_of=evidence_in(shards))
    write_report(tmp_path / "r.html", scores, evaluation, material, origin)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    assert not {"script", "iframe", "link"} & tags.seen and not tags.active
    assert {"svg", "image", "img"} <= tags.seen
    assert len(page) < 3_000_000


def test_a_video_that_is_not_in_the_shards_has_no_evidence(shards: Path) -> None:
    assert evidence_in(shards)("unknown") is None


def test_the_evidence_of_a_stored_video_covers_its_track(
    shards: Path,
    run: Path,
) -> None:
    scores = score_shards(load_run(run, device="cpu"), shards, "test")
    evidence = evidence_in(shards)(scores.videos[0].info.id)
    assert evidence is not None and evidence.faces_at_once is None
    assert evidence.crops.shape == (10, 224, 224, 3)
    assert np.isfinite(evidence.times).all()
    assert (evidence.faces[0].start, evidence.faces[0].end) == (0.0, 1.6)
