"""Where the configuration of a run comes from: presets, a TOML file, settings, or `config.json`."""

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
from avdf.model.runs.faults import first_fault
from avdf.model.runs.presets import BACKBONES, complete_backbones

_SECTIONS = {
    "model": DetectorConfig,
    "data": DataSettings,
    "training": TrainingSettings,
}


def load_config(
    path: Path | None,
    overrides: Sequence[str] = (),
    backbones: str = "",
) -> RunConfig:
    """The configuration for a new run. Later sources override earlier ones:

    the defaults, which are the paper's; a preset of backbones; a TOML file; single settings.

    Args:
        path: a TOML file with the sections `model`, `data` and `training`; None: no file.
        overrides: `section.key=value` strings.
        backbones: `demo` or `paper`; '': no preset.

    Raises:
        SettingsError: the file cannot be read, or a setting is unknown or has a wrong value.
    """
    if backbones and backbones not in BACKBONES:
        raise SettingsError(
            f"backbones {backbones!r} is unknown; use {' or '.join(BACKBONES)}"
        )
    values = _read_toml(path) if path else {}
    for setting in overrides:
        section, key, value = _parse_setting(setting)
        # Later settings replace earlier ones: `--set training.epochs=3 --set training.epochs=5` is
        # 5.
        values.setdefault(section, {})[key] = value
        # Checked one by one, so that the message names the setting as it was written.
        run_config({section: {key: value}}, f"setting {setting}")
    # The preset is only a default: what the file or a setting says comes after it.
    model = {**BACKBONES.get(backbones, {}), **values.get("model", {})}
    complete = {**values, "model": complete_backbones(model)}
    return _with_temperature(
        _with_absolute_protocol(run_config(complete, "configuration"))
    )


def read_config(path: Path) -> RunConfig:
    """The configuration in a run's `config.json`.

    Raises:
        SettingsError: it cannot be read.
    """
    try:
        return run_config(json.loads(path.read_text(encoding="utf-8")), str(path))
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: not a run's configuration ({error})") from None


def run_config(values: Any, where: str) -> RunConfig:
    """A configuration from plain values by section and key.

    Args:
        where: where the values come from; messages begin with it.

    Raises:
        SettingsError: a section or key is unknown, or a value is wrong.
    """
    # Names before values, so that a misspelt name is reported as one, with the nearest known name.
    _check_names(values, where)
    try:
        return TypeAdapter(RunConfig).validate_python(values)
    except ValidationError as error:
        name, fault, value = first_fault(error)
        raise SettingsError(
            f"{where}: {name}: {fault}, got {repr(value)[:80]}"
        ) from None


def _check_names(values: Any, where: str) -> None:
    """Refuse unknown sections and keys, with the nearest known name."""
    if not isinstance(values, dict):
        raise SettingsError(
            f"{where}: not an object with the sections {', '.join(_SECTIONS)}"
        )
    for section, settings in values.items():
        if section not in _SECTIONS:
            raise SettingsError(
                f"{where}: no section {section!r}; there are {', '.join(_SECTIONS)}"
            )
        if not isinstance(settings, dict):
            raise SettingsError(f"{where}: {section} must be a section with keys")
        known = [item.name for item in fields(_SECTIONS[section])]
        for key in settings:
            if key not in known:
                # `learningrate` -> did you mean learning_rate?
                near = get_close_matches(key, known, 1)
                hint = (
                    f"did you mean {near[0]}?"
                    if near
                    else f"there are {', '.join(known)}"
                )
                raise SettingsError(
                    f"{where}: {section} has no setting {key!r}; {hint}"
                )


def _read_toml(path: Path) -> dict[str, Any]:
    """The sections of a settings file, checked."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{path}: {error.strerror}; give a TOML file as config"
        ) from None
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: not TOML ({error})") from None
    # Checked here, where the file's name is known; merged with others, a fault has no source.
    run_config(values, str(path))
    return values


def _parse_setting(setting: str) -> tuple[str, str, Any]:
    """`training.epochs=3` -> `training`, `epochs`, 3."""
    name, equals, text = setting.partition("=")
    section, dot, key = name.strip().partition(".")
    if not equals or not dot:
        raise SettingsError(
            f"setting {setting}: write section.key=value, e.g. training.epochs=3"
        )
    return section, key, _parse_value(text.strip())


def _parse_value(text: str) -> Any:
    """A value as in TOML; what is not TOML is text, so that it needs no quotes."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return text


def _with_temperature(config: RunConfig) -> RunConfig:
    """With a temperature that is trained, where InfoNCE is."""
    if config.training.matching != "infonce" or not config.model.aligns:
        return config
    return replace(config, model=replace(config.model, learned_temperature=True))


def _with_absolute_protocol(config: RunConfig) -> RunConfig:
    """With the absolute path of a protocol's file: scoring may start in another folder."""
    name = config.data.protocol
    if ".csv" not in name:
        return config
    return replace(
        config, data=replace(config.data, protocol=str(Path(name).resolve()))
    )
