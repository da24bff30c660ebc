"""Footage is given to a detector in batches that fit into memory."""

import weakref
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.model.peers import measuring
from avdf.model.peers.cutting import Piece
from avdf.model.peers.footage import PeerFootage, PeerTrack
from avdf.model.peers.loading import LoadedPeer
from avdf.model.peers.measuring import measure
from avdf.model.peers.protocol import PeerDescription
from avdf.model.verdicts import PerVerdict


class Counting:
    """Keeps how many rows each video of each batch has."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def describe(self) -> PeerDescription:
        return PeerDescription("counting", unit="video", batch=4)

    def score(self, footage: Sequence[PeerFootage]) -> list[PerVerdict[float | None]]:
        self.batches.append([len(one.frames) for one in footage])
        return [PerVerdict(None, None, 0.5)] * len(footage)


def loaded(detector: Counting) -> LoadedPeer:
    return LoadedPeer("test:Counting", "", detector, detector.describe(), ())


def video(number: int, rows: int) -> Piece:
    frames = np.zeros((rows, 1, 1, 3), np.uint8)
    pcm = np.zeros(rows * SAMPLES_PER_FRAME, np.int16)
    return Piece(number, 0.0, PeerFootage((PeerTrack(0.0, frames, pcm),)))


@pytest.fixture(scope="module", autouse=True)
def _few_rows() -> Iterator[None]:
    """100 rows in place of 4500."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "MOST_ROWS", 100)
        yield


@given(st.lists(st.integers(16, 100), max_size=30))
def test_a_batch_has_no_more_rows_than_one_video_may_have(lengths: list[int]) -> None:
    detector = Counting()
    found = measure(
        loaded(detector), (video(n, rows) for n, rows in enumerate(lengths))
    )
    assert [rows for batch in detector.batches for rows in batch] == lengths
    assert found.video.tolist() == list(range(len(lengths)))
    for batch in detector.batches:
        assert len(batch) <= 4 and sum(batch) <= 100
    # Each batch is as large as it may be: the first video of the next one does not fit.
    for batch, after in zip(detector.batches, detector.batches[1:], strict=False):
        assert len(batch) == 4 or sum(batch) + after[0] > 100


@pytest.mark.parametrize("rows", [16, 60, 100])
def test_a_batch_is_given_up_before_the_next_one_is_read(rows: int) -> None:
    held: set[int] = set()
    most = 0

    def read() -> Iterator[Piece]:
        nonlocal most
        for number in range(20):
            piece = video(number, rows)
            held.add(number)
            weakref.finalize(piece.footage, held.discard, number)
            most = max(most, len(held))
            yield piece
            del piece

    measure(loaded(Counting()), read())
    # Those of one batch, and the one that does not fit into it.
    assert most <= min(4, 100 // rows) + 1
