"""Which tracks show one person: joined across a cut or a gap where location and face agree.

A person is never guessed. A track that is like two persons, or like one only in part, is a person
of its own.
"""

from collections.abc import Sequence

from avdf.pipeline.faces.boxes import overlap
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.likeness import likeness
from avdf.pipeline.faces.row_span import RowSpan
from avdf.pipeline.media.resample import Plane

# Likeness of two tracks from which on they show one face. Different speakers of GRID, who all sit
# before one wall and look into the camera, reach 0.915 (docs/results.md).
_SAME_FACE = 0.93
# Likeness from which on a face may be the same: two such persons are one too many.
_MAYBE_SAME_FACE = 0.88
# Overlap of the boxes where one track ends and the other begins.
_SAME_LOCATION = 0.25
_COMPARED = 5  # detections at the end of one track and at the beginning of the other


def number_people(faces: Sequence[FollowedFace]) -> list[int]:
    """The number of the person of each track, from 1 in the order in which they appear.

    Args:
        faces: tracks in order of their first row.
    """
    people: list[list[FollowedFace]] = []
    numbers = []
    for face in faces:
        number = _known_person(face, people)
        if number is None:
            people.append([])
            number = len(people) - 1
        people[number].append(face)
        numbers.append(number + 1)
    return numbers


def _known_person(
    face: FollowedFace, people: Sequence[Sequence[FollowedFace]]
) -> int | None:
    """The index of the one person whom a track shows; None where there is any doubt."""
    likely = []
    for index, tracks in enumerate(people):
        alike = _likeness_to_person(face, tracks)
        if alike is not None and alike >= _MAYBE_SAME_FACE:
            likely.append((alike, index))
    if len(likely) != 1:
        return None
    ((alike, index),) = likely
    return index if alike >= _SAME_FACE else None


def _likeness_to_person(
    face: FollowedFace, tracks: Sequence[FollowedFace]
) -> float | None:
    """How alike a track is to a person at its location; None where it cannot be that person.

    Nobody is at two locations in one row.
    """
    rows = RowSpan(face.first, face.last)
    if any(rows.meets(RowSpan(track.first, track.last)) for track in tracks):
        return None
    first_box = face.track.detections[0].box
    scores = [
        _best_likeness(track.patches[-_COMPARED:], face.patches[:_COMPARED])
        for track in tracks
        if overlap(track.box, first_box) >= _SAME_LOCATION
    ]
    return max(scores, default=None)


def _best_likeness(before: Sequence[Plane], after: Sequence[Plane]) -> float:
    """Of all pairs of patches the likeness of the most alike; 0 where none can be compared.

    A head turns and a mouth opens: among several views of one face, two are often alike.
    """
    scores = [likeness(first, second) for first in before for second in after]
    return max((score for score in scores if score is not None), default=0.0)
