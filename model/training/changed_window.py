"""Windows that are changed when they are read: forged, augmented, or both."""

from dataclasses import dataclass

import numpy as np

from avdf.cache.core.arrays import UInt8Array
from avdf.cache.core.clock import SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.core.errors import SegmentError
from avdf.cache.stream.index import TrackRef
from avdf.cache.stream.shard_pool import SegmentAudio, ShardPool
from avdf.cache.stream.windows import Window
from avdf.model.augment.frames import augment_frames
from avdf.model.augment.sound import augment_sound
from avdf.model.forging.cannot_forge import CannotForge
from avdf.model.forging.footage import Footage
from avdf.model.forging.plan import ForgingPlan

# Rows before and after a window that a forger may take sound from: 1.2 s.
AROUND_ROWS = 30


class CannotForgeError(SegmentError):
    """A window does not allow the forgery that was planned; another plan will do."""


@dataclass(frozen=True)
class ChangedWindow(Window):
    """A window, and how it is changed after it was read.

    source      the number of the window that it shows: a genuine window and its forged copy have
                the same one; -1: nobody asks
    within      the track that it lies in; None: nothing is changed
    plan        how it is forged; None: it is not
    other       where the forgery takes the sound of another video from
    augmenting  seeds of its augmentation; empty: it is not augmented
    """

    source: int = -1
    within: TrackRef | None = None
    plan: ForgingPlan | None = None
    other: Window | None = None
    augmenting: tuple[int, ...] = ()


def changeable(window: Window) -> ChangedWindow:
    """The same window as a `ChangedWindow`."""
    if isinstance(window, ChangedWindow):
        return window
    return ChangedWindow(
        window.video, window.shard, window.row, window.segment, window.track
    )


def change_read(
    pool: ShardPool, window: Window, frames: UInt8Array, audio: SegmentAudio
) -> SegmentAudio:
    """Forge and augment a window that was read: its frames in place, its audio as the result.

    A window that is no `ChangedWindow` stays as it is.

    Raises:
        CannotForgeError: the window does not allow its forgery.
        SegmentError: the sound around it, or the other sound, cannot be read.
    """
    if not isinstance(window, ChangedWindow) or window.within is None:
        return audio
    pcm = audio.pcm
    if window.plan is not None:
        footage = _footage(pool, window, window.within, frames, audio)
        try:
            forged = window.plan.apply(footage)
        except CannotForge as error:
            raise CannotForgeError(
                f"{window.shard}, row {window.row}: {error}"
            ) from None
        if forged.frames is not footage.frames:
            frames[:] = forged.frames
        pcm = forged.pcm
    if window.augmenting:
        # Genuine and forged windows alike: what only one side has would give it away.
        if window.within.has_picture:
            generator = np.random.default_rng([*window.augmenting, 0])
            frames[:] = augment_frames(frames, generator)
        if window.within.has_audio:
            generator = np.random.default_rng([*window.augmenting, 1])
            pcm = augment_sound(pcm, generator)
    # A stored spectrogram would be that of the sound before the change.
    return audio if pcm is audio.pcm else SegmentAudio(pcm, None)


def _footage(
    pool: ShardPool,
    window: ChangedWindow,
    track: TrackRef,
    frames: UInt8Array,
    audio: SegmentAudio,
) -> Footage:
    """A window with the sound around it, as far as its track goes, and the other sound."""
    first = max(track.row, window.row - AROUND_ROWS)
    stop = min(track.end, window.row + SEGMENT_FRAMES + AROUND_ROWS)
    other = window.other
    return Footage(
        frames=frames,
        pcm=audio.pcm,
        around=pool.read_sound(window.shard, first, stop - first),
        begin=(window.row - first) * SAMPLES_PER_FRAME,
        other=pool.read_sound(other.shard, other.row, SEGMENT_FRAMES)
        if other
        else None,
    )
