"""The result of a protocol on a list of videos: the split of each video, and a hash of them all."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.core.video import SPLITS, VideoInfo
from avdf.cache.files.atomic_file import write_text

Videos = Sequence[VideoInfo]
# Id of a video -> its split. Videos that take no part are left out.
Splits = Mapping[str, str]

_WORDS = ("real", "fake", "unknown")


@dataclass(frozen=True)
class Assignment:
    """The split of each video that takes part; the others are left out.

    name       as users write it: `dataset`, `fakeavceleb-leave-one-out/RVFA`, a file's name
    version    of the protocol: it changes when the same videos would be split in another way
    title      one line for people
    splits     id of a video -> split
    shortfall  sentences on what the protocol wants and these videos do not give
    notes      sentences on what a reader of results under this protocol must know

    Raises:
        ValueError: a split is none of `train`, `val`, `test`.
    """

    name: str
    version: int
    title: str
    splits: Splits
    shortfall: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if wrong := set(self.splits.values()) - set(SPLITS):
            raise ValueError(
                f"protocol {self.name}: splits {sorted(wrong)} are not among {', '.join(SPLITS)}"
            )

    @property
    def sha256(self) -> str:
        """A hash of the name, the version and every (id, split), in the order of ids.

        Two results with the same hash are of the same videos in the same splits.
        """
        lines = [f"{self.name} {self.version}"]
        lines += [f"{name}\t{split}" for name, split in sorted(self.splits.items())]
        text = "\n".join(lines)
        return hashlib.sha256(text.encode()).hexdigest()

    def of(self, name: str) -> str:
        """The split of a video; '' where it does not take part."""
        return self.splits.get(name, "")

    def counts(self, videos: Iterable[VideoInfo]) -> dict[str, dict[str, int]]:
        """Split -> how many of the videos are real, fake, unknown. Counts of 0 are left out."""
        words = {REAL: "real", FAKE: "fake"}
        labels: dict[str, Counter[str]] = {split: Counter() for split in SPLITS}
        for video in videos:
            split = self.of(video.id)
            if split:
                word = words.get(video.label, "unknown")
                labels[split][word] += 1
        # Always in the same order, whatever video comes first.
        found: dict[str, dict[str, int]] = {}
        for split, counter in labels.items():
            found[split] = {word: counter[word] for word in _WORDS if word in counter}
        return found

    def write(self, path: Path) -> None:
        """Write a table `id,split`, which is itself a protocol."""
        table = io.StringIO()
        rows = [("id", "split"), *sorted(self.splits.items())]
        csv.writer(table, lineterminator="\n").writerows(rows)
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
