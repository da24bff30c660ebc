"""Two detectors on the same videos, in words."""

from avdf.cache.core.safe_text import printable
from avdf.model.evaluation.two_detectors import AucDifference, TwoDetectors
from avdf.model.report.number_text import p_value
from avdf.model.verdicts import REPORT_ORDER


def compared_lines(found: TwoDetectors) -> list[str]:
    """A line for each verdict that can be compared, after one that names the second table."""
    lines = [
        f"against {printable(str(found.against))}, on the videos that both scored:"
    ]
    for name in REPORT_ORDER:
        lines += _lines(name, found.verdicts[name])
    if len(lines) == 1:
        lines.append(
            "  nothing to compare: fewer than two real or two fake videos have both scores"
        )
    if found.one_only:
        lines.append(
            f"  {found.one_only} videos have a score in one of the tables alone"
        )
    return lines


def _lines(name: str, found: AucDifference) -> list[str]:
    test, drawn = found.test, found.by_identity
    if test is None:
        return []
    low, high = test.interval
    lines = [
        f"  {name:7} AUC {test.first:.3f}, against {test.second:.3f}: {test.difference:+.3f}   "
        f"({found.real} real, {found.fake} fake)",
        f"          DeLong: {low:+.3f} to {high:+.3f}, p {p_value(test.p_value)}",
    ]
    if drawn is not None:
        low, high = drawn.interval
        lines.append(
            f"          bootstrap over {drawn.groups} persons: {low:+.3f} to {high:+.3f}, "
            f"p {p_value(drawn.p_value)}"
        )
    return lines
