"""Another run whose trainable tensors a run starts from."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.digest import file_sha256
from avdf.model.config import DetectorConfig
from avdf.model.protocols import Assignment
from avdf.model.runs.checkpoint import CheckpointInfo, StartedFrom
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.run_splits import read_run_splits

# They may differ: all trainable tensors come from the other run, and the weights of the backbones
# are compared by their hashes, wherever their files are.
_MAY_DIFFER = ("seed", "clip_weights", "whisper_weights")


@dataclass(frozen=True)
class FirstTensors:
    """The checkpoint that a run takes its first trainable tensors from.

    checkpoint  its path without the suffix
    info        its header
    origin      what the new run records of it
    """

    checkpoint: Path
    info: CheckpointInfo
    origin: StartedFrom


def first_tensors(run: Path, model: DetectorConfig) -> FirstTensors:
    """The best checkpoint of `run`, for a new run with these settings of the detector.

    Raises:
        RunError: there is no such run, or its checkpoint cannot be read.
        SettingsError: the detectors differ; the message names each setting that does.
    """
    best = RunFolder(run).best
    info = read_checkpoint_info(best)
    own = info.config.model
    differences = [
        f"model.{field.name} is {getattr(model, field.name)!r}, there {getattr(own, field.name)!r}"
        for field in fields(DetectorConfig)
        if field.name not in _MAY_DIFFER
        and getattr(own, field.name) != getattr(model, field.name)
    ]
    if differences:
        raise SettingsError(
            f"{run}: its trainable tensors do not fit this detector ({'; '.join(differences)}); "
            "give the settings of its section model"
        )
    file = best.with_suffix(".safetensors").resolve()
    origin = StartedFrom(str(file), file_sha256(file), info.epoch)
    return FirstTensors(best, info, origin)


def seen_before(
    first: FirstTensors, videos: Iterable[VideoInfo], assignment: Assignment
) -> str:
    """A sentence where videos of validation or test were in the other run's training; '' if none.

    Args:
        videos: all that are listed, with their splits in `assignment`.
    """
    folder = RunFolder(first.checkpoint.parent)
    if not folder.protocol.is_file():
        return (
            f"this run started from {first.origin.path}, and which videos that was trained on is "
            "not known: they may be among those of validation and test"
        )
    splits = read_run_splits(folder.protocol)
    datasets = first.info.data.get("datasets", {})
    # The other run chose its best epoch on its validation videos: it has seen them too.
    seen = [
        assignment.of(video.id)
        for video in videos
        if video.dataset in datasets and splits.get(video.id) in ("train", "val")
    ]
    counts = {split: seen.count(split) for split in ("val", "test")}
    if not any(counts.values()):
        return ""
    return (
        f"this run started from {first.origin.path}, which had seen {counts['val']} of the "
        f"validation videos and {counts['test']} of the test videos: figures on these say nothing "
        "of new videos"
    )
