"""What our pictures share: colours, type, and SVG text that stands in a page."""

import io
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

COLOURS = {"video": "#1b4965", "visual": "#ca6702", "audio": "#5a7d2b"}
REAL_COLOUR, FAKE_COLOUR = "#2a6f97", "#bb3e03"
_STYLE: dict[Any, Any] = {
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9.0,
    "svg.fonttype": "none",
    "svg.hashsalt": "avdf",
    "font.family": "sans-serif",
    "text.parse_math": False,  # a `$` in a name is a dollar sign, not a formula
}


def figure_svg(draw: Callable[[Figure], None], width: float, height: float) -> str:
    """An SVG element of `width` x `height` inches; names in it are escaped by matplotlib."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        buffer = io.StringIO()
        figure.savefig(
            buffer,
            format="svg",
            transparent=True,
            metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")),
        )
    text = buffer.getvalue()
    return text[text.index("<svg") :]
