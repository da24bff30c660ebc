"""How faces are looked for: a search of the whole frame is rare, a confirmation is frequent."""

from collections.abc import Sequence

import numpy as np

from avdf.pipeline.faces.boxes import best_match, overlap
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.detection import Box, Detection, long_side
from avdf.pipeline.faces.difference import difference, local_difference
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane

_MOST_FACES = 8  # that are followed at once: the largest
_CONFIRMED_OVERLAP = 0.4  # of a confirmed face with the guess where it should be


class FaceSearch:
    """Finds faces with a detector, and remembers what the frame looked like when it was searched.

    Args:
        thorough: every search looks for small faces, not only one that finds no larger face.
        beside: a search that finds a large face looks for small ones beside it, too.
    """

    def __init__(
        self, detector: FaceDetector, thorough: bool, beside: bool = False
    ) -> None:
        self._detector = detector
        self._settings = detector.settings
        self._thorough = thorough
        self._beside = beside
        self._searched_thumbnail: Plane | None = None
        self._searched_row = 0

    def search(
        self,
        frame: DecodedFrame,
        thumbnail: Plane,
        any_known: bool,
    ) -> list[Detection]:
        """The largest faces of a frame, largest first.

        Args:
            any_known: whether a face is being followed. Where none is and none is found, a finer
                search follows.
        """
        self._searched_thumbnail, self._searched_row = thumbnail, frame.row
        smallest = self._smallest(frame)
        (found,) = self._detector.search([frame], smallest)
        if not found and not any_known and not smallest:
            (found,) = self._detector.search([frame], self._settings.fine_face)
        elif found and self._beside and not smallest:
            found = [*found, *self._small_faces_beside(frame, found)]
        return sorted(found, key=lambda face: -face.side)[:_MOST_FACES]

    def _small_faces_beside(
        self, frame: DecodedFrame, large: Sequence[Detection]
    ) -> list[Detection]:
        """Small faces that are certain, and lie outside of the large ones.

        What is known of the large ones stays as it is: a file with one person is followed as it
        would be without this search.
        """
        (small,) = self._detector.search([frame], self._settings.fine_face)
        return [
            face
            for face in small
            if face.probability >= self._settings.probability
            and not any(_holds_centre(other.box, face.box) for other in large)
        ]

    def faces_at(
        self,
        frame: DecodedFrame,
        known: Sequence[FollowedFace],
        last_uncertain: int,
    ) -> list[Detection]:
        """The faces of a frame: confirmed where they were last, or searched if that may miss some.

        Args:
            known: the faces that are followed.
            last_uncertain: last row of a gradual transition. After it, new faces may be there.
        """
        thumbnail = frame.thumbnail().copy()
        is_due = frame.row - self._searched_row >= self._settings.search_stride
        is_due |= self._searched_row <= last_uncertain
        if known and not is_due and self._is_calm(frame, thumbnail, known):
            guesses = [face.box for face in known]
            found = self._detector.refine([frame] * len(guesses), guesses)
            pairs = zip(found, guesses, strict=True)
            if all(self._is_confirmed(face, guess) for face, guess in pairs):
                return found
        return self.search(frame, thumbnail, any_known=bool(known))

    def confirm(self, frame: DecodedFrame, guess: Box) -> Detection | None:
        """The face at a guessed box, by the detector's last network alone; None where it doubts."""
        (detection,) = self._detector.refine([frame], [guess])
        return detection if self._is_confirmed(detection, guess) else None

    def find_near(
        self, frames: Sequence[DecodedFrame], guesses: Sequence[Box]
    ) -> list[Detection | None]:
        """The face near the guessed box of each frame, or None.

        Where the detector's last network doubts, a search of the whole frame decides.
        """
        found = self._detector.refine(frames, guesses)
        confirmed = [
            self._is_confirmed(face, guess)
            for face, guess in zip(found, guesses, strict=True)
        ]
        doubtful = [
            frame for frame, sure in zip(frames, confirmed, strict=True) if not sure
        ]
        # All doubtful frames go through the detector as one batch.
        smallest = self._smallest(doubtful[0]) if doubtful else 0.0
        searched = iter(self._detector.search(doubtful, smallest) if doubtful else [])
        answer: list[Detection | None] = []
        for guess, detection, sure in zip(guesses, found, confirmed, strict=True):
            answer.append(detection if sure else _nearest(guess, next(searched)))
        return answer

    def searched(self, frame: DecodedFrame, detection: Detection) -> Detection:
        """The same face, found by a search: a track that begins has to rest on one."""
        if detection.searched:
            return detection
        (found,) = self._detector.search([frame], self._smallest(frame))
        return _nearest(detection.box, found) or detection

    def _is_confirmed(self, detection: Detection, guess: Box) -> bool:
        if detection.probability < self._settings.confirm:
            return False
        return overlap(detection.box, guess) > _CONFIRMED_OVERLAP

    def _smallest(self, frame: DecodedFrame) -> float:
        """The smallest face that every search has to find, by the long side; 0: the default."""
        if self._settings.smallest:
            return min(1.0, self._settings.smallest / max(frame.width, frame.height))
        return self._settings.every_face if self._thorough else 0.0

    def _is_calm(
        self,
        frame: DecodedFrame,
        thumbnail: Plane,
        known: Sequence[FollowedFace],
    ) -> bool:
        """Whether no face can have joined since the last search.

        All known faces were found by a search, and the frame changed nowhere else.
        """
        if not all(face.was_searched() for face in known):
            return False
        last = self._searched_thumbnail
        if last is None or difference(thumbnail, last) >= self._settings.calm:
            return False
        at_known = np.zeros(thumbnail.shape, np.bool_)
        step = max(frame.width, frame.height) / max(thumbnail.shape)
        for face in known:
            # Twice the face's size: a head moves without anybody joining.
            centre = (face.box[:2] + face.box[2:]) / 2
            reach = long_side(face.box)
            corners = np.concatenate([centre - reach, centre + reach])
            x1, y1, x2, y2 = (corners / step).clip(min=0).astype(int)
            at_known[y1 : y2 + 1, x1 : x2 + 1] = True
        smallest = self._smallest(frame) or self._settings.search_face
        window = max(3, round(smallest * max(thumbnail.shape)))
        return (
            local_difference(thumbnail, last, at_known, window)
            < self._settings.calm_part
        )


def _holds_centre(box: Box, other: Box) -> bool:
    """Whether the centre of the other box lies in the box."""
    centre = (other[:2] + other[2:]) / 2
    return bool((box[:2] <= centre).all() and (centre <= box[2:]).all())


def _nearest(guess: Box, found: Sequence[Detection]) -> Detection | None:
    index = best_match(guess, [face.box for face in found])
    return None if index is None else found[index]
