"""Reading segments in the plain way, and decoding alone: what the stream is compared with."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import h5py
import numpy as np
import simplejpeg
import torch
from torch import Tensor
from whisper.audio import log_mel_spectrogram

from avdf.cache.core.arrays import UInt8Array
from avdf.cache.core.clock import FRAME_SIZE, SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.stream.windows import Window

_FULL_SCALE = 32768.0  # of int16 samples


def plain_segment(window: Window) -> tuple[UInt8Array, Tensor]:
    """One segment as anyone would read it: h5py, simplejpeg and Whisper's own log-mel.

    Returns:
        Frames (16, S, S, 3) uint8 RGB; log-mel (80, 64) float32.
    """
    first, last = window.row, window.row + SEGMENT_FRAMES
    with h5py.File(window.shard) as file:
        edges = file["frames/offset"][first : last + 1].astype(int)
        data = file["frames/bytes"][edges[0] : edges[-1]]
        samples = slice(first * SAMPLES_PER_FRAME, last * SAMPLES_PER_FRAME)
        pcm = file["audio/pcm"][samples]
    crops = np.split(data, edges[1:-1] - edges[0])
    frames = np.stack([simplejpeg.decode_jpeg(crop, "RGB") for crop in crops])
    return frames, log_mel_spectrogram(torch.from_numpy(pcm).float() / _FULL_SCALE)


def decode_all(segments: Sequence[Sequence[UInt8Array]], threads: int) -> None:
    """Decode JPEG crops in memory, each thread into one buffer, and keep nothing."""
    with ThreadPoolExecutor(threads) as executor:
        list(executor.map(_decode, segments))


def _decode(crops: Sequence[UInt8Array]) -> None:
    buffer = np.empty((FRAME_SIZE, FRAME_SIZE, 3), np.uint8)
    for crop in crops:
        simplejpeg.decode_jpeg(crop, "RGB", buffer=buffer)
