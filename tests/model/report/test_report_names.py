"""Names in a report: dollars, angle brackets and quotes are characters, short names are spelled out."""

from pathlib import Path

import pytest

from avdf.model.evaluation.evaluate import evaluate
from avdf.model.evaluation.robustness import RobustnessRow
from avdf.model.report.curves import RunCurves, draw_curves
from avdf.model.report.html import write_report
from avdf.model.report.material import ReportMaterial
from avdf.model.report.robustness_plot import draw_robustness
from avdf.model.report.words import spelled_out
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict
from tests.helpers.video_scores import video_score

EVIL = r"$\fee$"


def test_a_dollar_sign_is_no_formula(tmp_path: Path) -> None:
    rows = [video_score(f"r{n}", 0, 0.1 * n, category="$x^2$") for n in range(4)]
    rows += [video_score(f"f{n}", 1, 0.5 + 0.1 * n, category=EVIL, method="$") for n in range(4)]
    scores = ScoredVideos(tuple(rows), ())
    write_report(tmp_path / "r.html", scores, evaluate(scores, Thresholds()), ReportMaterial(EVIL))
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert f"{EVIL} (4)" in page and "$x^2$ (4)" in page


def test_nor_is_it_in_the_other_pictures() -> None:
    rows = [
        RobustnessRow(name, level, None, 4, PerVerdict(0.5, 0.5, 0.5), 0.5)
        for name, level in (("none", 0), (EVIL, 1))
    ]
    assert EVIL in draw_robustness(rows)
    steps = [{"step": n, "loss": 1.0, "rate": 10.0**-n} for n in range(1, 5)]
    picture = draw_curves(RunCurves(steps, ()))
    assert "mathdefault" not in picture and ">0.01<" in picture.replace(" ", "").replace("\n", "")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("RVFA", "real video, fake audio"),
        ("FVFA-GAN", "fake video, fake audio, face by FSGAN"),
        ("FVRA-WL", "fake video, real audio, lips by Wav2Lip"),
        ("real", ""),
        ("audio-driven", ""),
        ("FVFA-", "fake video, fake audio"),
    ],
)
def test_categories_are_spelled_out(name: str, words: str) -> None:
    assert spelled_out(name) == words


def test_cards_say_what_their_number_is_and_keep_units_apart(tmp_path: Path) -> None:
    rows = [
        video_score(f"v{n}", n % 2, (n % 7) / 10, category=("RVRA", "RVFA")[n % 2])
        for n in range(20)
    ]
    scores = ScoredVideos(tuple(rows), ())
    evaluation = evaluate(scores, Thresholds(video=0.3))
    write_report(tmp_path / "r.html", scores, evaluation, ReportMaterial("t"))
    page = " ".join((tmp_path / "r.html").read_text(encoding="utf-8").split())
    metrics, interval = (
        evaluation.verdicts["video"].metrics,
        evaluation.verdicts["video"].intervals["accuracy"],
    )
    assert interval is not None and metrics.accuracy is not None
    assert f"{metrics.auc:.3f} <small>AUC</small>" in page and "0.5 is chance, 1 is perfect" in page
    span = f"{100 * interval[0]:.1f} – {100 * interval[1]:.1f} %"
    assert (
        f"accuracy {100 * metrics.accuracy:.1f} % at threshold 0.300" in page
        and f"95 % confidence interval {span}" in page
    )
    assert "at threshold 0.5" in page and "real video, fake audio" in page
