"""FakeAVCeleb v1.2 (Khalid et al. 2021). The layout is described in docs/datasets.md."""

from collections.abc import Iterable
from pathlib import Path

from avdf.cache.core.errors import SourceError
from avdf.cache.core.ethnic_split import ETHNIC_SPLIT
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources.fakeavceleb_folders import FileFinder, plain, subfolders
from avdf.pipeline.sources.fakeavceleb_table import FakeAvCelebRow, RowFault, read_table
from avdf.pipeline.sources.faults import each_once, faulty, refuse_mostly_faulty
from avdf.pipeline.sources.listing import Listing
from avdf.pipeline.sources.media_files import unlisted_media

METADATA = "meta_data.csv"

# folder of the type -> (label_visual, label_audio)
TYPES = {
    "RealVideo-RealAudio": (REAL, REAL),
    "RealVideo-FakeAudio": (REAL, FAKE),
    "FakeVideo-RealAudio": (FAKE, REAL),
    "FakeVideo-FakeAudio": (FAKE, FAKE),
}
# (type, method) -> category; five of them are those of the paper's Table 2
CATEGORIES = {
    ("RealVideo-RealAudio", "real"): "RVRA",
    ("RealVideo-FakeAudio", "rtvc"): "RVFA",
    ("FakeVideo-RealAudio", "wav2lip"): "FVRA-WL",
    ("FakeVideo-RealAudio", "faceswap"): "FVRA-FS",
    ("FakeVideo-RealAudio", "fsgan"): "FVRA-GAN",
    ("FakeVideo-FakeAudio", "faceswap-wav2lip"): "FVFA-FS",
    ("FakeVideo-FakeAudio", "fsgan-wav2lip"): "FVFA-GAN",
    ("FakeVideo-FakeAudio", "wav2lip"): "FVFA-WL",
}
_PREFERRED = "faceswap-wav2lip"  # of two methods under which a file is listed


class FakeAvCeleb:
    """Reads FakeAVCeleb, with the quirks of its `meta_data.csv`."""

    name = "fakeavceleb"

    def recognises(self, root: Path) -> bool:
        """Whether a folder has the table and a folder of one of the types."""
        if not (root / METADATA).is_file():
            return False
        folders = subfolders(root)
        return any(plain(type_name) in folders for type_name in TYPES)

    def read(self, root: Path) -> Listing:
        """Every video once: labels, category, method, persons, group, the paper's split.

        Raises:
            SourceError: there is no `meta_data.csv`, or most of it cannot be understood.
        """
        table = root / METADATA
        if not table.is_file():
            raise SourceError(
                f"{root}: no {METADATA} here. FakeAVCeleb is given for research on request: fill "
                "in the form linked from https://github.com/DASH-Lab/FakeAVCeleb, unpack the "
                "archive and name the folder that holds meta_data.csv"
            )
        entries = list(read_table(table, tuple(TYPES)))
        rows = [entry for entry in entries if isinstance(entry, FakeAvCelebRow)]
        faults = [entry for entry in entries if isinstance(entry, RowFault)]
        unique = _without_duplicates(rows)
        find = FileFinder(root)
        understood = [self._info(row, find(row.folder, row.file)) for row in unique]
        others = each_once(
            [faulty(self.name, table, one.name, one.reason) for one in faults]
        )
        videos = (*understood, *others)
        refuse_mostly_faulty(table, videos)
        if not videos:
            raise SourceError(
                f"{table}: lists no videos; take the table from the dataset again"
            )
        notes = _duplicates_note(len(rows) - len(unique))
        return Listing(
            self.name,
            videos,
            notes,
            unlisted_media(root, videos),
        )

    def _info(
        self,
        row: FakeAvCelebRow,
        path: Path,
    ) -> VideoInfo:
        visual, audio = TYPES[row.type_name]
        return VideoInfo(
            id=row.id,
            path=str(path),
            dataset=self.name,
            split=ETHNIC_SPLIT[row.race],
            category=CATEGORIES.get((row.type_name, row.method), ""),
            method=row.method,
            identity=row.source,
            group=row.race,
            gender=row.gender,
            targets=" ".join(row.targets),
            label=max(visual, audio),
            label_visual=visual,
            label_audio=audio,
        )


def _without_duplicates(rows: Iterable[FakeAvCelebRow]) -> list[FakeAvCelebRow]:
    """22 files are listed under `wav2lip` and `faceswap-wav2lip`: keep the latter."""
    kept: dict[str, FakeAvCelebRow] = {}
    for row in rows:
        if row.id not in kept or row.method == _PREFERRED:
            kept[row.id] = row
    return list(kept.values())


def _duplicates_note(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    note = f"{count} files are listed twice in {METADATA}; each was taken once, as {_PREFERRED}"
    return (note,)
