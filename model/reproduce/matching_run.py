"""Whether a run that is there is the one that a row of a table is about."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.cache.stream.index import index_folder
from avdf.model.protocols import Assignment, assign
from avdf.model.reproduce.experiments import RunSpec
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.config import DataSettings, RunConfig
from avdf.model.runs.config_sources import read_config
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.run_splits import read_run_splits

# Settings of the machine that a run was made on: they are not meant to change any result.
_MACHINE_SETTINGS = {
    "training.device",
    "training.checkpoint_steps",
    "training.compile",
    "data.threads",
    "data.ahead",
}
# These may differ too in a run that was given: another seed is the same method, the same weights
# may have another name on another machine (the table says which ones were used), and splits are
# compared video by video.
_OWN_SETTINGS = {
    "training.seed",
    "training.precision",
    "model.seed",
    "model.clip_weights",
    "model.whisper_weights",
    "data.protocol",
    "data.split_seed",
}
_MOST_NAMED = 6


def check_run_matches(
    spec: RunSpec,
    folder: RunFolder,
    wanted: RunConfig,
    shards: Path,
    given: bool,
) -> None:
    """Refuse a run that differs from its row in a setting, in its datasets, or in its splits.

    Args:
        wanted: the row's configuration.
        given: the run was given by the caller, not begun by this call.

    Raises:
        SettingsError: it differs; the message says in what.
    """
    own = read_config(folder.config)
    infos = index_folder(shards).infos
    differences = [
        *_different_settings(own.as_dict(), wanted.as_dict(), given),
        *_different_datasets(folder, wanted, infos, given),
        *_different_start(folder),
        *_different_splits(folder, own.data, wanted.data, infos),
    ]
    if not differences:
        return
    # A run of another branch differs in dozens of settings: a few of them are enough.
    listed = "; ".join(differences[:_MOST_NAMED])
    if len(differences) > _MOST_NAMED:
        listed += f"; and {len(differences) - _MOST_NAMED} more"
    advice = (
        "give another run, or the same settings"
        if given
        else "use another output folder"
    )
    raise SettingsError(
        f"{folder.path}: trained with {listed} (the row {spec.name}); {advice}"
    )


def _different_settings(
    own: Mapping[str, Any],
    wanted: Mapping[str, Any],
    given: bool,
) -> list[str]:
    # A run that this command began must repeat exactly, its seed included. Protocols are compared
    # by their splits, not by their names.
    ignored = _MACHINE_SETTINGS | (_OWN_SETTINGS if given else {"data.protocol"})
    return [
        f"{section}.{key} = {own[section][key]!r}, the row needs {value!r}"
        for section, settings in wanted.items()
        for key, value in settings.items()
        if f"{section}.{key}" not in ignored and own[section].get(key) != value
    ]


def _different_datasets(
    folder: RunFolder,
    wanted: RunConfig,
    infos: Sequence[VideoInfo],
    given: bool,
) -> list[str]:
    """Whether the run's training videos come from the row's datasets."""
    # A run that this command began may have been interrupted in its first epoch: it goes on.
    if not folder.has(folder.best):
        return ["no checkpoint yet"] if given else []
    own = set(read_checkpoint_info(folder.best).data.get("datasets", {}))
    assignment = assign(wanted.data.protocol, infos, wanted.data.split_seed)
    needed = {info.dataset for info in infos if assignment.of(info.id) == "train"}
    if own == needed:
        return []
    return [f"videos of {_list_names(own)}, the row needs {_list_names(needed)}"]


def _different_start(folder: RunFolder) -> list[str]:
    """Whether the run began with the tensors of another one: no row does."""
    if not folder.has(folder.best):
        return []
    origin = read_checkpoint_info(folder.best).started_from
    return [] if origin is None else [f"the tensors of {origin.path} at its start"]


def _different_splits(
    folder: RunFolder,
    own: DataSettings,
    wanted: DataSettings,
    infos: Sequence[VideoInfo],
) -> list[str]:
    """Whether each video was in the split that the row needs.

    The splits themselves are compared, not the names of their protocols: one set of splits may
    have two names.
    """
    needed = assign(wanted.protocol, infos, wanted.split_seed)
    if folder.protocol.is_file():
        splits: Mapping[str, str] = read_run_splits(folder.protocol)
    else:
        splits = assign(own.protocol, infos, own.split_seed).splits
    if splits != needed.splits:
        return [_describe_splits(own.protocol, splits, needed)]
    # The configuration may have been edited after training: it then gives other splits than those
    # in the table, and a resumed run would train on them.
    if own.protocol != wanted.protocol:
        computed = assign(own.protocol, infos, own.split_seed)
        if computed.splits != needed.splits:
            return [
                f"data.protocol = {own.protocol!r}, the row needs {wanted.protocol!r}"
            ]
    return []


def _describe_splits(
    name: str,
    splits: Mapping[str, str],
    needed: Assignment,
) -> str:
    """How many videos are in other splits than the row needs, and the first of them."""
    ids = sorted(
        video
        for video in {*splits, *needed.splits}
        if splits.get(video, "none") != needed.splits.get(video, "none")
    )
    # One example is enough to see what is different: `id1/a.mp4: test, the row has it in train`.
    first = ids[0]
    own_split = splits.get(first, "none")
    needed_split = needed.splits.get(first, "none")
    return (
        f"data.protocol = {name!r}, the row needs {needed.name!r}: {len(ids)} videos are in other "
        f"splits ({first}: {own_split}, the row has it in {needed_split})"
    )


def _list_names(datasets: set[str]) -> str:
    names = sorted(name or "no named dataset" for name in datasets)
    return " and ".join(names) or "no dataset"
