"""Whether a forgery has changed what its labels call fake: else the label would be wrong."""

import cv2
import numpy as np

from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.core.loudness import is_silent
from avdf.model.forging.cannot_forge import CannotForge
from avdf.model.forging.footage import Footage
from avdf.model.verdicts import PerVerdict

# A pixel counts as changed beyond what JPEG of quality 95 does to it.
_LEAST_LEVELS = 2  # of 255
# Of all pixels. In recordings of speech at rest, smoothing changes 0.04 % of them, which nobody
# could see; self-blending and moved mouths change 6 % and more.
LEAST_SHARE = 0.002


def check_effect(
    genuine: Footage,
    forged: Footage,
    labels: PerVerdict[int],
    rows: tuple[int, int] | None = None,
) -> None:
    """Refuse a forgery that changes less than its labels say.

    A picture that stands still looks the same after smoothing, and of a pause every vocoder makes
    a pause. Silence in place of speech is no forgery to learn either: it would be a mark of its
    own.

    Args:
        rows: the first forged row, and the one after the last; None: all of them.

    Raises:
        CannotForge: nothing can be seen or heard of it.
    """
    first, stop = rows if rows is not None else (0, len(genuine.frames))
    frames = slice(first, stop)
    if labels.visual == FAKE and not is_seen(
        genuine.frames[frames], forged.frames[frames]
    ):
        raise CannotForge("nothing can be seen of the change")
    # Where picture and sound are each genuine, it is the sound that does not belong there.
    if labels.audio == FAKE or labels.visual == REAL:
        samples = slice(first * SAMPLES_PER_FRAME, stop * SAMPLES_PER_FRAME)
        _check_sound(genuine.pcm[samples], forged.pcm[samples])


def is_seen(
    genuine: UInt8Array, forged: UInt8Array, least_share: float = LEAST_SHARE
) -> bool:
    """Whether at least this share of the pixels differ by more than 2 of 255.

    Args:
        genuine, forged: frames (n, S, S, 3).
    """
    wanted = least_share * genuine[..., 0].size
    least, most = (0, 0, 0), (_LEAST_LEVELS,) * 3
    changed = 0
    # Most forgeries change enough of the first frame already.
    for one, other in zip(genuine, forged, strict=True):
        alike = cv2.inRange(cv2.absdiff(one, other), least, most)
        changed += alike.size - cv2.countNonZero(alike)
        if changed >= wanted:
            return True
    return False


def is_heard(genuine: Pcm, forged: Pcm) -> bool:
    """Whether the difference of two sounds (n,) is louder than silence."""
    difference = forged.astype(np.int32) - genuine
    return not is_silent(np.clip(difference, -32768, 32767).astype(np.int16))


def _check_sound(genuine: Pcm, forged: Pcm) -> None:
    for sound, what in ((genuine, "genuine"), (forged, "forged")):
        if is_silent(sound):
            raise CannotForge(f"the {what} sound is silent")
    if not is_heard(genuine, forged):
        raise CannotForge("nothing can be heard of the change")
