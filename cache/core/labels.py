"""The labels of a video and of its two modalities: their numbers, names, spellings and columns."""

REAL, FAKE, UNKNOWN = 0, 1, -1
# Of a training window alone, never stored: there is nothing to label, since the window has no audio
# or no picture.
ABSENT = -2

# The columns of shards and tables, and the fields of `VideoInfo`, that hold a label.
LABEL_COLUMNS = ("label", "label_visual", "label_audio")

LABEL_NAMES = {REAL: "real", FAKE: "fake", UNKNOWN: "unknown"}

# How a table that a user writes may spell a label, in lower case.
LABEL_SPELLINGS = {
    "0": REAL,
    "real": REAL,
    "1": FAKE,
    "fake": FAKE,
    "-1": UNKNOWN,
    "unknown": UNKNOWN,
    "": UNKNOWN,
}


def label_alone(own: int, other: int, whole: int) -> int:
    """The label of the only modality of a video that can be judged.

    Of a video whose label alone is known, that modality is what is real or fake. Where the other
    modality is known to be fake, it explains the label, and nothing follows.

    Args:
        own, other, whole: labels of this modality, of the other one and of the video.
    """
    if own != UNKNOWN:
        return own
    return UNKNOWN if other == FAKE else whole


def label_name(label: int) -> str:
    """`real`, `fake` or `unknown`."""
    return LABEL_NAMES.get(label, LABEL_NAMES[UNKNOWN])


def parse_label(text: str) -> int:
    """The label that a table spells, in any capitals and with spaces around it.

    Raises:
        ValueError: no label is spelled like this.
    """
    spelling = text.strip().lower()
    if spelling not in LABEL_SPELLINGS:
        raise ValueError(
            f"{spelling[:40]!r}, which is no label; "
            "use 0 or real, 1 or fake, -1 or nothing for unknown"
        )
    return LABEL_SPELLINGS[spelling]
