"""`avdf.describe`: what shards or a run hold, or what a media file says of itself."""

from dataclasses import dataclass
from pathlib import Path

from avdf.arguments import as_path, as_source
from avdf.cache.core.counted import counted
from avdf.cache.core.errors import SettingsError
from avdf.cache.files.atomic_file import durable_file
from avdf.cache.files.ownership import check_file
from avdf.cache.shards.codec import FrameCodec
from avdf.cache.shards.contact_sheet import contact_sheet
from avdf.cache.shards.mirror import shard_folder
from avdf.cache.shards.summary import Summary, summarise
from avdf.describing_file import FileDescription, describe_file
from avdf.model.runs.basis import rests_on
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.folder import RunFolder
from avdf.result_text import describe_validation
from avdf.sources import AnyPath, is_shards

_PNG = b"\x89PNG"

# `model.adapt` in words.
_TRAINED = {
    "prompts": "prompts, projections and heads",
    "layer_norm": "layer norms of the encoders, and heads",
    "prompts+layer_norm": "prompts, projections, layer norms of the encoders, and heads",
    "probe": "linear heads alone",
}


@dataclass(frozen=True, repr=False)
class ShardsDescription:
    """Counts, sizes, hours, classes and settings of shards.

    sheet  the file of the contact sheet, where one was written
    """

    summary: Summary
    sheet: Path | None = None

    def __repr__(self) -> str:
        return str(self).partition("\n")[0]

    def __str__(self) -> str:
        found = self.summary
        # Shards of sound alone must not divide by zero.
        size = found.crop_bytes / max(1, found.crops) / 1e3
        lines = [
            f"{counted(found.videos, 'video')} in {counted(found.shards, 'shard')}, "
            f"{found.bytes / 1e6:.1f} MB",
            f"{counted(found.tracks, 'track')}, "
            f"{counted(found.frames, 'frame')} ({found.hours:.2f} h), "
            f"{counted(found.segments, 'segment')}",
            f"crops: {found.codec}, {size:.1f} kB each",
        ]
        if found.sound_alone or found.silent:
            lines.append(
                f"without a picture: {counted(found.sound_alone, 'track')}; "
                f"without sound: {counted(found.silent, 'track')}"
            )
        for column, values in found.classes.items():
            counts = ", ".join(f"{name} {count}" for name, count in values.items())
            lines.append(f"{column}: {counts}")
        lines.append(f"settings: {found.settings}")
        if self.sheet is not None:
            lines.append(f"contact sheet: {self.sheet}")
        return "\n".join(lines)


@dataclass(frozen=True, repr=False)
class RunDescription:
    """The checkpoints `best` and `last` of a run: epoch, validation, backbones, settings."""

    folder: Path
    best: CheckpointInfo
    last: CheckpointInfo

    def __repr__(self) -> str:
        return f"{self.folder}: {str(self).partition(chr(10))[0]}"

    def __str__(self) -> str:
        lines = []
        for name, info in (("best", self.best), ("last", self.last)):
            validation = describe_validation(dict(info.validation))
            lines.append(
                f"{name}: epoch {info.epoch}, step {info.step}, validation {validation}"
            )
        lines.append(rests_on(self.best, self.best.thresholds))
        # Both checkpoints have the same backbones and settings: they are printed once.
        for name, backbone in self.last.backbones.items():
            lines.append(
                f"{name}: {backbone.architecture}, weights {backbone.weights}, "
                f"sha256 {backbone.sha256}"
            )
        lines.append(f"trained: {_TRAINED[self.last.config.model.adapt]}")
        for section, values in self.last.config.as_dict().items():
            settings = ", ".join(f"{key} {value}" for key, value in values.items())
            lines.append(f"{section}: {settings}")
        return "\n".join(lines)


def describe(
    source: AnyPath, sheet: AnyPath | None = None
) -> ShardsDescription | RunDescription | FileDescription:
    """What a folder made by `prepare` or `train` holds, or what a media file says of itself.

    Args:
        source: the folder, the URL of shards, or a media file.
        sheet: of shards: a PNG file to write a contact sheet of crops to.

    Raises:
        ShardError, RunError, SourceError: the folder or the file cannot be read.
        SettingsError: `sheet` is there and is no PNG image, or belongs to a media file.
    """
    folder = shard_folder(as_source(source, "source"))
    if folder.is_file() and not is_shards(folder):
        if sheet is not None:
            raise SettingsError(
                f"{folder} is a file: a contact sheet shows the crops of shards"
            )
        return describe_file(folder)
    run = RunFolder(folder)
    # A run has a `config.json`; everything else is taken for shards, whose errors then explain it.
    if run.config.is_file():
        return RunDescription(
            folder, read_checkpoint_info(run.best), read_checkpoint_info(run.last)
        )
    summary = summarise(folder)
    if sheet is None:
        return ShardsDescription(summary)
    path = as_path(sheet, "sheet")
    # Only a PNG file may be replaced: a mistyped path must not cost anyone a document.
    check_file(path, lambda start: start.startswith(_PNG), "a PNG image")
    with durable_file(path) as partial:
        partial.write_bytes(FrameCodec("png").encode(contact_sheet(folder)))
    return ShardsDescription(summary, path)
