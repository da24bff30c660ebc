"""Whether a run that is there is what a row of a table is about."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SettingsError
from avdf.cache.stream.index import index_folder
from avdf.model.protocols import Assignment, assign
from avdf.model.reproduce.plan import RunSpec
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import read_config
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.run_splits import read_split_table

# Settings of the machine that a run was made on: they change no figure on purpose.
_MACHINE = {
    "training.device",
    "training.checkpoint_steps",
    "training.compile",
    "data.threads",
    "data.ahead",
}
# Of a run that is brought along these may differ as well: a seed is no other method, the same weights may have another
# name on another machine (the table says which weights it rests on), and the splits are compared video by video.
_OWN = {
    "training.seed", "training.precision", "model.seed", "model.clip_weights", "model.whisper_weights",
    "data.protocol", "data.split_seed",
}  # fmt: skip
_MOST_TOLD = 6


def check_same(
    spec: RunSpec, folder: RunFolder, asked: RunConfig, shards: Path, given: bool
) -> None:
    """Refuse a run that differs from its row: in a setting, in the datasets that it was trained on, or in the splits.

    Args:
        asked: the row's configuration.
        given: the run was brought along (`--run`), not begun by this command.

    Raises:
        SettingsError: it differs; the message says in what.
    """
    differences = _settings(read_config(folder.config).as_dict(), asked.as_dict(), given)
    differences += _videos(folder, asked, shards, given)
    if not differences:
        return
    more = f"; and {len(differences) - _MOST_TOLD} more" if len(differences) > _MOST_TOLD else ""
    advice = "take another run, or say so with --set" if given else "use another --out"
    raise SettingsError(
        f"{folder.path}: trained with {'; '.join(differences[:_MOST_TOLD])}{more} (the row {spec.name}); {advice}"
    )


def _settings(there: Mapping[str, Any], asked: Mapping[str, Any], given: bool) -> list[str]:
    free = _MACHINE | (_OWN if given else {"data.protocol"})
    return [
        f"{section}.{key} = {there[section][key]!r}, the row wants {value!r}"
        for section, values in asked.items()
        for key, value in values.items()
        if f"{section}.{key}" not in free and there[section].get(key) != value
    ]


def _videos(folder: RunFolder, asked: RunConfig, shards: Path, given: bool) -> list[str]:
    """What differs in who was trained on. The splits are compared as such: one set of them may have two names."""
    infos = index_folder(shards).infos
    wanted = assign(asked.data.protocol, infos, asked.data.split_seed)
    own = read_config(folder.config).data
    found: list[str] = []
    trained = folder.best.with_suffix(".safetensors").is_file()
    if trained:
        known = set(read_checkpoint_info(folder.best).data.get("datasets", {}))
        here = {info.dataset for info in infos if wanted.of(info.id) == "train"}
        if known != here:
            found.append(f"videos of {_listed(known)}, the row wants {_listed(here)}")
    elif given:
        found.append("no checkpoint yet")
    if folder.protocol.is_file():
        splits: Mapping[str, str] = read_split_table(folder.protocol)
    else:
        splits = assign(own.protocol, infos, own.split_seed).splits
    if splits != wanted.splits:
        found.append(_other_splits(own.protocol, splits, wanted))
    elif (
        own.protocol != asked.data.protocol
        and assign(own.protocol, infos, own.split_seed).splits != wanted.splits
    ):
        found.append(f"data.protocol = {own.protocol!r}, the row wants {asked.data.protocol!r}")
    return found


def _other_splits(name: str, splits: Mapping[str, str], wanted: Assignment) -> str:
    """`data.protocol = ..., the row wants ...`: how many videos, and the first of them."""
    ids = sorted(
        one
        for one in {*splits, *wanted.splits}
        if splits.get(one, "none") != wanted.splits.get(one, "none")
    )
    first = ids[0]
    then, now = splits.get(first, "none"), wanted.splits.get(first, "none")
    return (
        f"data.protocol = {name!r}, the row wants {wanted.name!r}: {len(ids)} videos are in other splits "
        f"({first}: {then}, the row has it in {now})"
    )


def _listed(names: set[str]) -> str:
    return " and ".join(sorted(name or "no named dataset" for name in names)) or "no dataset"
