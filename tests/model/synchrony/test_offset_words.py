"""The words on where a sound fits best."""

import pytest

from avdf.model.synchrony.offset_curves import OFFSETS_MS
from avdf.model.synchrony.offset_words import offset_words
from avdf.model.synchrony.synchrony import IN_SYNC, OUT_OF_SYNC, UNSURE, Synchrony


@pytest.mark.parametrize(
    ("offset", "given", "words"),
    [
        (320, OUT_OF_SYNC, "the sound fits best 320 ms late"),
        (-40, OUT_OF_SYNC, "the sound fits best 40 ms early"),
        (0, IN_SYNC, "the sound fits best as it is"),
    ],
)
def test_the_offset_in_words(offset: int | None, given: str, words: str) -> None:
    whole = (0.9,) * 51
    found = Synchrony(offset_ms=offset, verdict=given, curve=whole)
    assert offset_words(found) == words


def test_no_more_is_said_to_have_been_tried_than_was() -> None:
    # 16 frames to either side, of a video of two segments.
    short = (None,) * 9 + (0.9,) * 32 + (0.8,) + (None,) * 9
    found = Synchrony(verdict=OUT_OF_SYNC, curve=short)
    assert offset_words(found) == (
        "no offset within 0.64 s fits clearly better than the others "
        "(the distance is least with the sound 640 ms late)"
    )


def test_an_unclear_answer_says_that_the_sound_fits_as_it_is() -> None:
    curve = tuple(0.5 if ms == 0 else 0.9 for ms in OFFSETS_MS)
    found = Synchrony(verdict=UNSURE, curve=curve)
    assert offset_words(found).endswith("so that no clear answer is given")
