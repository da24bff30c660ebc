"""The frozen configuration of a run: sections `model`, `data`, `training`, from a TOML file and single settings."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from avdf.cache.stream.order import Sampling
from avdf.model.config import LARGEST_SEED, DetectorConfig
from avdf.model.inference.precision import Precision
from avdf.model.losses import Level, LossSettings
from avdf.model.matching import Normalisation

Supervision = Literal["video", "periods"]  # a window is labelled as its video, or by the periods


@dataclass(frozen=True)
class DataSettings:
    """What is read, in which order. Lengths in rows of 25 fps."""

    batch_size: int = 16
    sampling: Sampling = "balanced"
    labels: Supervision = (
        "video"  # of a window: its video's, or by the manipulated periods where they are known
    )
    skip_start: int = (
        2  # rows at a video's start that no training window begins in: fakes often start silent
    )
    protocol: str = "dataset"  # who trains, validates and tests: docs/evaluation.md
    split_seed: int = 0  # of splits by identity, where the dataset gives none
    validation_segments: int = 0  # of each validation video, spread evenly; 0: all
    threads: int = 0  # that read and decode; 0: one for each core
    ahead: int = 2  # batches read before they are needed

    def __post_init__(self) -> None:
        most = {"batch_size": 65_536, "threads": 1024, "ahead": 1024, "split_seed": LARGEST_SEED}
        if self.batch_size < 1:
            raise ValueError(f"data.batch_size is {self.batch_size}; it must be at least 1")
        for name in ("skip_start", "validation_segments", "threads", "ahead", "split_seed"):
            if getattr(self, name) < 0:
                raise ValueError(f"data.{name} is {getattr(self, name)}; it cannot be negative")
        for name, limit in most.items():
            if getattr(self, name) > limit:
                raise ValueError(f"data.{name} is {getattr(self, name)}; the most is {limit}")


@dataclass(frozen=True)
class TrainingSettings:
    """The paper's schedule: Adam at 1e-4, a tenth of it from the 12th of 15 epochs on; Eq. 16 with 2, 2, 1."""

    epochs: int = 15
    learning_rate: float = 1e-4
    decay_epoch: int = 12
    decay: float = 0.1
    seed: int = 0
    device: str = "auto"
    precision: Precision = "auto"
    compile: bool = False  # the visual branch by torch.compile: needs a compiler on the machine
    keep_epochs: bool = False  # a checkpoint of every epoch, beside `best` and `last`
    checkpoint_steps: int = 0  # steps between checkpoints within an epoch; 0: only after each epoch
    alpha: float = 2.0
    beta: float = 2.0
    gamma: float = 1.0
    normalisation: Normalisation = "paper"
    level: Level = "frame"
    visual_loss: bool = True
    audio_loss: bool = True
    matching_loss: bool = True

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.learning_rate <= 0:
            raise ValueError(
                "training.epochs must be at least 1 and training.learning_rate above 0"
            )
        for name in ("learning_rate", "decay", "alpha", "beta", "gamma"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(
                    f"training.{name} is {getattr(self, name)}; it must be finite and not negative"
                )
        for name in ("seed", "decay_epoch", "checkpoint_steps"):
            if not 0 <= getattr(self, name) <= LARGEST_SEED:
                raise ValueError(
                    f"training.{name} is {getattr(self, name)}; it must lie in [0, 2^63)"
                )

    def rate(self, epoch: int) -> float:
        """Learning rate of an epoch, counted from 1."""
        return self.learning_rate * (self.decay if epoch >= self.decay_epoch else 1.0)


@dataclass(frozen=True)
class RunConfig:
    """Everything that decides a run, as it is kept in `config.json`."""

    model: DetectorConfig = field(default_factory=DetectorConfig)
    data: DataSettings = field(default_factory=DataSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)

    def __post_init__(self) -> None:
        losses = self.losses
        if not (losses.video or losses.visual or losses.audio):
            raise ValueError(
                "with model.branches = visual or audio, that branch's own loss must stay on"
            )

    @property
    def losses(self) -> LossSettings:
        """The losses that take part: of a branch alone, only its own (Table 4)."""
        training, both = self.training, self.model.branches == "both"
        return LossSettings(
            alpha=training.alpha,
            beta=training.beta,
            gamma=training.gamma,
            normalisation=training.normalisation,
            level=training.level,
            visual=training.visual_loss and self.model.has_visual,
            audio=training.audio_loss and self.model.has_audio,
            video=both,
            matching=training.matching_loss and both,
        )

    def as_dict(self) -> dict[str, dict[str, Any]]:
        return asdict(self)
