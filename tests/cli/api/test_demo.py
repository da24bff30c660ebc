"""`avdf.run_demo`: what is refused before anything is generated, and how it is trained."""

from pathlib import Path

import pytest

import avdf
from avdf import demo
from avdf.cache.core.errors import SettingsError
from avdf.demo import without_notes
from avdf.events import Event, ignore
from avdf.model.runs.config_sources import load_config


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


def test_the_demo_learns_synchrony_unless_the_papers_settings_are_asked_for() -> None:
    config = avdf.DemoOptions().training().run_config()
    assert (config.training.matching, config.model.align_from) == ("infonce", "class")
    papers = ("training.matching=cmfm", "model.align_from=prompt")
    config = avdf.DemoOptions(settings=papers).training().run_config()
    # Nothing else differs, so that these are the paper's.
    seed = "training.seed=0"
    assert config == load_config(None, (*demo.DEMO_SETTINGS, seed))
    assert (config.training.matching, config.model.align_from) == ("cmfm", "prompt")


def test_neither_the_papers_backbones_nor_its_tables_learn_synchrony() -> None:
    paper = avdf.DemoOptions(backbones="paper").training().run_config()
    tables = load_config(None, avdf.ReproduceOptions(demo=True).all_settings)
    for config in (paper, tables):
        settings = (config.training.matching, config.model.align_from)
        assert settings == ("cmfm", "prompt")


def test_a_finished_demo_is_not_begun_again(tmp_path: Path) -> None:
    for name in ("scores", "pairs-scores"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.html").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match="holds a demo already"):
        avdf.run_demo(tmp_path)


def test_what_is_generated_stays_as_it_is(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Path] = []

    def make_dataset(root: Path, *_: object) -> None:
        made.append(root)

    monkeypatch.setattr(demo, "generate_dataset", make_dataset)
    monkeypatch.setattr(demo, "generate_demo_pairs", make_dataset)
    dataset, pairs = tmp_path / "dataset", tmp_path / "pairs"

    # Interrupted: both folders are there, but without the tables that are written last.
    for folder in (dataset, pairs):
        folder.mkdir()
    demo.generate_missing(tmp_path, avdf.DemoOptions(), ignore)
    assert made == [dataset, pairs]

    made.clear()
    (dataset / "meta_data.csv").touch()
    demo.generate_missing(tmp_path, avdf.DemoOptions(), ignore)
    assert made == [pairs]

    made.clear()
    (pairs / "manifest.csv").touch()
    demo.generate_missing(tmp_path, avdf.DemoOptions(), ignore)
    assert made == []


def test_a_folder_of_other_files_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"thesis\.tex"):
        avdf.run_demo(tmp_path)


def test_only_notes_are_left_out() -> None:
    events: list[Event] = []
    listener = without_notes(events.append)
    for event in (avdf.Note("seen before"), avdf.Stage("prepared")):
        listener(event)
    assert events == [avdf.Stage("prepared")]
