"""LAV-DF (Cai et al. 2022): `metadata.json` beside the folders train, dev and test.

The layout is described in docs/datasets.md.
"""

from pathlib import Path

from avdf.cache.core.errors import SourceError
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.core.video import Period, VideoInfo
from avdf.pipeline.sources.json_entries import (
    CATEGORIES,
    Entry,
    EntryReader,
    file_of,
    read_entries,
)
from avdf.pipeline.sources.json_file import is_list_with_keys
from avdf.pipeline.sources.listing import Listing
from avdf.pipeline.sources.paths import inside, real_path
from avdf.pipeline.sources.spans import read_spans

METADATA = ("metadata.json", "metadata.min.json")
SPLITS = {
    "train": "train",
    "dev": "val",
    "test": "test",
}
_KEYS = ("file", "modify_video", "modify_audio")


class LavDf:
    """Reads LAV-DF: labels of both modalities, the dataset's split, manipulated periods."""

    name = "lav-df"

    def recognises(self, root: Path) -> bool:
        """Whether the metadata of a folder have LAV-DF's keys."""
        return any(is_list_with_keys(root / name, *_KEYS) for name in METADATA)

    def read(self, root: Path) -> Listing:
        """Every video; an id is `file` as the metadata spells it.

        Raises:
            SourceError: there is no metadata, or most of it cannot be understood.
        """
        root = real_path(root)
        tables = [root / name for name in METADATA if (root / name).is_file()]
        if not tables:
            raise SourceError(
                f"{root}: no {METADATA[0]} here. LAV-DF is given for research on request: see "
                "https://github.com/ControlNet/LAV-DF, unpack it and name the folder that holds "
                "metadata.json"
            )
        reader = EntryReader(
            self.name,
            info=lambda _, entry: self._info(root, entry),
            location=lambda _, name: (name, inside(root, name)),
        )
        return read_entries(root, tables[:1], reader)

    def _info(self, root: Path, entry: Entry) -> VideoInfo:
        visual = FAKE if entry["modify_video"] else REAL
        audio = FAKE if entry["modify_audio"] else REAL
        split = SPLITS.get(str(entry["split"]))
        if split is None:
            raise ValueError(
                f"split {entry['split']!r} is not one of {', '.join(SPLITS)}"
            )
        name = file_of(entry)
        # Nobody is named: a video and its fakes belong together.
        original = Path(str(entry.get("original") or name))
        spans = read_spans(entry["fake_periods"])
        return VideoInfo(
            id=name,
            path=str(inside(root, name)),
            dataset=self.name,
            split=split,
            category=CATEGORIES[visual, audio],
            identity=original.with_suffix("").as_posix(),
            label=max(visual, audio),
            label_visual=visual,
            label_audio=audio,
            periods=tuple(Period(start, end, visual, audio) for start, end in spans),
        )
