"""A number with its noun, for sentences."""


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number with its noun: `1 video`, `2 videos`, `0 faces`.

    Args:
        plural: of a noun that takes more than an s.
    """
    return f"{count} {noun}" if count == 1 else f"{count} {plural or noun + 's'}"
