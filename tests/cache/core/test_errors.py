"""The tree of exceptions: it is complete, documented, and its members cross process borders."""

import inspect
import pickle

import pytest

from avdf.cache.core import errors
from avdf.cache.core.errors import (
    AvdfError,
    DecoderKilledError,
    MediaError,
    SegmentError,
)

CLASSES = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if found.__module__ == errors.__name__
]


@pytest.mark.parametrize("found", CLASSES)
def test_every_exception_stands_in_the_tree_of_the_docstring(
    found: type[Exception],
) -> None:
    assert issubclass(found, AvdfError)
    assert errors.__doc__ is not None
    assert found.__name__ in errors.__doc__


def test_a_media_error_keeps_its_status_when_it_is_pickled() -> None:
    copy = pickle.loads(pickle.dumps(MediaError("no_face", "a.mp4: no face")))
    assert type(copy) is MediaError
    assert copy.status == "no_face"
    assert str(copy) == "a.mp4: no face"


def test_a_killed_decoder_is_a_crash_also_after_pickling() -> None:
    copy = pickle.loads(pickle.dumps(DecoderKilledError("ended by SIGKILL")))
    assert type(copy) is DecoderKilledError
    assert copy.status == "crashed"
    assert str(copy) == "ended by SIGKILL"


def test_an_error_of_a_segment_is_one_of_its_shard() -> None:
    assert issubclass(SegmentError, errors.ShardError)
