"""What is trained on recorded clips: avdf's detector, and a plain baseline without its parts.

What is frozen is computed once for each frame and each window, and looked up afterwards.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from avdf.cache.core.clock import (
    SAMPLES_PER_FRAME,
    SEGMENT_SAMPLES,
    TOKENS_PER_FRAME,
)
from avdf.cache.core.log_mel import log_mel
from avdf.model.audio import AudioBranch
from avdf.model.backbones import ImageEncoder
from avdf.model.backbones.pixels import normalise_pixels
from avdf.model.config import AlignFrom, DetectorConfig
from avdf.model.contrast import START_TEMPERATURE
from avdf.model.detector import Detector
from avdf.model.inference.precision import choose_precision
from avdf.model.mouth_pooling import FIELDS
from avdf.model.output import CLASSES, DetectorOutput
from tests.benchmarks.recorded_pairs import Clip

Picture = Literal[
    "class_frozen", "mouth_frozen", "prompted", "patches_plain", "patches", "pixels"
]
Sound = Literal["prompted", "frozen"]

WIDTH = 256  # of the aligned features
COMPONENTS = 64
# Where the mouth is in a crop of 224 pixels, and the blocks whose means are taken.
_MOUTH = (slice(136, 192), slice(72, 152))
_BLOCK = 4
_AT_ONCE = 32


class KnownDetector(Detector):
    """avdf's detector, to which is given what no training changes.

    seen   f_v itself (B, 16, values) if no visual prompt is trained, else the tokens that the
           image encoder's first layer takes (B, 16, tokens, D_v)
    heard  f_a itself (B, 32, D_a) if no audio prompt is trained, else log-mel (B, 80, 64)
    """

    def __init__(self, config: DetectorConfig, picture: Picture, sound: Sound) -> None:
        super().__init__(config)
        self.hold_frozen(choose_precision("auto", torch.device("cpu")))
        self.visual.encoder = _Embedded(self.visual.encoder)
        self._picture, self._sound = picture, sound

    def forward(self, seen: Tensor, heard: Tensor) -> DetectorOutput:
        f_v = self.visual(seen) if self._picture == "prompted" else seen
        f_a = self.audio(heard) if self._sound == "prompted" else heard
        return self.classify(f_v, f_a)


class _Embedded(ImageEncoder):
    """An image encoder whose images are tokens already."""

    def __init__(self, encoder: ImageEncoder) -> None:
        self.backbone, self.width = encoder.backbone, encoder.width
        self.prefix, self.grid = encoder.prefix, encoder.grid
        self._layers = encoder.layers()

    def layers(self) -> Sequence[nn.Module]:
        return self._layers

    def embed(self, images: Tensor) -> Tensor:
        return images


class LinearBaseline(nn.Module):
    """A baseline, no part of avdf: the mouth and frozen Whisper tokens, each by a linear map.

    seen (B, 16, picture_width), heard (B, 32, audio_width) -> aligned features; logits are 0.
    """

    def __init__(self, picture_width: int, audio_width: int, seed: int) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.visual_align = nn.Linear(picture_width, WIDTH)
            self.audio_align = nn.Conv1d(
                audio_width, WIDTH, TOKENS_PER_FRAME, TOKENS_PER_FRAME
            )
            self.log_temperature = nn.Parameter(
                torch.tensor(math.log(START_TEMPERATURE))
            )

    @property
    def temperature(self) -> Tensor:
        """Of InfoNCE."""
        return self.log_temperature.exp()

    def forward(self, seen: Tensor, heard: Tensor) -> DetectorOutput:
        audio = self.audio_align(heard.transpose(1, 2)).transpose(1, 2)
        none = heard.new_zeros(len(heard), CLASSES)
        return DetectorOutput(none, none, none, self.visual_align(seen), audio)


Model = KnownDetector | LinearBaseline


@dataclass(frozen=True, eq=False)
class Known:
    """What is computed once, of all clips.

    embedded  each (rows, tokens, D_v): what the image encoder's first layer takes
    features  each (rows, 9 D_v): f_v without prompts, the class token and the mouth
    log_mel   each (rows - 15, 80, 64): of the window that begins at each row
    tokens    each (rows - 15, 32, D_a): frozen Whisper's of these windows
    pixels    each (rows, values) float64: block means of the grey mouth
    """

    embedded: list[Tensor]
    features: list[Tensor]
    log_mel: list[Tensor]
    tokens: list[Tensor]
    pixels: list[npt.NDArray[np.float64]]

    @property
    def class_token(self) -> list[Tensor]:
        """Of each clip (rows, D_v)."""
        width = self.features[0].shape[1] // (1 + FIELDS)
        return [one[:, :width] for one in self.features]

    @property
    def mouth(self) -> list[Tensor]:
        """Of each clip (rows, 8 D_v): the means of patch tokens that `align_from=mouth` takes."""
        width = self.features[0].shape[1] // (1 + FIELDS)
        return [one[:, width:] for one in self.features]


def detector_config(
    whisper: str,
    seed: int,
    align_from: AlignFrom,
    visual_prompts: int = 0,
    learned_temperature: bool = False,
) -> DetectorConfig:
    """The demo's image encoder with Whisper base from a file; 0 prompts: nothing is trained in it.

    Without prompts the class token is the feature, which `align_from=prompt` aligns.
    """
    return DetectorConfig(
        clip="demo",
        clip_weights="demo",
        whisper="base",
        whisper_weights=whisper,
        visual_prompts=visual_prompts,
        align_from=align_from,
        learned_temperature=learned_temperature,
        seed=seed,
    )


@torch.no_grad()
def compute_known(clips: Sequence[Clip], config: DetectorConfig) -> Known:
    """All that no variant trains, by a detector without visual prompts that aligns the mouth."""
    detector = Detector(config).eval()
    detector.hold_frozen(choose_precision("auto", torch.device("cpu")))
    embedded, features, mels, tokens = [], [], [], []
    for clip in clips:
        pixels = normalise_pixels(torch.from_numpy(clip.crops))
        embedded.append(detector.visual.encoder.embed(pixels))
        features.append(detector.visual(pixels[None])[0])
        mels.append(log_mel(_windows(clip)))
        batches = torch.split(mels[-1], _AT_ONCE)
        parts = [_listen(detector.audio, batch) for batch in batches]
        tokens.append(torch.cat(parts))
    mouths = [_mouth_pixels(clip) for clip in clips]
    return Known(embedded, features, mels, tokens, mouths)


def _windows(clip: Clip) -> Tensor:
    """(rows - 15, 10240) samples of the window that begins at each row."""
    views = np.lib.stride_tricks.sliding_window_view(clip.pcm, SEGMENT_SAMPLES)
    return torch.from_numpy(views[::SAMPLES_PER_FRAME].copy())


def _listen(branch: AudioBranch, mel: Tensor) -> Tensor:
    """Frozen Whisper alone, without global token and prompts: log-mel -> (B, 32, D_a)."""
    x = branch.encoder.embed(mel)
    for layer in branch.encoder.layers():
        x = layer(x)
    return branch.encoder.finish(x)


def _mouth_pixels(clip: Clip) -> npt.NDArray[np.float64]:
    """(rows, values): block means of the grey mouth."""
    grey = clip.crops[:, *_MOUTH].mean(axis=3)
    rows, high, wide = grey.shape
    blocks = grey.reshape(rows, high // _BLOCK, _BLOCK, wide // _BLOCK, _BLOCK)
    return np.asarray(blocks.mean(axis=(2, 4)).reshape(rows, -1))


def _with_change(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(rows, k) -> (rows, 2 k): less the mean over rows, and the change around each row."""
    centred = values - values.mean(axis=0)
    around = np.pad(centred, ((1, 1), (0, 0)), mode="edge")
    return np.concatenate([centred, around[2:] - around[:-2]], axis=1)


def principal_components(
    values: Sequence[npt.NDArray[np.float64]], training: Sequence[int]
) -> list[Tensor]:
    """Of each clip's values and their change (rows, 64), of unit variance.

    The axes come from the training clips alone.
    """
    values = [_with_change(one) for one in values]
    seen = np.concatenate([values[clip] for clip in training])
    mean = seen.mean(axis=0)
    _, _, axes = np.linalg.svd(seen - mean, full_matrices=False)
    axes = axes[:COMPONENTS]
    deviation = ((seen - mean) @ axes.T).std(axis=0)
    return [
        torch.from_numpy((one - mean) @ axes.T / deviation).float() for one in values
    ]
