"""The index of a folder of shards: its videos, and where each one's tracks and segments are."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path

from pydantic import TypeAdapter

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.errors import ShardError
from avdf.cache.core.stream_facts import StreamFacts
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.atomic_file import write_text
from avdf.cache.shards.completeness import folder_faults
from avdf.cache.shards.folder import refuse_duplicates, shard_paths
from avdf.cache.shards.inputs_table import VIDEOS_FILE, Unprepared, list_unprepared
from avdf.cache.shards.mirror import index_file, opened_there, read_mirror
from avdf.cache.shards.reader import Shard


@dataclass(frozen=True)
class TrackRef:
    """Where a track is in its shard.

    row        its first row in `/frames`
    rows       how many rows it has
    start      seconds from the video's time 0 to the first row
    has_audio  False where none of its audio is louder than -60 dB
    has_picture  False for sound alone
    """

    row: int
    rows: int
    start: float
    has_audio: bool
    has_picture: bool = True

    @property
    def end(self) -> int:
        """The row after the last."""
        return self.row + self.rows

    def seconds(self, row: int) -> float:
        """Seconds from the video's time 0 to a row of the track."""
        return self.start + (row - self.row) / FRAME_RATE


@dataclass(frozen=True)
class SegmentRef:
    """Where a scoring segment is in its shard.

    number  its row in `/segments`
    row     its first row in `/frames`
    start   seconds from the video's time 0 to that row
    """

    number: int
    row: int
    start: float


@dataclass(frozen=True)
class VideoRef:
    """A video, and where its tracks and scoring segments are.

    offset  seconds of the file's own time at which time 0 of the tracks is
    streams what the file states of its streams
    """

    info: VideoInfo
    shard: Path
    tracks: tuple[TrackRef, ...]
    segments: tuple[SegmentRef, ...]
    offset: float = 0.0
    streams: StreamFacts = field(default_factory=StreamFacts)

    @property
    def has_audio(self) -> bool:
        """Whether any track has audio louder than -60 dB."""
        return any(track.has_audio for track in self.tracks)

    @property
    def has_picture(self) -> bool:
        """Whether its tracks have face crops; those of a video agree in that."""
        return self.tracks[0].has_picture

    def track_at(self, row: int) -> int:
        """The number of the track that has a row of the shard, counted from 0."""
        return next(
            number
            for number, track in enumerate(self.tracks)
            if track.row <= row < track.end
        )

    def file_time(self, row: int) -> float:
        """Seconds of the file's own time at a row of the shard."""
        track = self.tracks[self.track_at(row)]
        # The sum is in this order, from left to right, so that times stay equal to the last bit.
        return self.offset + track.start + (row - track.row) / FRAME_RATE


@dataclass(frozen=True)
class FolderIndex:
    """All inputs of a prepared folder: the videos in its shards, and those that failed."""

    videos: tuple[VideoRef, ...]
    unprepared: tuple[Unprepared, ...]

    @property
    def infos(self) -> list[VideoInfo]:
        """Every video, prepared or not; a protocol assigns splits to all of them."""
        prepared = [video.info for video in self.videos]
        return prepared + [item.info for item in self.unprepared]


def index_folder(folder: Path) -> FolderIndex:
    """Every input of a prepared folder.

    Raises:
        ShardError: as for `list_shard_videos` and `list_unprepared`; a video both failed and is in
            a shard; the shards do not match the folder's table and plan.
    """
    # Shards, table and plan are separate files. A copy can be incomplete, and then they disagree.
    index = FolderIndex(list_shard_videos(folder), list_unprepared(folder))
    prepared = {video.info.id: (video.info, video.shard.name) for video in index.videos}
    for item in index.unprepared:
        if item.info.id in prepared:
            raise ShardError(
                f"{folder}: {VIDEOS_FILE} says that {item.info.id!r} failed, but a shard holds it; "
                "run the same `avdf prep` again"
            )
    faults = folder_faults(folder, prepared)
    if faults:
        raise ShardError(f"{folder}: {faults[0]}")
    return index


def by_shard(videos: Sequence[VideoRef]) -> Iterator[list[int]]:
    """The numbers of the videos of each shard, so that each shard is opened once."""
    found: dict[str, list[int]] = {}
    for index, video in enumerate(videos):
        found.setdefault(str(video.shard), []).append(index)
    yield from found.values()


def list_shard_videos(folder: Path) -> tuple[VideoRef, ...]:
    """Every video in the shards of a folder, in order.

    Raises:
        ShardError: no shards, an unreadable shard, or a video that two shards hold.
    """
    videos: list[VideoRef] = []
    shard_of: dict[str, Path] = {}
    for path in shard_paths(folder):
        # A video in two shards would count twice in training and in every figure.
        found = _index_shard(path)
        refuse_duplicates(shard_of, path, [video.info.id for video in found])
        videos += found
    return tuple(videos)


def _index_shard(path: Path) -> list[VideoRef]:
    """The videos of one shard; of a shard that is not downloaded yet, from its stored index."""
    # A file on this machine is read itself: it may be newer than a stored index.
    if path.is_file() or read_mirror(path.parent) is None:
        with Shard(path) as shard:
            return _read_videos(shard)
    stored = index_file(path)
    if stored.is_file():
        with suppress(ValueError):  # a damaged index is built again
            return TypeAdapter(list[VideoRef]).validate_json(stored.read_bytes())
    with opened_there(path) as file, Shard(path, file) as shard:
        videos = _read_videos(shard)
    # Stored, so that a remote shard is opened over the network only once for its index.
    write_text(stored, TypeAdapter(list[VideoRef]).dump_json(videos).decode())
    return videos


def _read_videos(shard: Shard) -> list[VideoRef]:
    tracks: list[list[TrackRef]] = [[] for _ in shard.videos]
    segments: list[list[SegmentRef]] = [[] for _ in shard.videos]
    # Segments name their track by its number, so the tracks are kept in a list by number as well.
    owned = list(_owned_tracks(shard))
    for video, track in owned:
        tracks[video].append(track)

    track_numbers = shard.column("segments/track").tolist()
    rows = shard.column("segments/frame").tolist()
    for number, (track_number, row) in enumerate(zip(track_numbers, rows, strict=True)):
        video, track = owned[track_number]
        segments[video].append(SegmentRef(number, row, track.seconds(row)))

    offsets = shard.column("videos/offset").tolist()
    streams = list(_stream_facts(shard))
    return [
        VideoRef(
            info,
            shard.path,
            tuple(tracks[video]),
            tuple(segments[video]),
            offsets[video],
            streams[video],
        )
        for video, info in enumerate(shard.videos)
    ]


def _stream_facts(shard: Shard) -> Iterator[StreamFacts]:
    """What the file of each video states of its streams."""
    names = [field.name for field in fields(StreamFacts)]
    columns = [shard.column(f"videos/{name}").tolist() for name in names]
    for values in zip(*columns, strict=True):
        yield StreamFacts(*values)


def _owned_tracks(shard: Shard) -> Iterator[tuple[int, TrackRef]]:
    """Each track of a shard, after the row of its video in `/videos`."""
    names = ("video", "frame", "frames", "start", "sound", "picture")
    columns = [shard.column(f"tracks/{name}").tolist() for name in names]
    for video, row, rows, start, sound, picture in zip(*columns, strict=True):
        yield video, TrackRef(row, rows, start, bool(sound), bool(picture))
