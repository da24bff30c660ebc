"""A sheet of forgeries: genuine, forged, and what differs, one above the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch

from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.core.log_mel import log_mel
from avdf.cache.shards.codec import Image
from avdf.cache.shards.contact_sheet import CROP_SIZE, CROPS_IN_ROW, caption

_WIDTH = CROP_SIZE * CROPS_IN_ROW
_SOUND_HEIGHT = 80  # pixels: one for each mel channel
_GAIN = 4  # differences of pixels are small, and are shown larger by this factor
_MEL_SPAN = 2.0  # of Whisper's log-mel: 8 powers of ten, divided by 4


@dataclass(frozen=True, eq=False)
class SheetEntry:
    """A genuine clip and a forgery of it.

    name            of the clip
    forger          of the forgery
    genuine, forged  frames (n, S, S, 3); None for sound alone
    pcm, forged_pcm  (640 n,)
    """

    name: str
    forger: str
    genuine: UInt8Array | None
    forged: UInt8Array | None
    pcm: Pcm
    forged_pcm: Pcm


def forgery_sheet(entries: Sequence[SheetEntry]) -> Image:
    """An image (h, 896, 3) RGB.

    Of each entry whose picture was forged: eight frames of the genuine clip, the same ones of the
    forgery, and the amount of their difference, four times as large. Of each entry whose sound was
    forged: the same three of its log-mel spectrogram.

    Raises:
        ValueError: there is no entry.
    """
    if not entries:
        raise ValueError("a sheet without a forgery")
    rows: list[Image] = []
    for entry in entries:
        rows.append(caption(entry.name, f"  {entry.forger}"))
        if entry.genuine is not None and entry.forged is not None:
            rows += _pictures(entry.genuine, entry.forged)
        if not np.array_equal(entry.pcm, entry.forged_pcm):
            rows += _sounds(entry.pcm, entry.forged_pcm)
    return np.asarray(np.vstack(rows), np.uint8)


def _pictures(genuine: UInt8Array, forged: UInt8Array) -> list[Image]:
    if np.array_equal(genuine, forged):
        return [_row(genuine, _spread(len(genuine)))]
    # The frames that differ most would flatter the forger; those that differ not at all would hide
    # a forgery of a part: frames spread evenly over what was changed.
    changed = np.flatnonzero((genuine != forged).any(axis=(1, 2, 3)))
    shown = changed[_spread(len(changed))]
    difference = cv2.absdiff(genuine, forged)
    louder = np.minimum(difference.astype(np.int32) * _GAIN, 255).astype(np.uint8)
    return [_row(genuine, shown), _row(forged, shown), _row(louder, shown)]


def _spread(count: int) -> np.ndarray:
    return np.linspace(0, count - 1, CROPS_IN_ROW).round().astype(int)


def _row(frames: UInt8Array, shown: np.ndarray) -> Image:
    size = (CROP_SIZE, CROP_SIZE)
    small = [
        cv2.resize(frames[number], size, interpolation=cv2.INTER_AREA)
        for number in shown.tolist()
    ]
    return np.asarray(np.hstack(small), np.uint8)


def _sounds(pcm: Pcm, forged: Pcm) -> list[Image]:
    mels = [
        log_mel(torch.from_numpy(np.ascontiguousarray(one))[None])[0].numpy()
        for one in (pcm, forged)
    ]
    top = max(float(mel.max()) for mel in mels)
    images = [np.clip((mel - top) / _MEL_SPAN + 1, 0, 1) for mel in mels]
    return [_strip(one) for one in (*images, np.abs(images[0] - images[1]))]


def _strip(share: np.ndarray) -> Image:
    """A spectrogram (80, t) in [0, 1] as a grey strip: low notes below, loud ones bright."""
    grey = (share[::-1] * 255).astype(np.uint8)
    wide = cv2.resize(grey, (_WIDTH, _SOUND_HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(np.repeat(wide[..., None], 3, axis=2), np.uint8)
