"""How the sound of a synthetic video belongs to its picture: it fits, or it is of something else.

Picture and sound are both genuine. Only whether they belong together differs.
"""

from dataclasses import dataclass

from avdf.cache.core.labels import FAKE, REAL

OWN, OTHER_WORDS, OTHER_PERSON = "own", "other_words", "other_person"
SHIFTS = (5, 10, 20)  # frames: 0.2, 0.4 and 0.8 s
MOST_SHIFT = max(SHIFTS)


@dataclass(frozen=True)
class Pairing:
    """How one kind of video gets its sound.

    name   of the kind; the `method` of a manifest
    sound  `own`: what the person in the picture says; `other_words`: what the same person says in
           another clip; `other_person`: what another person says
    late   frames by which the sound comes after its picture; below 0: before it
    """

    name: str
    sound: str = OWN
    late: int = 0

    def __post_init__(self) -> None:
        sounds = (OWN, OTHER_WORDS, OTHER_PERSON)
        if self.sound not in sounds:
            raise ValueError(
                f"sound {self.sound!r} is not one of {', '.join(sounds)}",
            )
        if abs(self.late) > MOST_SHIFT:
            raise ValueError(
                f"late is {self.late} frames, expected {-MOST_SHIFT} to {MOST_SHIFT}",
            )

    @property
    def category(self) -> str:
        """The kinds in three groups: `genuine`, `other_sound` and `shifted_sound`."""
        if self.sound != OWN:
            return "other_sound"
        return "shifted_sound" if self.late else "genuine"

    @property
    def label(self) -> int:
        """Real where picture and sound belong together, else fake."""
        return REAL if self.category == "genuine" else FAKE


def _all_pairings() -> dict[str, Pairing]:
    """Every kind by its name, in the order in which a person's videos are written."""
    found = [
        Pairing("genuine"),
        Pairing("other_person", OTHER_PERSON),
        Pairing("other_words", OTHER_WORDS),
    ]
    for frames in SHIFTS:
        found.append(Pairing(f"late_{frames}", late=frames))
        found.append(Pairing(f"early_{frames}", late=-frames))
    return {pairing.name: pairing for pairing in found}


PAIRINGS = _all_pairings()
KINDS = tuple(PAIRINGS)
