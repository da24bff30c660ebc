"""`avdf.list_protocols` and `avdf.split_videos`: protocols, and the splits that they make."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from avdf.arguments import as_path, as_text
from avdf.cache.core.counted import counted
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.ownership import check_file
from avdf.cache.shards.inputs_table import Unprepared, list_unprepared
from avdf.model.protocols import PROTOCOLS, Assignment, assign
from avdf.model.protocols.registry import Protocol
from avdf.sources import AnyPath, known_videos

_MOST_SHOWN = 20  # videos that are not prepared
_DATASET = "dataset: of each dataset the splits that it gives, or by identity where it gives none"


@dataclass(frozen=True, repr=False)
class ProtocolList:
    """The protocols that are built in, beside `dataset` and tables of one's own."""

    protocols: tuple[Protocol, ...]

    def __repr__(self) -> str:
        names = ", ".join(protocol.name for protocol in self.protocols)
        return f"protocols: dataset, {names}"

    def __str__(self) -> str:
        lines = [_DATASET]
        for protocol in self.protocols:
            folds = ", ".join(f"/{fold}" for fold in protocol.folds)
            each = f" (each with {folds})" if len(protocol.folds) > 1 else ""
            lines.append(f"{protocol.name}: {protocol.title}{each}")
        return "\n".join(lines)


def list_protocols() -> ProtocolList:
    """The protocols that are built in."""
    return ProtocolList(tuple(PROTOCOLS.values()))


@dataclass(frozen=True, repr=False)
class SplitResult:
    """The videos of a source under a protocol.

    assignment  the split of each video, and the hash that results carry
    videos      all that the source lists
    unprepared  videos of a split that preparation failed on
    """

    assignment: Assignment
    videos: tuple[VideoInfo, ...]
    unprepared: tuple[Unprepared, ...]

    def __repr__(self) -> str:
        return str(self).partition("\n")[0]

    def __str__(self) -> str:
        found = self.assignment
        left_out = sum(not found.of(video.id) for video in self.videos)
        lines = [
            f"{found.name}, version {found.version}: {found.title}",
            f"sha256 {found.sha256}",
            *self._count_lines(),
            f"{left_out} of {counted(len(self.videos), 'listed video')} in no split",
        ]
        lines += [f"missing: {what}" for what in found.shortfall]
        lines += [f"note: {what}" for what in found.notes]
        return "\n".join([*lines, *self._unprepared_lines()])

    def _count_lines(self) -> list[str]:
        lines = []
        for split, counts in self.assignment.counts(self.videos).items():
            words = ", ".join(f"{count} {word}" for word, count in counts.items())
            lines.append(f"{split}: {words or 'no videos'}")
        return lines

    def _unprepared_lines(self) -> Sequence[str]:
        lines = []
        for item in self.unprepared[:_MOST_SHOWN]:
            split = self.assignment.of(item.info.id)
            lines.append(
                f"not prepared: {item.info.id} of {split} ({item.status}: {item.reason})"
            )
        if len(self.unprepared) > _MOST_SHOWN:
            lines.append(f"not prepared: {len(self.unprepared) - _MOST_SHOWN} more")
        return lines


def split_videos(
    protocol: str, source: AnyPath, out: AnyPath | None = None
) -> SplitResult:
    """Who trains, validates and tests under a protocol, and what it misses.

    Args:
        protocol: `dataset`, a protocol, PROTOCOL/FOLD, or FILE.csv[/FOLD].
        source: shards, a dataset's root or a manifest.
        out: file to write a table id,split to; None: nothing is written.

    Raises:
        SettingsError: the protocol is unknown, or `out` is another file.
        SourceError, ShardError: the source cannot be read.
    """
    # A file of another kind is refused before the source is read, which can take minutes.
    name, folder = as_text(protocol, "protocol"), as_path(source, "source")
    if out is not None:
        check_file(
            as_path(out, "out"),
            lambda start: start.startswith(b"id,split\n"),
            "a table of `avdf protocol`",
        )
    videos = known_videos(folder)
    assignment = assign(name, videos)
    if out is not None:
        assignment.write(Path(out))
    # A video in a split that has no frames is missing from every figure: it is named.
    unprepared = [
        item for item in list_unprepared(folder) if assignment.of(item.info.id)
    ]
    return SplitResult(assignment, videos, tuple(unprepared))
