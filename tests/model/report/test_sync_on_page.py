"""What the page says of synchrony: the table, the card, the close look, and what it rests on."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.evaluation.evaluate import evaluate
from avdf.model.inference.decision import Judgement
from avdf.model.report.curves import RunCurves, draw_curves
from avdf.model.report.html import write_report
from avdf.model.report.material import ReportMaterial
from avdf.model.report.origin import Origin
from avdf.model.report.style import SYNC_COLOUR
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.runs.loaded import load_run
from avdf.model.scoring.rows import ScoredVideos, VideoScore, unscored_row
from avdf.model.synchrony.judgement import SyncJudgement
from avdf.model.synchrony.synchrony import Synchrony
from avdf.model.thresholds import Thresholds
from tests.helpers.video_scores import video_score
from tests.model.report.test_sync_sentence import CALIBRATION, JUDGEMENT, UNABLE

CURVE = (*[0.8] * 33, 0.3, *[0.8] * 17)
EVIL = "<img src=x onerror=alert(1)>"

Page = Callable[[tuple[VideoScore, ...], SyncJudgement], str]


def found(probability: float, verdict: str) -> Synchrony:
    return Synchrony(
        sync=probability - 0.5,
        depth=0.5,
        offset_ms=320,
        probability=probability,
        verdict=verdict,
        curve=CURVE,
    )


def pair(name: str, number: int, synchrony: Synchrony, method: str = "") -> VideoScore:
    """A genuine video, or, with a method, one whose genuine sound is not its own."""
    video = video_score(name, REAL, 0.2, identity=f"p{number}", method=method)
    label = FAKE if method else REAL
    return replace(video, info=replace(video.info, label=label), sync=synchrony)


TOGETHER = tuple(pair(f"g{n}", n, found(0.1 + n / 50, "in sync")) for n in range(4))
APART = tuple(
    pair(f"a{n}", n, found(0.9 + n / 50, "out of sync"), method=("late", EVIL)[n % 2])
    for n in range(4)
)


@pytest.fixture(scope="module")
def info(run: Path) -> CheckpointInfo:
    return load_run(run, device="cpu").info


@pytest.fixture
def page_of(info: CheckpointInfo, tmp_path: Path) -> Page:
    """Writes the report of a run and reads it, with single spaces between words."""

    def write(videos: tuple[VideoScore, ...], sync: SyncJudgement) -> str:
        judgement = Judgement("mean", Thresholds(), sync=sync)
        origin = Origin(info, RunCurves((), ()), judgement)
        scores = ScoredVideos(videos, ())
        evaluation = evaluate(scores, Thresholds())
        path = tmp_path / "r.html"
        write_report(path, scores, evaluation, ReportMaterial("title"), origin)
        return " ".join(path.read_text(encoding="utf-8").split())

    return write


def cells_of_sync(page: str) -> list[str]:
    """What the column of synchrony says of each video."""
    _, *parts = page.split('<td data-name="synchrony">')
    return [part.partition("</td>")[0] for part in parts]


def test_the_table_has_the_verdict_and_its_probability(page_of: Page) -> None:
    mute = pair("mute", 9, Synchrony(note="no picture with sound to compare"))
    withheld = pair("withheld", 9, found(0.75, ""))
    lost = unscored_row(mute.info, "no_face", "no face found")
    page = page_of((TOGETHER[0], APART[0], withheld, mute, lost), JUDGEMENT)
    assert cells_of_sync(page) == [
        '<span><span class="together">in sync</span> <small>0.100</small></span>',
        '<span><span class="apart">out of sync</span> <small>0.900</small></span>',
        '<span><span class="">not judged</span> <small>0.750</small></span>',
        "not examined",
        "",
    ]


def test_the_close_look_has_a_sentence_and_the_curve(page_of: Page) -> None:
    page = page_of((TOGETHER[0],), JUDGEMENT)
    assert page.count('<svg class="offsets"') == 1
    assert "P(do not belong together) 0.100 (out of sync from 0.412)" in page
    assert "The small curve shows how far picture and sound are apart" in page


def test_the_card_has_the_auc_and_its_interval(page_of: Page) -> None:
    videos = (*TOGETHER, *APART)
    page = page_of(videos, JUDGEMENT)
    sync = evaluate(ScoredVideos(videos, ()), Thresholds()).sync
    assert sync.interval is not None
    low, high = sync.interval
    _, _, card = page.partition("Picture and sound together (synchrony)")
    card, _, _ = card.partition("</section>")
    assert "1.000 <small>AUC</small>" in card
    assert f"95 % confidence interval {low:.3f} – {high:.3f}" in card
    assert "100.0 % of 8 verdicts are right" in card
    assert "4 belong together, 4 do not" in card


def test_the_page_has_the_auc_of_each_method_and_its_name_is_escaped(
    page_of: Page,
) -> None:
    page = page_of((*TOGETHER, *APART), JUDGEMENT)
    methods = "&lt;img src=x onerror=alert(1)&gt; 1.000, late 1.000."
    assert f"AUC of synchrony by method: {methods}" in page
    assert EVIL not in page


def test_without_pairs_that_are_apart_there_is_no_card(page_of: Page) -> None:
    assert "(synchrony)" not in page_of(TOGETHER, JUDGEMENT)


def test_what_verdicts_rest_on_is_said(page_of: Page) -> None:
    page = page_of(TOGETHER, JUDGEMENT)
    assert (
        "Synchrony: checked on 22 genuine validation videos and 154 pairs that do not belong "
        "together (moved sound), AUC 0.953 (0.910-0.980)."
    ) in page


def test_a_run_without_synchrony_says_so_in_one_sentence(page_of: Page) -> None:
    # Its calibration and its curves are there, and nothing may be read from them.
    unable = SyncJudgement(CALIBRATION, UNABLE.note)
    videos = tuple(
        replace(video, sync=Synchrony(-0.1, 0.5, note=UNABLE.note, curve=CURVE))
        for video in TOGETHER
    )
    page = page_of(videos, unable)
    assert page.count(UNABLE.note) == 1
    assert 'id="synchrony"' in page and 'href="#synchrony"' in page
    assert '<svg class="offsets"' not in page and SYNC_COLOUR not in page
    assert not cells_of_sync(page) and "small curve" not in page


def test_another_detector_is_not_asked_for_synchrony(tmp_path: Path) -> None:
    scores = ScoredVideos((video_score("a", REAL, 0.1),), ())
    evaluation = evaluate(scores, Thresholds())
    write_report(tmp_path / "r.html", scores, evaluation, ReportMaterial("title"))
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Picture and sound" not in page and "ynchrony" not in page


def test_training_shows_the_auc_of_synchrony_beside_the_others() -> None:
    steps = [{"step": n, "loss": 1.0} for n in range(1, 4)]
    epochs = [{"step": n, "auc_video": 0.7, "auc_sync": 0.9} for n in range(1, 4)]
    plot = draw_curves(RunCurves(steps, epochs))
    assert SYNC_COLOUR in plot and ">sync<" in "".join(plot.split())


@pytest.mark.parametrize("more", [{}, {"auc_sync": None}])
def test_a_log_without_synchrony_has_no_such_line(more: dict[str, None]) -> None:
    steps = [{"step": n, "loss": 1.0} for n in range(1, 4)]
    epochs = [{"step": n, "auc_video": 0.7, **more} for n in range(1, 4)]
    plot = draw_curves(RunCurves(steps, epochs))
    assert SYNC_COLOUR not in plot
