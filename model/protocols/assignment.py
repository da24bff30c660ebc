"""What a protocol comes to on a list of videos: who is in which split, and a hash that says so."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avdf.cache.core.labels import LABEL_NAMES, label_name
from avdf.cache.core.video import SPLITS, VideoInfo
from avdf.cache.files.atomic_file import write_text


@dataclass(frozen=True)
class Assignment:
    """The split of each video that takes part; the others are left out.

    name       as it is asked for: `dataset`, `fakeavceleb-leave-one-out/RVFA`, or a file's name
    version    of the protocol's definition: it changes when the same videos would be split otherwise
    shortfall  sentences: what the protocol wants and these videos do not give
    notes      sentences: what a reader of figures under this protocol must know
    """

    name: str
    version: int
    title: str
    splits: Mapping[str, str]
    shortfall: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if wrong := set(self.splits.values()) - set(SPLITS):
            raise ValueError(
                f"protocol {self.name}: splits {sorted(wrong)} are not among {', '.join(SPLITS)}"
            )

    @property
    def sha256(self) -> str:
        """Of the name, the version and every (id, split), in the order of ids: equal where the protocol is."""
        lines = [
            f"{self.name} {self.version}",
            *(f"{name}\t{split}" for name, split in sorted(self.splits.items())),
        ]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def of(self, name: str) -> str:
        """The split of a video; '' where it does not take part."""
        return self.splits.get(name, "")

    def counts(self, videos: Iterable[VideoInfo]) -> dict[str, dict[str, int]]:
        """For each split, how many of the videos are real, fake, unknown."""
        found = Counter((self.of(video.id), label_name(video.label)) for video in videos)
        return {
            split: {word: found[split, word] for word in LABEL_NAMES.values() if found[split, word]}
            for split in SPLITS
        }

    def write(self, path: Path) -> None:
        """As a table `id,split`, which is itself a protocol."""
        table = io.StringIO()
        csv.writer(table, lineterminator="\n").writerows(
            [("id", "split"), *sorted(self.splits.items())]
        )
        write_text(path, table.getvalue())

    def as_dict(self) -> dict[str, Any]:
        """What is written into every result."""
        return {
            "name": self.name,
            "version": self.version,
            "title": self.title,
            "sha256": self.sha256,
            "videos": dict(Counter(self.splits.values())),
            "shortfall": list(self.shortfall),
            "notes": list(self.notes),
        }
