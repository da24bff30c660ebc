"""What the detector needs of a foundation model: the interface, and the names under which further ones are known."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

from torch import Tensor, nn

from avdf.cache.core.errors import SettingsError

IMAGE_GROUP, SPEECH_GROUP = "avdf.image_encoders", "avdf.speech_encoders"


class _Encoder(ABC):
    """backbone: the frozen module that holds the weights. width: of its tokens. layers: each (B, N, D) -> (B, N, D)."""

    backbone: Any  # an nn.Module; its class is the library's affair
    width: int

    @abstractmethod
    def layers(self) -> Sequence[nn.Module]:
        """The transformer layers in order; prompts are put before each of them."""


class ImageEncoder(_Encoder):
    """An image encoder as a row of transformer layers.

    prefix: tokens before the patches (class token, registers), which prompts are put behind; 0 where there is none.
    """

    prefix: int

    @abstractmethod
    def embed(self, images: Tensor) -> Tensor:
        """images (N, 3, 224, 224), normalised with CLIP's mean and deviation -> tokens (N, prefix + patches, width)."""


class SpeechEncoder(_Encoder):
    """A speech encoder as a row of transformer layers.

    mel_bins: channels of the log-mel spectrogram that it takes.
    """

    mel_bins: int

    @abstractmethod
    def embed(self, log_mel: Tensor) -> Tensor:
        """log_mel (B, mel_bins, 64), Whisper's -> tokens (B, 32, width), two to each frame of the video."""

    @abstractmethod
    def finish(self, tokens: Tensor) -> Tensor:
        """The encoder's own last norm: (B, 32, width) -> the same."""


@dataclass(frozen=True)
class BackboneInfo:
    """Which backbone this is: architecture, where its weights came from, and a hash of the tensors themselves.

    `activation`: of an open_clip model, `quick_gelu` or `gelu`.
    """

    architecture: str
    weights: str
    sha256: str
    activation: str = ""

    @property
    def is_real(self) -> bool:
        """Whether the weights are a foundation model's: neither random nor the demo's."""
        return self.weights not in (RANDOM, DEMO)


DEMO = "demo"
RANDOM = "random"

ImageFactory = Callable[[str], ImageEncoder]
SpeechFactory = Callable[[str], SpeechEncoder]
_registered: dict[str, dict[str, Any]] = {IMAGE_GROUP: {}, SPEECH_GROUP: {}}


def register_image_encoder(name: str, factory: ImageFactory) -> None:
    """Make `model.clip = name` mean `factory(model.clip_weights)`.

    An installed package does the same, without being imported, by an entry point of the group `avdf.image_encoders`.
    """
    _registered[IMAGE_GROUP][name] = factory


def register_speech_encoder(name: str, factory: SpeechFactory) -> None:
    """Make `model.whisper = name` mean `factory(model.whisper_weights)`; entry points: `avdf.speech_encoders`."""
    _registered[SPEECH_GROUP][name] = factory


def find_registered(group: str, name: str) -> Any | None:
    """The factory of that name, or None. Only installed packages are asked: a checkpoint's text runs no code.

    Raises:
        SettingsError: a package declares the name and cannot be imported.
    """
    if name in _registered[group]:
        return _registered[group][name]
    for entry in entry_points(group=group, name=name):
        try:
            return entry.load()
        except (ImportError, AttributeError) as error:
            raise SettingsError(
                f"the encoder {name!r} of {entry.value} cannot be imported: {error}"
            ) from None
    return None
