"""Excerpts of a long file: where they lie, and how a decoder reaches one without the rest."""

from dataclasses import dataclass, replace

from avdf.cache.core.clock import FRAME_RATE, SEGMENT_FRAMES
from avdf.pipeline.media.media_info import MediaInfo

EXCERPT_FRAMES = 4 * SEGMENT_FRAMES  # 2.56 s: twice what a curve of synchrony needs
MOST_EXCERPTS = 1000
# Seconds that are decoded before an excerpt and dropped. ffmpeg seeks to the first frame from a
# time on; the one that is shown at that time has begun earlier.
_RUN_UP = 0.5
# Where the container does not list its key frames, the next one may come as late as this: encoders
# rarely set them further apart than 10 s.
_RUN_UP_TO_KEY_FRAME = 12.0


@dataclass(frozen=True)
class Excerpt:
    """Rows of the time line that are decoded alone: from `first`, `rows` of them."""

    first: int
    rows: int = EXCERPT_FRAMES

    def __post_init__(self) -> None:
        if self.first < 0 or self.rows < SEGMENT_FRAMES:
            raise ValueError(
                f"an excerpt of {self.rows} rows from row {self.first} on; "
                f"use at least {SEGMENT_FRAMES} rows from row 0 on"
            )

    @property
    def start(self) -> float:
        """Seconds after time 0 at which it begins."""
        return self.first / FRAME_RATE

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.rows / FRAME_RATE


def spread(seconds: float, count: int) -> tuple[Excerpt, ...]:
    """Excerpts in the middle of each of `count` equal parts of a file of so many seconds.

    Empty where they would cover more than half of the file: it is then better decoded as a whole.
    """
    rows = int(seconds * FRAME_RATE)
    if 2 * count * EXCERPT_FRAMES > rows:
        return ()
    part = rows / count
    middles = [(number + 0.5) * part for number in range(count)]
    return tuple(Excerpt(int(middle) - EXCERPT_FRAMES // 2) for middle in middles)


def excerpt_of(media: MediaInfo, excerpt: Excerpt) -> MediaInfo:
    """A file whose time 0 is the beginning of an excerpt, and which ends with it.

    Its clock begins where the decoder seeks to.
    """
    begins = media.start + excerpt.start
    run_up = _RUN_UP if media.lists_key_frames else _RUN_UP_TO_KEY_FRAME
    seek = max(0.0, begins - run_up)

    def ends(announced: float) -> float:
        # Of 0 the file does not say when the stream ends.
        return min(announced - excerpt.start, excerpt.seconds) if announced else 0.0

    return replace(
        media,
        start=begins - seek,
        offset=media.offset + excerpt.start,
        seek=seek,
        seconds=excerpt.seconds,
        video_ends=ends(media.video_ends),
        audio_ends=ends(media.audio_ends),
        ends=excerpt.seconds,
    )
