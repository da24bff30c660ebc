"""Plots of likelihood ratios: their steps against plain counts, and when there are none."""

import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from avdf.model.report.ratio_plots import _draw_tippett, _Ratios, draw_ratios
from avdf.model.scoring.rows import VideoScore
from avdf.model.verdicts import PerVerdict
from tests.helpers.video_scores import video_score

LABELS = np.array([0, 0, 0, 1, 1])
RATIOS = np.array([-1.0, -0.5, 0.4, 0.2, 1.5])


def videos() -> list[VideoScore]:
    pairs = zip(LABELS.tolist(), RATIOS.tolist(), strict=True)
    return [
        replace(
            video_score(str(number), label, 0.5),
            log10_ratio=PerVerdict(None, None, ratio),
        )
        for number, (label, ratio) in enumerate(pairs)
    ]


def test_each_step_is_the_share_of_larger_ratios() -> None:
    axes = Figure().add_subplot()

    _draw_tippett(axes, [_Ratios("video", LABELS, RATIOS)])

    fakes, reals = axes.lines[:2]
    for line, own in ((fakes, RATIOS[LABELS == 1]), (reals, RATIOS[LABELS == 0])):
        x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
        for value in (-0.8, 0.0, 0.3, 1.0):
            if x[0] <= value < x[-1]:
                # The step that holds at `value` began at the last edge before it.
                drawn = y[np.flatnonzero(x <= value)[-1]]
                assert drawn == pytest.approx(np.mean(own > value))
        assert y[0] == 1 and y[-1] == 0


def test_both_plots_are_drawn_for_verdicts_with_ratios_alone() -> None:
    found = draw_ratios(videos())

    assert [caption.split()[0] for caption, _ in found] == ["Tippett", "Empirical"]
    for _, svg in found:
        names = re.findall(r">(video|visual|audio)<", svg)
        assert names == ["video"]


def test_without_ratios_or_with_one_class_there_are_none() -> None:
    assert draw_ratios([video_score("a", 0, 0.5), video_score("b", 1, 0.5)]) == ()
    assert draw_ratios([video for video in videos() if video.info.label]) == ()
