"""The first failures of a job, by name: one bad file should not send the reader to a table."""

from collections.abc import Sequence

_MOST_SHOWN = 40


def named_failures(failures: Sequence[str], others: str = "") -> list[str]:
    """Indented lines, and how many there are besides these.

    Args:
        others: where the others are listed.
    """
    lines = [f"  {failure}" for failure in failures[:_MOST_SHOWN]]
    hidden = len(failures) - _MOST_SHOWN
    if hidden > 0:
        lines.append(f"  ... and {hidden} more{others}")
    return lines
