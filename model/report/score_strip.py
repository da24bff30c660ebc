"""The scores of a video's segments as a strip of coloured cells."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from avdf.model.report.svg import png
from avdf.model.scoring.rows import SegmentRow
from avdf.model.verdicts import VERDICTS

_REAL, _MIDDLE, _FAKE = np.array([42, 111, 151]), np.array([240, 236, 228]), np.array([187, 62, 3])


_MOST_CELLS = 60


_CELL, _LINE = 6, 7  # pixels of a cell on the page


def strip(rows: Sequence[SegmentRow]) -> Markup:
    """P(fake) of a video's segments over time: three lines (picture, sound, video) of cells; long videos averaged."""
    values = np.array([tuple(row.probability) for row in rows], np.float64)
    parts = np.array_split(values, min(len(values), _MOST_CELLS))
    cells = heat(np.array([part.mean(axis=0) for part in parts]).T)  # (3, cells, 3)
    label = f"P(fake) of {len(rows)} segments: picture, sound, video"
    return Markup('<img class="strip" width="{}" height="{}" alt="{}" src="{}">').format(
        len(parts) * _CELL, len(VERDICTS) * _LINE, label, png(cells)
    )


def heat(probability: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """(..., 3) RGB from blue (real) over pale to red (fake); white where there is no score."""
    share = np.abs(np.nan_to_num(probability, nan=0.5) - 0.5)[..., None] * 2
    colour = _MIDDLE + (np.where(probability[..., None] >= 0.5, _FAKE, _REAL) - _MIDDLE) * share
    return np.where(np.isnan(probability)[..., None], 255, colour).astype(np.uint8)
