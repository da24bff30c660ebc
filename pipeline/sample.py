"""A sample of a long file: excerpts that are prepared one by one, as one video with gaps."""

from collections.abc import Sequence
from dataclasses import replace

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.video import PreparedVideo
from avdf.pipeline.media.excerpt import Excerpt


def join_excerpts(parts: Sequence[PreparedVideo]) -> PreparedVideo:
    """The tracks of excerpts of one file as one video; each stays at its place in file time.

    Its duration is that of the excerpts together, and it counts the most faces of any of them.

    Args:
        parts: in their order, at least one.
    """
    first = parts[0]
    tracks = [
        replace(track, start=part.offset - first.offset + track.start)
        for part in parts
        for track in part.tracks
    ]
    # What holds for the whole file, such as a conversion, is said by every excerpt.
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    return replace(
        first,
        duration=sum(part.duration for part in parts),
        faces=max(part.faces for part in parts),
        tracks=tuple(tracks),
        notes=tuple(notes),
    )


def sample_note(excerpts: Sequence[Excerpt], used: int, seconds: float) -> str:
    """What was looked at, and that the rest was not.

    Args:
        used: excerpts in which there was something to judge.
        seconds: length of the file.
    """
    length = sum(excerpt.rows for excerpt in excerpts) / FRAME_RATE
    each = excerpts[0].rows / FRAME_RATE
    with_face = (
        "" if used == len(excerpts) else f"; {used} of them have a face to judge"
    )
    return (
        f"only a sample: {len(excerpts)} excerpts of {each:.2f} s, {length / seconds:.1%} of the "
        f"file{with_face}; what lies between them was not examined"
    )
