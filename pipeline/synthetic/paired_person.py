"""The persons of a dataset of pairs: which split each is in, and whose voice is put to the face."""

from dataclasses import dataclass

from avdf.pipeline.synthetic.pair_options import PairOptions
from avdf.pipeline.synthetic.pairing import OTHER_PERSON

GENDERS = ("men", "women")  # of the persons in turn
SPLIT_ORDER = ("train", "train", "train", "val", "test")  # of the persons in turn


@dataclass(frozen=True)
class PairedPerson:
    """Somebody of the dataset.

    partner  number of the person who is heard in the video `other_person`; the person's own
             number where the split has nobody else
    """

    number: int
    gender: str
    split: str
    partner: int

    @property
    def name(self) -> str:
        """The identity in the manifest."""
        return person_name(self.number)


def person_name(number: int) -> str:
    """The name of a person, in file names and as the identity."""
    return f"person{number:04d}"


def gender_of(number: int) -> str:
    """The gender of a person, `men` or `women`."""
    return GENDERS[number % len(GENDERS)]


def paired_persons(options: PairOptions) -> list[PairedPerson]:
    """The persons of a dataset. A partner is in the same split: nobody is in two splits.

    Raises:
        ValueError: a video needs the voice of another person, and a split has only one person.
    """
    numbers = range(
        options.first_person,
        options.first_person + options.persons,
    )
    by_split: dict[str, list[int]] = {}
    for number in numbers:
        split = options.split or SPLIT_ORDER[number % len(SPLIT_ORDER)]
        by_split.setdefault(split, []).append(number)

    found = []
    for split, members in by_split.items():
        if len(members) < 2 and OTHER_PERSON in options.kinds:
            raise ValueError(
                f"split {split} has one person, and other_person needs two: "
                "ask for more persons, for one split, or for other kinds",
            )
        for number in members:
            partner = _partner(number, members)
            found.append(
                PairedPerson(number, gender_of(number), split, partner),
            )
    return sorted(found, key=lambda person: person.number)


def _partner(number: int, members: list[int]) -> int:
    """The next person of the same gender; of any gender if there is no other of this one.

    Args:
        members: numbers of all persons of the split.
    """
    # The same gender: that voice and face differ in gender must not tell a video apart.
    same = [other for other in members if gender_of(other) == gender_of(number)]
    circle = same if len(same) > 1 else members
    position = circle.index(number)
    return circle[(position + 1) % len(circle)]
