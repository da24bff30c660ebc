"""`avdf.run_demo`: what is refused before anything is generated, and what it returns."""

from pathlib import Path

import pytest

import avdf
from avdf.cache.core.errors import SettingsError
from avdf.demo import without_notes
from avdf.events import Event
from avdf.model.evaluation.evaluate import evaluate
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.thresholds import Thresholds
from tests.helpers.video_scores import video_score


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"backbones": "none"}, "demo or paper"),
        ({"workers": -1}, "workers -1"),
        ({"settings": ("training.epoch=1",)}, "did you mean epochs"),
    ],
)
def test_options_that_cannot_be_used_are_refused_when_built(
    options: dict[str, object],
    message: str,
) -> None:
    with pytest.raises(SettingsError, match=message):
        avdf.DemoOptions(**options)  # type: ignore[arg-type]


def test_the_seed_and_the_settings_reach_the_training() -> None:
    options = avdf.DemoOptions(seed=5, settings=("training.epochs=2",))
    config = options.training().run_config()
    assert (config.training.seed, config.training.epochs, config.model.clip) == (
        5,
        2,
        "demo",
    )


def test_the_papers_backbones_keep_their_widths() -> None:
    config = avdf.DemoOptions(backbones="paper").training().run_config()
    assert (config.model.clip, config.model.fused_dim) == ("ViT-B-32", 256)


def test_a_finished_demo_is_not_begun_again(tmp_path: Path) -> None:
    (tmp_path / "scores").mkdir()
    (tmp_path / "scores" / "report.html").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match="holds a demo already"):
        avdf.run_demo(tmp_path)


def test_a_folder_of_other_files_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"thesis\.tex"):
        avdf.run_demo(tmp_path)


def test_the_result_says_how_much_its_figures_mean(tmp_path: Path) -> None:
    rows = tuple(video_score(f"v{n}", n % 2, n / 10) for n in range(10))
    evaluation = evaluate(ScoredVideos(rows, ()), Thresholds())
    result = avdf.DemoResult(tmp_path, evaluation, 61.4)
    lines = str(result).splitlines()
    assert lines[0] == "held-out persons (10 videos), 61 s in all:"
    assert lines[1].startswith("  video   AUC 0.6")
    assert "no more" in lines[-2]
    assert lines[-1] == f"report: {tmp_path / 'scores' / 'report.html'}"


def test_only_notes_are_left_out() -> None:
    events: list[Event] = []
    listener = without_notes(events.append)
    for event in (avdf.Note("seen before"), avdf.Stage("prepared")):
        listener(event)
    assert events == [avdf.Stage("prepared")]
