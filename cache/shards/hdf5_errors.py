"""What reading a damaged HDF5 file raises."""

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
