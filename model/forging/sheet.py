"""A strip for a sheet of forgeries: genuine, forged, and what differs, one above the other."""

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
class ForgeryPair:
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


def forgery_strip(pair: ForgeryPair) -> Image:
    """An image (h, 896, 3) RGB with a caption.

    If the picture was forged: eight frames of the genuine clip, the same ones of the forgery, and
    the amount of their difference, four times as large. If the sound was forged: the same three of
    its log-mel spectrogram.
    """
    rows = [caption(pair.name, f"  {pair.forger}")]
    if pair.genuine is not None and pair.forged is not None:
        rows += _pictures(pair.genuine, pair.forged)
    if not np.array_equal(pair.pcm, pair.forged_pcm):
        rows += _sounds(pair.pcm, pair.forged_pcm)
    return np.asarray(np.vstack(rows), np.uint8)


def _pictures(genuine: UInt8Array, forged: UInt8Array) -> list[Image]:
    # Frame by frame: a clip takes 77 MB, and a comparison of all of it as much again.
    changed = [
        number
        for number, (one, other) in enumerate(zip(genuine, forged, strict=True))
        if not np.array_equal(one, other)
    ]
    if not changed:
        return [_row(genuine[_spread(len(genuine))])]
    # The frames that differ most would flatter the forger; those that differ not at all would hide
    # a forgery of a part: frames spread evenly over what was changed.
    shown = np.array(changed)[_spread(len(changed))]
    before, after = genuine[shown], forged[shown]
    # Multiplied, and at most 255.
    larger = cv2.convertScaleAbs(cv2.absdiff(before, after), alpha=_GAIN)
    return [_row(before), _row(after), _row(np.asarray(larger, np.uint8))]


def _spread(count: int) -> np.ndarray:
    return np.linspace(0, count - 1, CROPS_IN_ROW).round().astype(int)


def _row(frames: UInt8Array) -> Image:
    size = (CROP_SIZE, CROP_SIZE)
    small = [cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in frames]
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
