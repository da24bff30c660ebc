"""What the detector needs of a foundation model, as two abstract classes."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from avdf.model.backbones.pixels import normalise_pixels


class _Encoder(ABC):
    """What image and speech encoders share.

    backbone  the library's module, an nn.Module that holds the frozen weights
    width     of its tokens
    """

    backbone: Any
    width: int

    @abstractmethod
    def layers(self) -> Sequence[nn.Module]:
        """The transformer layers in order, each (B, N, width) -> the same.

        Prompts are put in front of each of them.
        """

    def outer_norms(self, finished: bool) -> Sequence[nn.Module]:
        """Layer norms outside of the layers that `embed` uses, with `finished` also `finish`.

        `model.adapt=layer_norm` trains them beside those of the layers.
        """
        del finished
        return ()


class ImageEncoder(_Encoder):
    """An image encoder as a list of transformer layers.

    prefix  number of tokens before the patches (class token, registers), behind which prompts are
            put; 0 where there are none
    grid    rows and columns of the patches over the whole image, whose tokens come row by row; None
            where patches do not lie like that. Only `model.align_from=mouth` needs it
    """

    prefix: int
    grid: tuple[int, int] | None = None

    @abstractmethod
    def embed(self, images: Tensor) -> Tensor:
        """images (N, 3, 224, 224), normalised for CLIP -> tokens (N, prefix + patches, width)."""

    def embed_pixels(self, pixels: Tensor) -> Tensor:
        """pixels (N, 224, 224, 3), uint8 RGB -> tokens, as `embed` gives of normalised images."""
        return self.embed(normalise_pixels(pixels))

    def finish(self, tokens: Tensor) -> Tensor:
        """The encoder's own last norm, where it has one: tokens (N, n, width) -> the same.

        Without prompts, `model.adapt=layer_norm` and `probe` take features after it.
        """
        return tokens


class SpeechEncoder(_Encoder):
    """A speech encoder as a list of transformer layers.

    mel_bins  channels of the log-mel spectrogram that it takes
    """

    mel_bins: int

    @abstractmethod
    def embed(self, log_mel: Tensor) -> Tensor:
        """log_mel (B, mel_bins, 64), Whisper's -> tokens (B, 32, width), two for each frame."""

    @abstractmethod
    def finish(self, tokens: Tensor) -> Tensor:
        """The encoder's own last norm: tokens (B, 32, width) -> the same."""
