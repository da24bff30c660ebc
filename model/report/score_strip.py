"""The scores of a video's segments as a strip of coloured cells."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from avdf.model.report.svg import Image, png
from avdf.model.scoring.rows import SegmentRow
from avdf.model.verdicts import VERDICTS

# Blue for real over pale to red for fake.
_REAL = np.array([42, 111, 151])
_MIDDLE = np.array([240, 236, 228])
_FAKE = np.array([187, 62, 3])
_NOT_SCORED = 255  # white

_MOST_CELLS = 60
_CELL_WIDTH, _CELL_HEIGHT = 6, 7  # pixels on the page

Array = npt.NDArray[np.float64]


def strip(rows: Sequence[SegmentRow]) -> Markup:
    """P(fake) over time, one line for each verdict; long videos have cells of several segments."""
    values = np.array([tuple(row.probability) for row in rows], np.float64)
    count = min(len(values), _MOST_CELLS)
    parts = np.array_split(values, count)
    means = np.array([part.mean(axis=0) for part in parts])
    cells = heat(means.T)  # (3, cells, 3)
    label = f"P(fake) of {len(rows)} segments: {', '.join(VERDICTS)}"
    element = Markup('<img class="strip" width="{}" height="{}" alt="{}" src="{}">')
    width = count * _CELL_WIDTH
    height = len(VERDICTS) * _CELL_HEIGHT
    return element.format(width, height, label, png(cells))


def heat(probability: Array) -> Image:
    """(..., 3) RGB from blue (real) over pale to red (fake); white where there is no score."""
    # How far from 0.5, from 0 to 1, and the colour of the end that lies on this side.
    known = np.nan_to_num(probability, nan=0.5)
    share = np.abs(known - 0.5)[..., None] * 2
    is_fake = probability[..., None] >= 0.5
    end = np.where(is_fake, _FAKE, _REAL)
    colour = _MIDDLE + (end - _MIDDLE) * share
    missing = np.isnan(probability)[..., None]
    return np.where(missing, _NOT_SCORED, colour).astype(np.uint8)
