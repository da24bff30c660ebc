"""The sizes in which Whisper's encoder exists, and the names of its released weights."""

from typing import NamedTuple

from avdf.cache.core.clock import MEL_BINS


class WhisperSize(NamedTuple):
    """The shape of an encoder: `width` of its tokens, attention heads, layers, mel channels."""

    width: int
    heads: int
    layers: int
    mel_bins: int


# Source: Radford et al. 2023, Table 1, and the releases of large-v3 and turbo.
WHISPER_SIZES: dict[str, WhisperSize] = {
    "tiny": WhisperSize(384, 6, 4, 80),
    "base": WhisperSize(512, 8, 6, 80),
    "small": WhisperSize(768, 12, 12, 80),
    "medium": WhisperSize(1024, 16, 24, 80),
    "large-v1": WhisperSize(1280, 20, 32, 80),
    "large-v2": WhisperSize(1280, 20, 32, 80),
    "large-v3": WhisperSize(1280, 20, 32, 128),
    "large": WhisperSize(1280, 20, 32, 128),
    "large-v3-turbo": WhisperSize(1280, 20, 32, 128),
    "turbo": WhisperSize(1280, 20, 32, 128),
    "demo": WhisperSize(64, 4, 2, MEL_BINS),
}
# Weights trained on English alone exist in the four smaller sizes.
_ENGLISH_NAMES = tuple(f"{size}.en" for size in ("tiny", "base", "small", "medium"))
_RELEASED_NAMES = tuple(size for size in WHISPER_SIZES if size != "demo")
WHISPER_NAMES = _RELEASED_NAMES + _ENGLISH_NAMES
