"""A sample of a long file: excerpts that are prepared one by one, as one video with gaps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.counted import counted
from avdf.cache.core.errors import MediaError
from avdf.cache.core.missing import ONLY_SAMPLE
from avdf.cache.core.video import Track
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.media.excerpt import Excerpt, excerpt_of
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.stretch import Stretch, prepare_stretch

NOT_SAMPLED = (
    "no sample was taken and all of it was examined, "
    "because the file is short or does not say how long it is"
)
# What may be wrong with an excerpt while others can be used.
_PASSED_OVER = ("no_face", "too_short", "corrupt")
_MOST_NAMED = 5  # excerpts that were passed over


@dataclass(frozen=True, eq=False)
class Sample:
    """The excerpts of a file in which there is a face to judge.

    notes  what was looked at, that the rest was not, and why excerpts were passed over
    """

    stretches: tuple[Stretch, ...]
    notes: tuple[str, ...]


def prepare_excerpts(
    media: MediaInfo,
    excerpts: Sequence[Excerpt],
    settings: PrepSettings,
    detector: FaceDetector,
) -> Sample:
    """Prepare the excerpts of a file one by one.

    Raises:
        MediaError: there is no face to judge in any of them; its status says why.
    """
    found, passed_over = [], []
    for excerpt in excerpts:
        try:
            found.append(
                prepare_stretch(excerpt_of(media, excerpt), settings, detector)
            )
        except MediaError as error:
            if error.status not in _PASSED_OVER:
                raise
            passed_over.append((excerpt, error))
    if not found:
        times = ", ".join(f"{media.offset + one.start:.1f}" for one in excerpts)
        _, first = passed_over[0]
        raise MediaError(
            first.status,
            f"nothing to judge in {len(excerpts)} excerpts of {excerpts[0].seconds:.2f} s, "
            f"which begin at {times} s (the first: {first}), so examine the whole file",
        )
    named = [
        f"excerpt at {media.offset + excerpt.start:.1f} s passed over: {error}"
        for excerpt, error in passed_over[:_MOST_NAMED]
    ]
    note = sample_note(excerpts, found, media.ends)
    return Sample(tuple(found), (note, *named))


def tracks_of(stretches: Sequence[Stretch], offset: float) -> tuple[Track, ...]:
    """The tracks of all stretches, which start at seconds after `offset`, in file time."""
    return tuple(
        replace(track, start=one.offset - offset + track.start)
        for one in stretches
        for track in one.tracks
    )


def faces_of(stretches: Sequence[Stretch]) -> list[FollowedFace]:
    """The faces of all stretches, in the rows of one time line."""
    first = stretches[0].media.offset
    faces = []
    for one in stretches:
        rows = round((one.media.offset - first) * FRAME_RATE)
        faces += [face.shifted(rows) for face in one.faces]
    return faces


def sample_note(
    excerpts: Sequence[Excerpt], found: Sequence[Stretch], seconds: float
) -> str:
    """What was looked at, and that the rest was not.

    Args:
        found: the excerpts in which there is a face to judge.
        seconds: length of the file, as its container states it.
    """
    share = sum(one.seconds for one in found) / seconds
    each = f"{counted(len(excerpts), 'excerpt')} of {excerpts[0].seconds:.2f} s"
    used = len(found)
    faces = "" if used == len(excerpts) else f" ({used} with a face to judge)"
    return (
        f"{ONLY_SAMPLE}: {each}{faces}, {share:.1%} of the {seconds:.1f} s that the file says it "
        "lasts, and nothing is known of the rest"
    )
