"""The frozen configuration of a run: sections `model`, `data`, `training`, from a TOML file and single settings."""

import json
import math
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, cast, get_args

from pydantic import TypeAdapter, ValidationError

from avdf.cache.core.errors import SettingsError
from avdf.cache.stream.order import Sampling
from avdf.model.config import LARGEST_SEED, WHISPER_NAMES, DetectorConfig
from avdf.model.inference.precision import Precision
from avdf.model.losses import Level, LossSettings, Normalisation

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


# What `--backbones` sets: architectures, their weights, and the widths that go with them. The paper's are the defaults.
BACKBONES: dict[str, dict[str, Any]] = {
    "demo": {
        "clip": "demo", "clip_weights": "demo", "whisper": "demo", "whisper_weights": "demo",
        "audio_prompt_dim": 64, "fused_dim": 64, "head_dim": 64,
    },
    "paper": {},
}  # fmt: skip


def read_precision(name: str) -> Precision | None:
    """A precision that was asked for; None for ''.

    Raises:
        SettingsError: it is unknown.
    """
    if not name:
        return None
    for known in get_args(Precision):
        if name == known:
            return cast(Precision, known)
    raise SettingsError(
        f"precision {name!r} is unknown; use one of {', '.join(get_args(Precision))}"
    )


_SECTIONS = {"model": DetectorConfig, "data": DataSettings, "training": TrainingSettings}


def run_config(values: dict[str, Any], where: str) -> RunConfig:
    """A checked configuration from plain values.

    Raises:
        SettingsError: an unknown section or key, or a value of the wrong kind; `where` says whose fault it is.
    """
    if not isinstance(values, dict):
        raise SettingsError(f"{where}: not an object with the sections {', '.join(_SECTIONS)}")
    for section, keys in values.items():
        if section not in _SECTIONS:
            raise SettingsError(
                f"{where}: no section {section!r}; there are {', '.join(_SECTIONS)}"
            )
        if not isinstance(keys, dict):
            raise SettingsError(f"{where}: {section} must be a section with keys")
        known = [item.name for item in fields(_SECTIONS[section])]
        for key in keys:
            if key not in known:
                near = get_close_matches(key, known, 1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
                raise SettingsError(f"{where}: {section} has no setting {key!r}; {hint}")
    try:
        return TypeAdapter(RunConfig).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"{where}: {name}: {_fault(first)}, got {repr(first['input'])[:80]}"
        ) from None


_KINDS = {
    "int": "must be a whole number",
    "float": "must be a number",
    "bool": "must be true or false",
    "string": "must be text",
}


def _fault(error: Any) -> str:
    """One fault of a value in our own words: pydantic speaks of inputs, parsing and types."""
    kind = str(error["type"])
    if kind == "literal_error":
        return f"must be one of {error['ctx']['expected']}"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    if kind == "missing":
        return "is missing"
    return _KINDS.get(kind.partition("_")[0], "has a value of the wrong kind")


def load_config(path: Path | None, overrides: Sequence[str] = (), backbones: str = "") -> RunConfig:
    """Defaults, then those of `backbones` (demo or paper), then the TOML file, then `section.key=value` settings.

    Raises:
        SettingsError: the file cannot be read, or a setting is not understood.
    """
    if backbones and backbones not in BACKBONES:
        raise SettingsError(f"--backbones {backbones!r} is unknown; use {' or '.join(BACKBONES)}")
    values: dict[str, Any] = {}
    if path is not None:
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError(
                f"{path}: {error.strerror}; give a TOML file with --config"
            ) from None
        except (ValueError, RecursionError) as error:
            raise SettingsError(f"{path}: not TOML ({error})") from None
        run_config(values, str(path))
    for setting in overrides:
        name, equals, text = setting.partition("=")
        section, dot, key = name.strip().partition(".")
        if not equals or not dot:
            raise SettingsError(
                f"--set {setting}: write section.key=value, e.g. --set training.epochs=3"
            )
        values.setdefault(section, {})[key] = _value(text.strip())
        run_config({section: {key: values[section][key]}}, f"--set {setting}")
    model = {**BACKBONES.get(backbones, {}), **values.get("model", {})}
    return _anchored(run_config({**values, "model": _completed(model)}, "configuration"))


def _completed(model: dict[str, Any]) -> dict[str, Any]:
    """With the architecture that named weights are of, and the weights that a named architecture has, unless given."""
    found = dict(model)
    for kind in ("clip", "whisper"):
        architecture, weights = model.get(kind), model.get(f"{kind}_weights")
        if architecture is None and isinstance(weights, str) and _names_architecture(kind, weights):
            found[kind] = weights
        # CLIP's architectures have several weights each; their default, OpenAI's, is that of the paper.
        if (
            weights is None
            and isinstance(architecture, str)
            and _names_architecture(kind, architecture)
        ):
            found[f"{kind}_weights"] = architecture
    return found


def _names_architecture(kind: str, name: str) -> bool:
    """The demo's name, and those of Whisper's sizes, stand for the weights as well."""
    return name == "demo" or (kind == "whisper" and name in WHISPER_NAMES)


def _anchored(config: RunConfig) -> RunConfig:
    """With a protocol's file by its whole path: scoring may be started from elsewhere."""
    name = config.data.protocol
    if ".csv" not in name:
        return config
    return replace(config, data=replace(config.data, protocol=str(Path(name).resolve())))


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return text


def read_config(path: Path) -> RunConfig:
    """The configuration that a run keeps.

    Raises:
        SettingsError: it cannot be read.
    """
    try:
        return run_config(json.loads(path.read_text(encoding="utf-8")), str(path))
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: not a run's configuration ({error})") from None
