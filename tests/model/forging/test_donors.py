"""Which clips a clip may take the sound of."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.core.video import VideoInfo
from avdf.cache.stream.index import TrackRef, VideoRef
from avdf.model.forging.clip_place import ClipPlace
from avdf.model.forging.donors import Donors


class Nth:
    """In place of a random generator: a given number, wrapped to what is asked for."""

    def __init__(self, number: int) -> None:
        self.number = number

    def integers(self, high: int) -> int:
        return self.number % high


def place(number: int, person: str, split: str, rows: int, sound: bool) -> ClipPlace:
    info = VideoInfo(id=f"v{number}", path="", identity=person, split=split)
    track = TrackRef(0, rows, 0.0, has_audio=sound)
    video = VideoRef(info, Path("shard"), (track,), ())
    return ClipPlace(video, track, 0, rows)


KNOWN = st.tuples(
    st.sampled_from("abc"),
    st.sampled_from(["", "train", "test"]),
    st.integers(16, 20),
    st.booleans(),
)


@given(st.lists(KNOWN, min_size=1, max_size=12))
def test_every_fitting_clip_and_no_other_can_be_chosen(
    known: list[tuple[str, str, int, bool]],
) -> None:
    places = [place(number, *one) for number, one in enumerate(known)]
    donors = Donors(places)
    for taker in places:
        fitting = {
            one.video.info.id
            for one in places
            if one.track.has_audio
            and one.rows >= taker.rows
            and one.person != taker.person
            and one.video.info.split == taker.video.info.split
        }
        chosen = [donors.choose(taker, Nth(n)) for n in range(len(fitting) or 1)]  # type: ignore[arg-type]
        assert {one.video.info.id for one in chosen if one} == fitting
        assert fitting or chosen == [None]


def test_a_real_generator_chooses_too() -> None:
    places = [place(number, f"p{number}", "", 16, True) for number in range(5)]
    found = Donors(places).choose(places[0], np.random.default_rng(0))
    assert found in places[1:]
