"""Run a detector of others over footage, in batches; its errors cost single videos, not the job."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from avdf.model.peers.answers import Answer, AnswerError, read_answers
from avdf.model.peers.cutting import MOST_ROWS, Piece
from avdf.model.peers.loading import LoadedPeer, error_words, foreign_code
from avdf.model.verdicts import PerVerdict, Verdict, from_columns

FAILED = (
    "detector_failed"  # the status of a video on which the detector raised an error
)

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PeerScores:
    """What a detector said of n windows or videos.

    video   (n,) the number of the video of each, as the caller counts
    start   (n,) seconds of the file's own time at which each starts
    fake    (n,) for each verdict: P(fake); NaN where it was not examined
    failed  number of a video -> why the detector failed on it
    notes   number of a video -> what is odd about the answers on it
    """

    video: npt.NDArray[np.int64]
    start: Array
    fake: PerVerdict[Array]
    failed: dict[int, str]
    notes: dict[int, str]


@dataclass
class _Collected:
    """What was answered so far."""

    pieces: list[tuple[int, float]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)

    def add(self, batch: Sequence[Piece], answers: Sequence[Answer]) -> None:
        self.pieces += [(piece.video, piece.start) for piece in batch]
        self.answers += answers


def measure(
    peer: LoadedPeer,
    given: Iterable[Piece],
    on_video: Callable[[int], None] = lambda _: None,
) -> PeerScores:
    """Score footage. A video on which the detector fails has no scores, but a reason.

    Args:
        given: of one video after another.
        on_video: called with the number of the last video of each batch.
    """
    found = _Collected()
    for batch in _batches(given, peer.description.batch):
        try:
            found.add(batch, _ask(peer, batch))
        except KeyboardInterrupt:
            raise
        except BaseException:
            # The error may concern one video alone: each of them is asked for by itself.
            _one_by_one(peer, batch, found)
        on_video(batch[-1].video)
        # Else it would stay in memory while the next one is read.
        del batch
    return _joined(found)


def _batches(given: Iterable[Piece], size: int) -> Iterator[list[Piece]]:
    """At most `size` pieces at a time, and no more rows than one video may have."""
    batch: list[Piece] = []
    rows = 0
    for piece in given:
        if batch and (len(batch) == size or rows + piece.rows > MOST_ROWS):
            yield batch
            batch, rows = [], 0
        batch.append(piece)
        rows += piece.rows
    if batch:
        yield batch


def _ask(peer: LoadedPeer, batch: Sequence[Piece]) -> list[Answer]:
    """The detector's answers, checked."""
    with foreign_code():
        given = peer.detector.score([piece.footage for piece in batch])
        # Inside, since to turn a foreign value into a number runs foreign code, too.
        return read_answers(given, len(batch), peer.description.judges)


def _one_by_one(peer: LoadedPeer, batch: Sequence[Piece], found: _Collected) -> None:
    for video in dict.fromkeys(piece.video for piece in batch):
        # A video that failed in an earlier batch has no scores, whatever comes now.
        if video in found.failed:
            continue
        own = [piece for piece in batch if piece.video == video]
        try:
            found.add(own, _ask(peer, own))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            found.failed[video] = f"{peer.title}: {_fault(error)}"


def _fault(error: BaseException) -> str:
    # A wrong answer is described in full; of an error, its kind and its place say more.
    return str(error) if isinstance(error, AnswerError) else error_words(error)


def _joined(found: _Collected) -> PeerScores:
    """All answers as arrays, without those on videos that failed."""
    kept = [
        (piece, answer)
        for piece, answer in zip(found.pieces, found.answers, strict=True)
        if piece[0] not in found.failed
    ]
    table = np.array([tuple(answer.fake) for _, answer in kept], np.float64)
    return PeerScores(
        video=np.array([video for (video, _), _ in kept], np.int64),
        start=np.array([start for (_, start), _ in kept], np.float64),
        fake=from_columns(table.reshape(len(kept), 3)),
        failed=found.failed,
        notes=_notes([(video, answer) for (video, _), answer in kept]),
    )


def _notes(kept: Sequence[tuple[int, Answer]]) -> dict[int, str]:
    """A sentence on each video of which a value was NaN."""
    odd: dict[int, dict[Verdict, int]] = {}
    for video, answer in kept:
        for name in answer.not_numbers:
            counts = odd.setdefault(video, {})
            counts[name] = counts.get(name, 0) + 1
    return {
        video: "the detector gave NaN, which counts as not examined: "
        + ", ".join(f"{name} {count} times" for name, count in counts.items())
        for video, counts in odd.items()
    }
