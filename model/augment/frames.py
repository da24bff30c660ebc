"""Augmentation of frames: what happens to genuine files on their way, in random strength."""

from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg

from avdf.cache.core.arrays import UInt8Array
from avdf.model.imaging.colour import ColourChange, random_colour_change
from avdf.model.imaging.resolution import coarser, sharper

_SMALLEST_CROP = 0.9  # of the side
_FLIP = 0.5  # probability, as the four below
_SHARPEN = 0.15
_BLUR = 0.1
_RESIZE = 0.3
_JPEG = 0.5
_AMOUNTS = (0.5, 2.0)  # of sharpening
_SIGMAS = (0.3, 1.5)  # pixels, of the blur
_FACTORS = (0.25, 1.0)  # of the resolution
_QUALITIES = (40, 100)  # of JPEG


@dataclass(frozen=True, eq=False)
class FrameAugmentation:
    """What happens to each frame of one window.

    crop          side of the square that is kept, and its left and upper margin, as shares of the
                  crop: it is enlarged to the size of the crop again
    flip          whether left and right change places
    colour        the change of colour
    sharpen       how much is sharpened; 0: not at all
    blur          standard deviation of a Gaussian filter in pixels; 0: none
    resize        the frame is made smaller by this factor, then larger again; 1: it is not
    jpeg          quality with which the frame is encoded and decoded; None: it is not
    """

    crop: tuple[float, float, float]
    flip: bool
    colour: ColourChange
    sharpen: float
    blur: float
    resize: float
    jpeg: int | None

    def __call__(self, frame: UInt8Array) -> UInt8Array:
        """The frame (S, S, 3), in the same size."""
        frame = self._cropped(frame)
        if self.flip:
            frame = np.asarray(cv2.flip(frame, 1), np.uint8)
        if not self.colour.does_nothing:
            frame = self.colour(frame)
        if self.sharpen:
            frame = sharper(frame, self.sharpen)
        if self.blur:
            frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), self.blur), np.uint8)
        if self.resize < 1:
            frame = coarser(frame, self.resize)
        return frame if self.jpeg is None else _jpeg(frame, self.jpeg)

    def _cropped(self, frame: UInt8Array) -> UInt8Array:
        side = len(frame)
        kept, left, top = (round(share * side) for share in self.crop)
        # Rounding may go one pixel too far.
        left, top = min(left, side - kept), min(top, side - kept)
        square = frame[top : top + kept, left : left + kept]
        whole = cv2.resize(square, (side, side), interpolation=cv2.INTER_CUBIC)
        return np.asarray(whole, np.uint8)


def random_frame_augmentation(generator: np.random.Generator) -> FrameAugmentation:
    """The parameters for one window. Always draws the same number of random numbers."""
    kept = generator.uniform(_SMALLEST_CROP, 1)
    left, top = generator.uniform(0, 1 - kept, 2)
    chances = (_FLIP, _SHARPEN, _BLUR, _RESIZE, _JPEG)
    happens = generator.random(len(chances)) < chances
    flips, sharpens, blurs, resizes, compresses = happens.tolist()
    amount = generator.uniform(*_AMOUNTS)
    sigma = generator.uniform(*_SIGMAS)
    factor = generator.uniform(*_FACTORS)
    quality = int(generator.integers(*_QUALITIES, endpoint=True))
    return FrameAugmentation(
        crop=(kept, left, top),
        flip=flips,
        colour=random_colour_change(generator),
        sharpen=amount if sharpens else 0.0,
        blur=sigma if blurs else 0.0,
        resize=factor if resizes else 1.0,
        jpeg=quality if compresses else None,
    )


def augment_frames(frames: UInt8Array, generator: np.random.Generator) -> UInt8Array:
    """Frames (n, S, S, 3) of one window, all changed in the same way, in an array of their own.

    For genuine and for forged windows alike, after forging, each with random numbers of its own:
    what is done to one side only is learned instead of the forgery. Every window is resampled (a
    small random crop), because some forgeries resample the face.
    """
    change = random_frame_augmentation(generator)
    return np.stack([change(frame) for frame in frames])


def _jpeg(frame: UInt8Array, quality: int) -> UInt8Array:
    data = simplejpeg.encode_jpeg(frame, quality, "RGB", "420")
    return np.asarray(simplejpeg.decode_jpeg(data), np.uint8)
