"""What reading a damaged HDF5 file raises."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from avdf.cache.core.errors import ShardError

# What h5py, numpy and our own rows raise when the bytes of a file contradict its description.
READ_ERRORS = (
    OSError,
    KeyError,
    TypeError,
    ValueError,
    RuntimeError,
    IndexError,
    AttributeError,
    OverflowError,
    MemoryError,
)
_LONGEST_MESSAGE = 200  # characters


def short_message(error: BaseException) -> str:
    """The message of an error on one line, shortened."""
    message = " ".join(str(error).split())
    return (message or type(error).__name__)[:_LONGEST_MESSAGE]


@contextmanager
def reading(
    path: Path, what: str, kind: type[ShardError] = ShardError
) -> Iterator[None]:
    """Turn whatever fails in the block into one sentence.

    Raises:
        ShardError, or `kind`: something failed.
    """
    try:
        yield
    except READ_ERRORS as error:
        raise kind(
            f"{path}: {what} cannot be read ({short_message(error)}); "
            "the file is damaged: remove it and run `avdf prep` again"
        ) from None
