"""KoDF (Kwon et al. 2021): original and synthesised videos of Korean speakers.

Labels of fakes are of the video alone. The layout is described in docs/datasets.md.
"""

import re
from pathlib import Path

from avdf.cache.core.errors import SourceError
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources.faults import faulty, refuse_mostly_faulty
from avdf.pipeline.sources.listing import Listing
from avdf.pipeline.sources.media_files import media_files, unlisted_media
from avdf.pipeline.sources.paths import real_path

ORIGINALS, SYNTHESISED = "original_videos", "synthesized_videos"
# the code in the name of a synthesised video -> method
METHODS = {
    "1": "dfl",
    "2": "dffs",
    "3": "fsgan",
    "4": "fo",
    "5": "audio-driven",
}
# Folders of the methods; they are in `synthesized_videos` or beside `original_videos`.
_METHOD_FOLDERS = (*METHODS.values(), "audio_driven")
_NAME = re.compile(
    r"(?P<target>[^_]+)_(?P<source>[^_]+)_(?P<code>\d)_(?P<number>[^_]+)$"
)
_DATE = re.compile(r"\d{8}$")


class Kodf:
    """Reads KoDF. It gives no splits: identities decide."""

    name = "kodf"

    def recognises(self, root: Path) -> bool:
        """Whether a folder has folders of originals, of syntheses, or of methods.

        A folder `fo` alone proves nothing: those of methods hold folders named by a date.
        """
        if (root / ORIGINALS).is_dir() or (root / SYNTHESISED).is_dir():
            return True
        folders = _method_folders(root)
        return any(
            _DATE.match(path.name) for folder in folders for path in folder.iterdir()
        )

    def read(self, root: Path) -> Listing:
        """Every video. The identity is who is seen: the actor, or the target of a synthesis.

        Raises:
            SourceError: the folders are not there, or most names are not understood.
        """
        if not self.recognises(root):
            raise SourceError(
                f"{root}: no {ORIGINALS} and {SYNTHESISED} here. KoDF is given for research on "
                "request: see https://deepbrainai-research.github.io/kodf, unpack it and name "
                "the folder that holds both"
            )
        originals = [self._original(root, path) for path in _media(root / ORIGINALS)]
        folders = [root / SYNTHESISED, *_method_folders(root)]
        files = [path for folder in folders for path in _media(folder)]
        synthesised = [self._synthesised(root, path) for path in files]
        refuse_mostly_faulty(root / ORIGINALS, originals)
        refuse_mostly_faulty(root / SYNTHESISED, synthesised)

        videos = (*originals, *synthesised)
        if not videos:
            raise SourceError(
                f"{root}: the folders of KoDF are here, but no video is in them"
            )
        kinds = {"original": originals, "synthesised": synthesised}
        missing = [kind for kind, found in kinds.items() if not found]
        notes = tuple(
            f"{root}: this copy of KoDF has no {kind} videos" for kind in missing
        )
        return Listing(
            self.name,
            videos,
            notes,
            unlisted_media(root, videos),
        )

    def _original(self, root: Path, path: Path) -> VideoInfo:
        video_id = path.relative_to(root).as_posix()
        if path.parent == root / ORIGINALS:
            reason = "an original video lies in the folder of its actor"
            return faulty(
                self.name,
                real_path(path),
                video_id,
                reason,
            )
        return VideoInfo(
            id=video_id,
            path=str(real_path(path)),
            dataset=self.name,
            category="real",
            method="real",
            identity=path.parent.name,
            label=REAL,
            label_visual=REAL,
            label_audio=REAL,
        )

    def _synthesised(self, root: Path, path: Path) -> VideoInfo:
        video_id = path.relative_to(root).as_posix()
        name = _NAME.match(path.stem)
        method = METHODS.get(name["code"]) if name else None
        if name is None or method is None:
            reason = (
                "a synthesised video is named TARGET_SOURCE_CODE_NUMBER "
                f"with a code of {', '.join(METHODS)}"
            )
            return faulty(
                self.name,
                real_path(path),
                video_id,
                reason,
            )
        return VideoInfo(
            id=video_id,
            path=str(real_path(path)),
            dataset=self.name,
            category=method,
            method=method,
            identity=name["target"],
            targets=name["source"] if name["source"] != name["target"] else "",
            label=FAKE,
        )


def _method_folders(root: Path) -> list[Path]:
    return [root / name for name in _METHOD_FOLDERS if (root / name).is_dir()]


def _media(folder: Path) -> list[Path]:
    return media_files(folder) if folder.is_dir() else []
