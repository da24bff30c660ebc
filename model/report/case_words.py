"""Names that all sentences of a case use."""

from avdf.model.verdicts import PerVerdict

SUBJECTS = PerVerdict(
    visual="The frames alone",
    audio="The sound alone",
    video="The video as a whole",
)
SYNC_SUBJECT = "Picture and sound together"
MOST_SPANS = 8  # parts of time that one sentence names
