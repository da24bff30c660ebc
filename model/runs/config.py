"""The configuration of a run: the sections `model`, `data` and `training`."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from avdf.cache.stream.order import Sampling
from avdf.model.config import LARGEST_SEED, DetectorConfig
from avdf.model.inference.precision import Precision
from avdf.model.losses import Level, LossSettings, Matching
from avdf.model.matching import Normalisation

Supervision = Literal["video", "periods"]
Augmentation = Literal["none", "standard"]
Schedule = Literal["step", "cosine"]
OptimiserName = Literal["adam", "adamw"]

_MOST_OF_DATA = {
    "batch_size": 65_536,
    "threads": 1024,
    "ahead": 1024,
    "split_seed": LARGEST_SEED,
}


@dataclass(frozen=True)
class DataSettings:
    """Which videos are read, and how.

    batch_size           segments of one step, over all ranks
    sampling             how the classes share a batch
    labels               of a training window: `video`: those of its video; `periods`: by the
                         manipulated periods of the video, where they are known
    skip_start           rows (1/25 s) at the start of a video in which no training window begins:
                         fake videos often begin with silence, which would give them away
    protocol             assigns videos to splits (docs/evaluation.md)
    split_seed           of splits by identity, where the dataset gives none
    validation_segments  of each validation video, spread evenly; 0: all
    threads              that read and decode; 0: one for each core
    ahead                batches that are read before they are needed
    forge                put forged copies of genuine windows into the batches
    forge_share          of the fake windows that are such copies; 1: no fake video is read
    forgers              names of forgers, separated by commas; '': all that need no further package
    augment              `standard`: damage genuine and fake windows alike, as real files are

    Raises:
        ValueError: a number is out of range.
    """

    batch_size: int = 16
    sampling: Sampling = "balanced"
    labels: Supervision = "video"
    skip_start: int = 2
    protocol: str = "dataset"
    split_seed: int = 0
    validation_segments: int = 0
    threads: int = 0
    ahead: int = 2
    forge: bool = False
    forge_share: float = 0.5
    forgers: str = ""
    augment: Augmentation = "none"

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise ValueError(
                f"data.batch_size is {self.batch_size}; it must be at least 1"
            )
        for name in (
            "skip_start",
            "validation_segments",
            "threads",
            "ahead",
            "split_seed",
        ):
            value = getattr(self, name)
            if value < 0:
                raise ValueError(f"data.{name} is {value}; it cannot be negative")
        for name, most in _MOST_OF_DATA.items():
            value = getattr(self, name)
            if value > most:
                raise ValueError(f"data.{name} is {value}; the most is {most}")
        if not 0 < self.forge_share <= 1:
            raise ValueError(
                f"data.forge_share is {self.forge_share}; it must be above 0, at most 1"
            )

    @property
    def forger_names(self) -> tuple[str, ...]:
        """The names in `forgers`."""
        names = (name.strip() for name in self.forgers.split(","))
        return tuple(name for name in names if name)


@dataclass(frozen=True)
class TrainingSettings:
    """How the detector is trained. The defaults are the paper's: Adam at 1e-4, Eq. 16.

    epochs            how many, each of which shows every video at least once
    learning_rate     in the first epochs
    decay_epoch       the first epoch with a lower learning rate, counted from 1
    decay             factor of the learning rate from that epoch on; of a cosine, its lowest
    schedule          `step`: the rate falls once, at `decay_epoch`; `cosine`: it falls within each
                      cycle of epochs, along half a cosine, and begins anew
    cycle             epochs of such a cycle
    optimiser         `adam`, or `adamw`, which also makes the trainable tensors smaller
    weight_decay      of `adamw`: the share of a tensor that a step at learning rate 1 would take
    seed              of the order of videos and of the windows in them
    device            `auto`, `cpu`, `cuda`, `cuda:1`, ...
    precision         of the frozen weights
    compile           run the visual branch through torch.compile, which needs a C++ compiler
    keep_epochs       keep a checkpoint of each epoch, beside `best` and `last`
    ema               decay of an exponential moving average of the trainable tensors, which is then
                      validated, kept and scored; 0: none
    checkpoint_steps  steps between checkpoints within an epoch; 0: only after each epoch
    alpha, beta,      weights of the matching loss (Eq. 15) for matched pairs, for fake videos, and
    gamma             for mismatched pairs
    matching          the matching loss: `cmfm`, the paper's; `infonce` and `margin` ask for the
                      order of frames within real segments (docs/method.md)
    matching_weight   of `infonce` or `margin`
    with_cmfm         the paper's matching loss as well, beside `infonce` or `margin`
    normalisation     of the paper's matching loss
    level             of the matching loss: frames or whole segments
    *_loss            whether the loss takes part (Table 5)
    uniformity,       weights of two losses on the features of the branches, scaled to length 1:
    alignment         that they spread evenly, and that those of one label are near each other

    Raises:
        ValueError: a number is out of range.
    """

    epochs: int = 15
    learning_rate: float = 1e-4
    decay_epoch: int = 12
    decay: float = 0.1
    schedule: Schedule = "step"
    cycle: int = 15
    optimiser: OptimiserName = "adam"
    weight_decay: float = 0.0
    seed: int = 0
    device: str = "auto"
    precision: Precision = "auto"
    compile: bool = False
    keep_epochs: bool = False
    checkpoint_steps: int = 0
    ema: float = 0.0
    alpha: float = 2.0
    beta: float = 2.0
    gamma: float = 1.0
    matching: Matching = "cmfm"
    matching_weight: float = 1.0
    with_cmfm: bool = False
    normalisation: Normalisation = "paper"
    level: Level = "frame"
    visual_loss: bool = True
    audio_loss: bool = True
    matching_loss: bool = True
    uniformity: float = 0.0
    alignment: float = 0.0

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.learning_rate <= 0:
            raise ValueError(
                "training.epochs must be at least 1 and training.learning_rate above 0"
            )
        for name in (
            "learning_rate",
            "decay",
            "weight_decay",
            "alpha",
            "beta",
            "gamma",
            "matching_weight",
            "uniformity",
            "alignment",
        ):
            value = getattr(self, name)
            if not 0 <= value < math.inf:
                raise ValueError(
                    f"training.{name} is {value}; it must be finite and not negative"
                )
        if not 0 <= self.ema < 1:
            raise ValueError(
                f"training.ema is {self.ema}; it must be at least 0 and less than 1"
            )
        for name in ("seed", "decay_epoch", "checkpoint_steps"):
            value = getattr(self, name)
            if not 0 <= value <= LARGEST_SEED:
                raise ValueError(
                    f"training.{name} is {value}; it must lie in [0, 2^63)"
                )

        if self.cycle < 1:
            raise ValueError(f"training.cycle is {self.cycle}; it must be at least 1")
        if self.weight_decay and self.optimiser != "adamw":
            raise ValueError(
                f"training.weight_decay is {self.weight_decay}, which only adamw uses; "
                "set training.optimiser to adamw"
            )

    def rate(self, epoch: int) -> float:
        """Learning rate of an epoch, counted from 1.

        It does not depend on the number of epochs, so that a run can be resumed with more.
        """
        if self.schedule == "cosine":
            # 0 in the first epoch of a cycle, 1 in its last.
            progress = (epoch - 1) % self.cycle / max(1, self.cycle - 1)
            height = (1 + math.cos(math.pi * progress)) / 2
            return self.learning_rate * (self.decay + (1 - self.decay) * height)
        return self.learning_rate * (self.decay if epoch >= self.decay_epoch else 1.0)


@dataclass(frozen=True)
class RunConfig:
    """All settings of a run, as `config.json` keeps them.

    Raises:
        ValueError: no loss is left to train a verdict with.
    """

    model: DetectorConfig = field(default_factory=DetectorConfig)
    data: DataSettings = field(default_factory=DataSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)

    def __post_init__(self) -> None:
        losses = self.losses
        if not (losses.video or losses.visual or losses.audio):
            raise ValueError(
                "with model.branches = visual or audio, that branch's own loss must stay on"
            )
        if self.model.adapt == "probe" and (losses.uniformity or losses.alignment):
            raise ValueError(
                "training.uniformity and training.alignment train the features of the encoders, "
                "which are frozen with model.adapt = probe; set them to 0"
            )

    @property
    def losses(self) -> LossSettings:
        """The losses that take part: with a single branch, only its own (Table 4)."""
        training, both = self.training, self.model.branches == "both"
        return LossSettings(
            alpha=training.alpha,
            beta=training.beta,
            gamma=training.gamma,
            normalisation=training.normalisation,
            level=training.level,
            matched_by=training.matching,
            matching_weight=training.matching_weight,
            with_cmfm=training.with_cmfm,
            visual=training.visual_loss and self.model.has_visual,
            audio=training.audio_loss and self.model.has_audio,
            video=both,
            matching=training.matching_loss and self.model.aligns,
            uniformity=training.uniformity,
            alignment=training.alignment,
        )

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """Settings by section and key."""
        return asdict(self)
