"""Parts of a file that no verdict rests on: without a face, or with one for too short a time."""

from collections.abc import Iterable, Sequence

from avdf.model.report.evidence import Evidence
from avdf.model.report.number_text import Range
from avdf.model.scoring.rows import SegmentRow

_LEAST = 0.05  # seconds that are worth a line: more than a frame


def times_without_face(evidence: Evidence) -> list[Range]:
    """The parts of the file's time in which no face was followed; none of sound alone."""
    if not evidence.faces:
        return []
    followed = [(face.start, face.end) for face in evidence.faces]
    return _uncovered((evidence.start, evidence.end), followed)


def times_in_no_segment(
    evidence: Evidence, segments: Sequence[SegmentRow]
) -> list[Range]:
    """Where a face was followed, or sound alone examined, but no segment of it was scored.

    Segments of 0.64 s follow one another from the start of each unbroken run of a face. What is
    left at its end is in the curves over time, and in no verdict.
    """
    scored: dict[int, list[Range]] = {}
    for segment in segments:
        scored.setdefault(segment.face or 0, []).append((segment.start, segment.end))
    everywhere = [span for spans in scored.values() for span in spans]
    if not evidence.faces:
        return _uncovered((evidence.start, evidence.end), everywhere)
    left = []
    for face in evidence.faces:
        # Of a file with one person, segments do not name the face.
        own = scored.get(face.face) or scored.get(0, [])
        left += _uncovered((face.start, face.end), own)
    # One person may be scored while another one is not.
    return [part for span in _joined(left) for part in _uncovered(span, everywhere)]


def _uncovered(whole: Range, spans: Iterable[Range]) -> list[Range]:
    """The parts of `whole` that no span covers, if they last longer than a frame."""
    start, end = whole
    parts, covered = [], start
    for first, last in sorted(spans):
        if first - covered > _LEAST and covered < end:
            parts.append((covered, min(first, end)))
        covered = max(covered, last)
    if end - covered > _LEAST:
        parts.append((covered, end))
    return parts


def _joined(spans: Iterable[Range]) -> list[Range]:
    """The same parts of time in their order, those that overlap as one."""
    joined: list[Range] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
