"""One row of `videos.csv` beside the shards: an input of preparation and what became of it.

Light to import: who only plans, counts and waits needs no PyTorch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.cache.core.periods import parse_periods, periods_text
from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.cache.files.csv_table import flat
from avdf.cache.shards.inputs_table import OK


@dataclass(frozen=True)
class VideoRow:
    """An input, whether it is in a shard, and what was found in it.

    status    `ok`, or in one word why the video is in no shard
    reason    the same in a sentence; of a prepared video, what is to be known of it
    shard     file name; '' where the video is in none
    duration  seconds that both streams cover
    offset    seconds of the file's own time at which they begin
    faces     most faces that are seen at once
    tracks    how many are kept; sound alone is one
    frames    with a face
    sha256    of the file
    """

    info: VideoInfo
    status: str
    reason: str = ""
    shard: str = ""
    duration: float = 0.0
    offset: float = 0.0
    faces: int = 0
    tracks: int = 0
    frames: int = 0
    segments: int = 0
    sha256: str = ""

    @classmethod
    def failed(
        cls,
        info: VideoInfo,
        status: str,
        reason: str,
    ) -> "VideoRow":
        """The row of a video that could not be prepared; the reason is put on one line."""
        return cls(info, status, " ".join(reason.split()))

    @classmethod
    def prepared(
        cls,
        video: PreparedVideo,
        shard: str,
    ) -> "VideoRow":
        """The row of a video that was written into a shard."""
        lengths = [len(track) for track in video.tracks]
        return cls(
            video.info,
            status=OK,
            reason="; ".join(video.notes),
            shard=shard,
            duration=round(video.duration, 2),
            offset=round(video.offset, 3),
            faces=video.faces,
            tracks=len(lengths),
            frames=sum(lengths) if video.has_picture else 0,
            segments=sum(length // SEGMENT_FRAMES for length in lengths),
            sha256=video.sha256,
        )

    @classmethod
    def from_columns(cls, values: Mapping[str, Any]) -> "VideoRow":
        """The row with these values of columns; a column that is missing is at its default.

        Raises:
            KeyError, TypeError, ValueError: the values are no row.
        """
        unknown = values.keys() - VIDEO_COLUMNS.keys()
        if unknown:
            raise ValueError(f"no column is called {', '.join(sorted(unknown))}")
        # A row of an older version lacks the newer columns; a newer version's row is refused above.
        known = {name: values[name] for name in _INFO_COLUMNS if name in values}
        info = VideoInfo(
            **known,
            periods=parse_periods(values.get("periods", "")),
        )
        return cls(
            info, **{name: values[name] for name in _OWN_COLUMNS if name in values}
        )

    def as_columns(self) -> dict[str, Any]:
        """The row as column -> value, in the order of the table."""
        return flat(self, VIDEO_COLUMNS)

    @property
    def id(self) -> str:
        """Id of the video."""
        return self.info.id

    @property
    def periods_text(self) -> str:
        """The manipulated periods as JSON, so that they are known of videos that failed too."""
        return periods_text(self.info.periods)


# The columns of the table, in their order, and where the value of each stands in a row.
VIDEO_COLUMNS = {
    "id": "info.id",
    "path": "info.path",
    "status": "status",
    "reason": "reason",
    "shard": "shard",
    "dataset": "info.dataset",
    "split": "info.split",
    "category": "info.category",
    "method": "info.method",
    "identity": "info.identity",
    "group": "info.group",
    "gender": "info.gender",
    "targets": "info.targets",
    "synthetic": "info.synthetic",
    "label": "info.label",
    "label_visual": "info.label_visual",
    "label_audio": "info.label_audio",
    "duration": "duration",
    "offset": "offset",
    "faces": "faces",
    "tracks": "tracks",
    "frames": "frames",
    "segments": "segments",
    "sha256": "sha256",
    "periods": "periods_text",
}
_INFO_COLUMNS = [
    name for name, place in VIDEO_COLUMNS.items() if place.startswith("info.")
]
_OWN_COLUMNS = [name for name, place in VIDEO_COLUMNS.items() if place == name]
