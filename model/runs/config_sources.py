"""Where a run's configuration comes from: a preset, a TOML file, single settings, or a run's own `config.json`."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from avdf.cache.core.errors import SettingsError
from avdf.model.config import DetectorConfig
from avdf.model.runs.config import DataSettings, RunConfig, TrainingSettings
from avdf.model.runs.faults import describe_fault
from avdf.model.runs.presets import BACKBONES, complete_backbones

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
            f"{where}: {name}: {describe_fault(first)}, got {repr(first['input'])[:80]}"
        ) from None


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
    return _anchored(run_config({**values, "model": complete_backbones(model)}, "configuration"))


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
