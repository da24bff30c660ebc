"""Figure 3 from kept scores: its panels, its quartiles, its table."""

import json
import re
import statistics
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from avdf.cache.core.errors import RunError
from avdf.model.reproduce.comparison import Comparison, Values, write_comparison
from avdf.model.reproduce.experiments import FIGURE_3_RUNS
from avdf.model.reproduce.figure3 import Figure3, make_figure_3
from avdf.model.reproduce.workspace import DISTANCES_FILE, Workspace

TYPES = ("RVRA", "FVFA", "FVRA", "RVFA")
LOSSES = ["segment-level loss", "frame-level loss", "InfoNCE with the class token"]
_SVG = "{http://www.w3.org/2000/svg}"


def comparison(seed: int, spread: float = 1.0) -> Comparison:
    """Random values: other ones for each type, and for each seed."""
    random = np.random.default_rng(seed)

    def by_type(size: int, low: float) -> dict[str, Values]:
        # In another order than the figure's.
        return {kind: random.uniform(low, spread, size) for kind in sorted(TYPES)}

    return Comparison(distance=by_type(64, 0.0), sync=by_type(5, -spread))


def kept_scores(tmp_path: Path, kept: Sequence[Comparison]) -> Workspace:
    """A workspace with the files that scoring leaves, one comparison for each run."""
    workspace = Workspace(tmp_path, {}, note="a note on the data")
    for run, found in zip(FIGURE_3_RUNS.values(), kept, strict=True):
        folder = tmp_path / "scores" / f"{run}-on-fakeavceleb"
        folder.mkdir(parents=True)
        write_comparison(folder / DISTANCES_FILE, found)
        weights = json.dumps({"weights_note": "a note on the weights"})
        (folder / "metrics.json").write_text(weights, encoding="utf-8")
    return workspace


def panels(figure: Figure3) -> list[list[str]]:
    """The texts of each panel, in order: numbers on its axes, labels, title."""
    root = ElementTree.fromstring(figure.svg)
    groups = root.iter(f"{_SVG}g")
    axes = [group for group in groups if re.match(r"axes_\d+$", group.get("id", ""))]
    return [
        ["".join(text.itertext()) for text in one.iter(f"{_SVG}text")] for one in axes
    ]


def test_the_papers_panels_come_first(tmp_path: Path) -> None:
    figure = make_figure_3(kept_scores(tmp_path, [comparison(n) for n in range(3)]))
    titles = [next(text for text in one if text[0] == "(") for one in panels(figure)]
    named = [*LOSSES, *LOSSES]
    wanted = [
        f"({letter}) {loss}" for letter, loss in zip("abcdef", named, strict=True)
    ]
    assert titles == wanted


def test_distances_are_above_and_sync_below(tmp_path: Path) -> None:
    figure = make_figure_3(kept_scores(tmp_path, [comparison(n) for n in range(3)]))
    found = panels(figure)
    assert all("cosine distance of a frame" in one for one in found[:3])
    assert all(any("sync of a segment" in text for text in one) for one in found[3:])


def numbers_below(panel: list[str]) -> list[float]:
    """The numbers on the horizontal axis of a panel: all before its label."""
    label = next(n for n, text in enumerate(panel) if " of a " in text)
    return [float(text.replace("\N{MINUS SIGN}", "-")) for text in panel[:label]]


def test_sync_has_one_scale_for_all_losses(tmp_path: Path) -> None:
    """The collapse of one loss is seen only beside the spread of another."""
    kept = [comparison(0, 0.01), comparison(1, 0.2), comparison(2, 1.5)]
    found = panels(make_figure_3(kept_scores(tmp_path, kept)))
    scales = [numbers_below(panel) for panel in found]
    assert scales[3] == scales[4] == scales[5]
    # Distances have scales of their own, as in the paper.
    assert max(scales[0]) < max(scales[1]) < max(scales[2])


def test_each_loss_measure_and_type_has_its_quartiles(tmp_path: Path) -> None:
    kept = [comparison(n) for n in range(3)]
    rows = make_figure_3(kept_scores(tmp_path, kept)).rows
    keys = [(row.loss, row.measure, row.type) for row in rows]
    assert keys == [
        (loss, measure, kind)
        for loss in LOSSES
        for measure in ("distance", "sync")
        for kind in TYPES
    ]
    for row in rows:
        values = kept[LOSSES.index(row.loss)].parts[row.measure][row.type].tolist()
        quartiles = statistics.quantiles(values, n=4, method="inclusive")
        assert [row.lower, row.median, row.upper] == pytest.approx(quartiles)
        assert row.count == len(values) == (64 if row.measure == "distance" else 5)


def test_the_table_has_every_row_and_note(tmp_path: Path) -> None:
    figure = make_figure_3(kept_scores(tmp_path, [comparison(n) for n in range(3)]))
    text = figure.as_markdown()
    row = figure.rows[-1]
    line = (
        f"| InfoNCE with the class token | sync | RVFA | 5 | "
        f"{row.lower:.3f} | {row.median:.3f} | {row.upper:.3f} |"
    )
    assert line in text.splitlines()
    assert text.count("| sync |") == text.count("| distance |") == 12
    for note in ("a note on the data", "a note on the weights", "not the paper's"):
        assert note in text
    assert [row["measure"] for row in json.loads(figure.as_json())].count("sync") == 12


def test_a_type_that_was_not_compared_has_no_row(tmp_path: Path) -> None:
    empty = Comparison(
        distance={"RVRA": np.array([0.1]), "RVFA": np.empty(0)},
        sync={"RVRA": np.empty(0)},
    )
    figure = make_figure_3(kept_scores(tmp_path, [empty, empty, comparison(0)]))
    first = [row for row in figure.rows if row.loss == LOSSES[0]]
    assert [(row.measure, row.type) for row in first] == [("distance", "RVRA")]
    assert "nothing was compared" in panels(figure)[3]


def test_scores_without_sync_say_what_to_do(tmp_path: Path) -> None:
    workspace = kept_scores(tmp_path, [comparison(n) for n in range(3)])
    folder = tmp_path / "scores" / "full-on-fakeavceleb"
    np.savez(folder / DISTANCES_FILE, RVRA=np.array([0.1]))
    with pytest.raises(
        RunError, match=r"full-on-fakeavceleb.*older files have no `sync`"
    ):
        make_figure_3(workspace)
