"""What all plots share: colours, type, and SVG text that can stand in a page."""

import io
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from avdf.model.verdicts import PerVerdict

COLOURS = PerVerdict(
    visual="#ca6702",
    audio="#5a7d2b",
    video="#1b4965",
)
DISTANCE_COLOUR = "#7b2d8b"
SYNC_COLOUR = "#00838a"
REAL_COLOUR, FAKE_COLOUR, UNKNOWN_COLOUR = "#2a6f97", "#bb3e03", "#777"
GUIDE_COLOUR = "#999"  # of lines that show chance or perfect calibration
INK = "#333"

_STYLE: dict[Any, Any] = {
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9.0,
    "svg.fonttype": "none",
    # Without a salt the ids in a picture, and so the report, differ from run to run.
    "svg.hashsalt": "avdf",
    "font.family": "sans-serif",
    # A `$` in a name is a dollar sign, not the start of a formula.
    "text.parse_math": False,
}
# These would write the date and the versions of libraries into the picture.
_NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))


def figure_svg(
    draw: Callable[[Figure], None],
    width: float,
    height: float,
) -> str:
    """An SVG element of `width` x `height` inches; matplotlib escapes the names in it."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        buffer = io.StringIO()
        figure.savefig(
            buffer,
            format="svg",
            transparent=True,
            metadata=_NO_METADATA,
        )
    # What stands before the element belongs to a file of its own, not to a page.
    text = buffer.getvalue()
    return text[text.index("<svg") :]
