"""What a log says against the matching loss."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from avdf.model.runs.config import RunConfig
from avdf.model.runs.log import read_log
from avdf.model.training import matching_watch
from avdf.model.training.matching_watch import matching_figures, matching_notes
from avdf.model.training.progress import TrainProgress
from avdf.model.training.start import train


def log(
    losses: Sequence[float | None], mismatched: float | None = 0.8, epoch: int = 1
) -> list[dict[str, float | None]]:
    return [
        {
            "step": step,
            "epoch": epoch,
            "matching": loss,
            "matched_distance": 0.4,
            "mismatched_distance": mismatched,
        }
        for step, loss in enumerate(losses, start=1)
    ]


def test_the_share_of_steps_without_a_loss_is_counted() -> None:
    figures = matching_figures(log([0.0, 0.5, 0.0, 0.0]))
    assert figures["matching_zero"] == 0.75


def test_distances_are_means_over_the_steps() -> None:
    lines = [*log([0.1], mismatched=0.6), *log([0.1], mismatched=0.8)]
    figures = matching_figures(lines)
    assert figures["mismatched_distance"] == pytest.approx(0.7)
    assert figures["matched_distance"] == pytest.approx(0.4)


def test_steps_without_a_value_are_left_out() -> None:
    figures = matching_figures(log([None, None], mismatched=None))
    assert figures["matching_zero"] is None
    assert figures["mismatched_distance"] is None


def test_a_loss_that_was_never_above_0_is_told() -> None:
    (note,) = matching_notes(log([0.0] * 5))
    assert note.startswith("the matching loss was 0 in every step")


def test_a_loss_that_fell_to_0_is_not_taken_for_one_that_never_began() -> None:
    assert matching_notes(log([0.4, 0.0, 0.0])) == ()


def test_a_collapse_is_told_with_its_distance() -> None:
    (note,) = matching_notes(log([0.4, 0.0], mismatched=0.002))
    assert "collapsed" in note
    assert "0.0020" in note


def test_the_last_epoch_decides_on_a_collapse() -> None:
    early = log([0.4, 0.1], mismatched=0.002, epoch=1)
    late = log([0.4, 0.1], mismatched=0.5, epoch=2)
    assert matching_notes([*early, *late]) == ()


@pytest.mark.parametrize("lines", [log([0.0] * 5), log([0.4], mismatched=0.002)])
def test_another_loss_is_advised_only_where_it_is_another(
    lines: list[dict[str, float | None]],
) -> None:
    (of_paper,) = matching_notes(lines, "cmfm")
    (of_infonce,) = matching_notes(lines, "infonce")
    assert of_paper == f"{of_infonce}; try training.matching=infonce"


def test_a_loss_that_is_off_has_nothing_to_tell() -> None:
    assert matching_notes(log([None] * 3, mismatched=None)) == ()


def test_a_run_is_told_on_the_way_and_keeps_the_note(
    shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Any distance counts as collapsed, so that a run of two epochs is long enough.
    monkeypatch.setattr(matching_watch, "COLLAPSED", 3.0)
    warnings: list[tuple[str, ...]] = []

    def note(progress: TrainProgress) -> None:
        if progress.validation:
            warnings.append(progress.warnings)

    result = train(shards, tmp_path / "run", tiny_config, on_progress=note)
    assert len(warnings) == 2
    assert all("collapsed" in found[0] for found in warnings)
    assert any("collapsed" in found for found in result.notes)
    epochs = read_log(tmp_path / "run" / "epochs.jsonl")
    assert {"matching_zero", "within_visual", "within_audio"} <= set(epochs[0])
