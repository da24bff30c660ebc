"""Training of one variant on recorded clips."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.model.detector import Detector
from avdf.model.losses import LossSettings, detector_losses
from avdf.model.runs.config import TrainingSettings
from avdf.model.training.step import build_optimiser
from tests.benchmarks.recorded_models import (
    Known,
    KnownDetector,
    LinearBaseline,
    Model,
    detector_config,
    principal_components,
)
from tests.benchmarks.recorded_pairs import Clip, draw_batch
from tests.benchmarks.recorded_variants import Variant

BATCH = 16  # segments


@dataclass(frozen=True, eq=False)
class Setting:
    """What every model of the experiment shares."""

    clips: Sequence[Clip]
    known: Known
    whisper: str
    steps: int


@dataclass(frozen=True, eq=False)
class Inputs:
    """Of each clip, what a variant's model sees (rows, ...) and hears (rows - 15, ...)."""

    frames: list[Tensor]
    windows: list[Tensor]

    def seen(self, clip: int, row: int) -> Tensor:
        """The 16 frames from a row on."""
        return self.frames[clip][row : row + SEGMENT_FRAMES]

    def batch(self, seen: Any, heard: Any) -> tuple[Tensor, Tensor]:
        """Windows (B, 2), by clip and first row -> what is seen and what is heard."""
        frames = [self.seen(clip, row) for clip, row in seen]
        sounds = [self.windows[clip][row] for clip, row in heard]
        return torch.stack(frames), torch.stack(sounds)


def variant_inputs(variant: Variant, known: Known, training: Sequence[int]) -> Inputs:
    """What the variant's model takes of every clip; axes of pixels come from training clips."""
    if variant.picture == "pixels":
        frames = principal_components(known.pixels, training)
    elif variant.picture == "patches":
        patches = [one.double().numpy() for one in known.mouth]
        frames = principal_components(patches, training)
    elif variant.picture == "patches_plain":
        frames = known.mouth
    elif variant.picture == "mouth_frozen":
        frames = known.features
    elif variant.picture == "prompted":
        frames = known.embedded
    else:
        frames = known.class_token
    if variant.centred:
        frames = [one - one.mean(dim=0) for one in frames]
    windows = known.log_mel if variant.sound == "prompted" else known.tokens
    return Inputs(frames, windows)


def _build(variant: Variant, setting: Setting, data: Inputs, seed: int) -> Model:
    if variant.picture in ("pixels", "patches", "patches_plain"):
        picture_width = data.frames[0].shape[-1]
        audio_width = data.windows[0].shape[-1]
        model: Model = LinearBaseline(picture_width, audio_width, seed)
    else:
        config = detector_config(
            setting.whisper,
            seed,
            align_from=variant.align_from,
            visual_prompts=1 if variant.picture == "prompted" else 0,
            learned_temperature=variant.matching == "infonce",
        )
        model = KnownDetector(config, variant.picture, variant.sound)
    if variant.matching == "infonce":
        model.log_temperature.data.fill_(math.log(variant.temperature))
    return model


def train_model(
    variant: Variant,
    setting: Setting,
    data: Inputs,
    training: Sequence[int],
    seed: int,
) -> tuple[Model, list[float]]:
    """A trained model, and its matching loss every 20 steps."""
    model = _build(variant, setting, data, seed)
    settings = LossSettings(
        matched_by=variant.matching,
        # All pictures and all sounds are genuine: one class teaches a verdict nothing.
        visual=False,
        audio=False,
        video=variant.fakes > 0 and isinstance(model, Detector),
    )
    optimiser = _optimiser(model, variant)
    generator = np.random.default_rng(seed)
    rows = {clip: len(setting.clips[clip]) for clip in training}
    model.train()
    losses = []
    for step in range(setting.steps * variant.longer):
        draw = draw_batch(rows, BATCH, variant.fakes, variant.per_clip, generator)
        output = model(*data.batch(draw.seen, draw.heard))
        labels = torch.from_numpy(draw.labels)
        found = detector_losses(output, labels, settings, model.temperature)
        optimiser.zero_grad(set_to_none=True)
        found.total.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if step % 20 == 19:
            losses.append(found.matching.item())
    return model.eval(), losses


def _optimiser(model: Model, variant: Variant) -> torch.optim.Adam:
    """Adam, with a rate of its own for what lies within the branches.

    `avdf train` has one rate for all. At 1e-3 the projections between Whisper's layers change so
    fast in the first steps that InfoNCE stays where it began; at 1e-4 the alignment learns slowly.
    """
    inside: list[Tensor] = []
    behind: list[Tensor] = []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            is_inside = name.startswith(("visual.", "audio."))
            (inside if is_inside else behind).append(parameter)
    schedule = TrainingSettings(learning_rate=variant.rate)
    optimiser = build_optimiser(behind, schedule, torch.device("cpu"))
    if inside:
        optimiser.add_param_group({"params": inside, "lr": variant.prompt_rate})
    return optimiser
