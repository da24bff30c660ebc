"""FakeAVCeleb's folders and table with its quirks: ten identities, all, or the table alone."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, cycle, islice
from pathlib import Path

from avdf.cache.core.ethnic_split import ETHNIC_SPLIT
from avdf.pipeline.sources.fakeavceleb import CATEGORIES
from tests.helpers.tables import read_table
from tests.helpers.trees import Put, touch

Row = list[str]

COLUMNS = [
    "source",
    "target1",
    "target2",
    "method",
    "category",
    "type",
    "race",
    "gender",
    "path",
]
HEADER = [*COLUMNS, ""]
"""The header of `meta_data.csv` as it is released: its last column, the folder, has no name."""

TYPES = {
    "A": "RealVideo-RealAudio",
    "B": "RealVideo-FakeAudio",
    "C": "FakeVideo-RealAudio",
    "D": "FakeVideo-FakeAudio",
}
_LETTERS = {type_name: letter for letter, type_name in TYPES.items()}
_DOUBLED_ROWS = 22  # files that the released table lists twice, under two methods
_MISSING_FAKE = (
    "id04789"  # the identity that has no video of which frames and audio are fake
)


def write_small_fakeavceleb(
    root: Path,
    header: Sequence[str] = HEADER,
    spelling: Mapping[str, str] | None = None,
) -> int:
    """Ten identities with a video of each kind; 3 of the 80 files stand in two rows.

    Args:
        header: of the table; copies of the dataset name its columns differently.
        spelling: race -> name of its folder, where a copy spells it differently.

    Returns:
        The number of rows of the table.
    """
    folder_names = spelling or {}
    rows: list[Row] = []
    for number, race in enumerate(sorted(ETHNIC_SPLIT) * 2):
        gender, person = ("men", "women")[number // 5], f"id{number:05d}"
        for type_name, method in CATEGORIES:
            name = f"{number:05d}_{method}.mp4"
            race_folder = folder_names.get(race, race)
            touch(root / type_name / race_folder / gender / person / name)
            listed = f"FakeAVCeleb/{type_name}/{race}/{gender}/{person}"
            letter = _LETTERS[type_name]
            row = [
                person,
                "-",
                "-",
                method,
                letter,
                type_name,
                race,
                gender,
                name,
                listed,
            ]
            rows.append(row)
            if method == "faceswap-wav2lip" and number < 3:
                rows.append(_as_wav2lip(row))
    _write_table(root, header, rows)
    return len(rows)


def write_full_fakeavceleb(root: Path, put: Put = touch) -> None:
    """All 21,566 rows and 21,544 files of v1.2, by the counts of its file lists (docs/datasets.md).

    Args:
        put: makes each media file.
    """
    identities = {}
    for number, race in enumerate(ETHNIC_SPLIT):
        identities[race] = [f"id{100 * number + index:05d}" for index in range(100)]
    tree = _FullTree(root, put, [])
    for race, persons in identities.items():
        for person in persons:
            tree.add("A", "real", race, person, "00001.mp4")
            cloned = "00001.mp4" if person == "id00007" else "00001_fake.mp4"
            tree.add("B", "rtvc", race, person, cloned)

    fakes = (
        ("C", "faceswap", 730),
        ("C", "fsgan", 3964),
        ("C", "wav2lip", 5015),
        ("D", "faceswap-wav2lip", 2717),
        ("D", "fsgan-wav2lip", 3553),
        ("D", "wav2lip", 4587 - _DOUBLED_ROWS),
    )
    sources = _sources_of_visual_fakes(identities)
    # A fixed permutation, so that each method occurs in every split.
    order = iter(
        sorted(range(len(sources)), key=lambda number: number * 7919 % len(sources))
    )
    for letter, method, amount in fakes:
        for number in islice(order, amount):
            tree.add(letter, method, *sources[number], f"{number:06d}_{method}.mp4")
    _write_table(root, HEADER, [*tree.rows, *_doubled(tree.rows)])


@dataclass
class _FullTree:
    """Files below a root and the rows that list them."""

    root: Path
    put: Put
    rows: list[Row]

    def add(self, letter: str, method: str, race: str, person: str, name: str) -> None:
        """One file with its row. The first 50 persons of each race are men."""
        gender = "men" if int(person[2:]) % 100 < 50 else "women"
        folder = f"{TYPES[letter]}/{race}/{gender}/{person}"
        target = "-" if method in ("real", "rtvc", "wav2lip") else "id99999"
        kind = [method, letter, TYPES[letter]]
        self.rows.append(
            [person, target, "-", *kind, race, gender, name, f"FakeAVCeleb/{folder}"]
        )
        self.put(self.root / folder / name)


def _sources_of_visual_fakes(
    identities: Mapping[str, Sequence[str]],
) -> list[tuple[str, str]]:
    """(race, person) of each video with fake frames, as many in each split as the dataset has."""
    found: list[tuple[str, str]] = []
    for split, amount in (("train", 12_162), ("val", 3_889), ("test", 4_493)):
        races = [race for race in identities if ETHNIC_SPLIT[race] == split]
        members = [(race, person) for race in races for person in identities[race]]
        found += islice(cycle(members), amount)
    return found


def write_fakeavceleb_table(root: Path, lists: Path) -> None:
    """The dataset's own table, without its files: its identities, and the counts of each cell.

    A cell is a race and a gender. As in the dataset, all persons of a video are of one cell,
    one identity has no video of which frames and audio are fake, and 22 files stand in two rows.
    Which 50 identities a cell has is not published: they are dealt out in order.

    Args:
        lists: folder with the published lists of identities and counts.
    """
    identities = [
        row["identity"] for row in read_table(lists / "avh_align_identities.csv")
    ]
    cells = read_table(lists / "fakeavceleb_cells.csv")
    east_asian = next(
        at for at, cell in enumerate(cells) if cell["group"] == "Asian (East)"
    )
    identities.remove(_MISSING_FAKE)
    identities.insert(50 * east_asian, _MISSING_FAKE)
    rows: list[Row] = []
    for number, cell in enumerate(cells):
        members = identities[50 * number : 50 * number + 50]
        for category, kind in _KINDS.items():
            rows += islice(_rows_of_cell(cell, members, kind), int(cell[category]))
        (root / TYPES["A"]).mkdir(parents=True, exist_ok=True)
    _write_table(root, HEADER, [*rows, *_doubled(rows)])


@dataclass(frozen=True)
class _Kind:
    """A category's letter and method, and how its files are named."""

    letter: str
    method: str
    file_name: str


_KINDS = {
    "RVRA": _Kind("A", "real", "00109.mp4"),
    "RVFA": _Kind("B", "rtvc", "00109_fake.mp4"),
    "FVRA-WL": _Kind("C", "wav2lip", "00109_{one}_wavtolip.mp4"),
    "FVRA-FS": _Kind("C", "faceswap", "00109_{one}_5VjcPZm8knM_faceswap.mp4"),
    "FVRA-GAN": _Kind("C", "fsgan", "00109_{one}_7_Egh9mW5y4.mp4"),
    "FVFA-FS": _Kind(
        "D", "faceswap-wav2lip", "00109_{one}_5VjcPZm8knM_faceswap_{two}_wavtolip.mp4"
    ),
    "FVFA-GAN": _Kind(
        "D", "fsgan-wav2lip", "00109_{one}_UHoMXLSjlDo_{two}_wavtolip.mp4"
    ),
    "FVFA-WL": _Kind("D", "wav2lip", "00109_{one}_wavtolip.mp4"),
}


def _rows_of_cell(
    cell: Mapping[str, str],
    members: Sequence[str],
    kind: _Kind,
) -> Iterator[Row]:
    """Endless rows of one category: the members in turn, with other targets in each turn."""
    type_name = TYPES[kind.letter]
    sources = [one for one in members if (kind.letter, one) != ("D", _MISSING_FAKE)]
    for turn in count():
        for person in sources:
            others = [one for one in members if one != person]
            one, two = others[5 * turn % 49], others[(5 * turn + 3) % 49]
            name = kind.file_name.format(one=one, two=two)
            folder = (
                f"FakeAVCeleb/{type_name}/{cell['group']}/{cell['gender']}/{person}"
            )
            method = [kind.method, kind.letter, type_name]
            targets = _targets(kind, one, two)
            yield [
                person,
                *targets,
                *method,
                cell["group"],
                cell["gender"],
                name,
                folder,
            ]


def _targets(kind: _Kind, one: str, two: str) -> tuple[str, str]:
    """The columns `target1` and `target2` of a video of this kind."""
    if kind.letter == "A":
        return "-", "-"
    if kind.letter == "B":
        return "fake.mp4", "-"
    swapped_twice = kind.letter == "D" and kind.method != "wav2lip"
    return one, two if swapped_twice else "-"


def _doubled(rows: Sequence[Row]) -> list[Row]:
    """Second rows of the files that the released table lists twice."""
    swaps = [row for row in rows if row[COLUMNS.index("method")] == "faceswap-wav2lip"]
    return [_as_wav2lip(row) for row in swaps[:_DOUBLED_ROWS]]


def _as_wav2lip(row: Row) -> Row:
    return [*row[:3], "wav2lip", *row[4:]]


def _write_table(root: Path, header: Sequence[str], rows: Sequence[Row]) -> None:
    with (root / "meta_data.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
