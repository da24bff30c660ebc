"""Trees that reproduce the layout and the quirks of the datasets; `put` makes each media file."""

import csv
import json
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

Put = Callable[[Path], object]


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def write_full_fakeavceleb(root: Path, put: Put = touch) -> None:
    """All 21,566 rows and 21,544 files of FakeAVCeleb v1.2, by the counts of its file lists (docs/datasets.md)."""
    races = {
        "Asian (South)": 0, "Asian (East)": 0, "Caucasian (American)": 0, "African": 1, "Caucasian (European)": 2,
    }  # fmt: skip
    people = {
        race: [f"id{number * 100 + index:05d}" for index in range(100)]
        for number, race in enumerate(races)
    }
    kinds = {
        "A": "RealVideo-RealAudio", "B": "RealVideo-FakeAudio", "C": "FakeVideo-RealAudio", "D": "FakeVideo-FakeAudio",
    }  # fmt: skip
    rows: list[list[str]] = []

    def add(letter: str, method: str, race: str, person: str, name: str) -> None:
        gender = "men" if int(person[2:]) % 100 < 50 else "women"
        folder = f"{kinds[letter]}/{race}/{gender}/{person}"
        target = "-" if method in ("real", "rtvc", "wav2lip") else "id99999"
        rows.append(
            [person, target, "-", method, letter, kinds[letter], race, gender, name, f"FakeAVCeleb/{folder}"]
        )  # fmt: skip
        put(root / folder / name)

    for race, names in people.items():
        for person in names:
            add("A", "real", race, person, "00001.mp4")
            add("B", "rtvc", race, person, "00001.mp4" if person == "id00007" else "00001_fake.mp4")
    fakes = [("C", "faceswap", 730), ("C", "fsgan", 3964), ("C", "wav2lip", 5015)]
    fakes += [
        ("D", "faceswap-wav2lip", 2717),
        ("D", "fsgan-wav2lip", 3553),
        ("D", "wav2lip", 4587 - 22),
    ]
    # so many fakes with a fake picture are in training, validation and test
    places = [
        place
        for share, count in enumerate((12_162, 3_889, 4_493))
        for place, _ in zip(
            cycle(
                [
                    (race, person)
                    for race, part in races.items()
                    if part == share
                    for person in people[race]
                ]
            ),
            range(count),
            strict=False,
        )
    ]
    order = sorted(range(len(places)), key=lambda number: (number * 7919) % len(places))
    which = iter(order)
    for letter, method, count in fakes:
        for _ in range(count):
            number = next(which)
            add(letter, method, *places[number], f"{number:06d}_{method}.mp4")
    doubled = [row for row in rows if row[3] == "faceswap-wav2lip"][:22]
    rows += [[*row[:3], "wav2lip", *row[4:]] for row in doubled]
    with (root / "meta_data.csv").open("w", newline="", encoding="utf-8") as file:
        header = [
            "source",
            "target1",
            "target2",
            "method",
            "category",
            "type",
            "race",
            "gender",
            "path",
            "",
        ]
        csv.writer(file).writerows([header, *rows])


def write_fakeavceleb_table(root: Path, lists: Path) -> None:
    """FakeAVCeleb's own table, without its files: its identities, and its videos of each category in each cell.

    As in the dataset, all people of a video are of one race and gender, id04789 has no video of which both are fake,
    and 22 files stand in two rows. Which 50 identities a cell has is ours.
    """
    with (lists / "avh_align_identities.csv").open(encoding="utf-8", newline="") as file:
        people = [row["identity"] for row in csv.DictReader(file)]
    with (lists / "fakeavceleb_cells.csv").open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    known = next(number for number, cell in enumerate(cells) if cell["group"] == "Asian (East)")
    people.remove("id04789")
    people.insert(50 * known, "id04789")
    rows: list[list[str]] = []
    for number, cell in enumerate(cells):
        for category, (letter, kind, method, name) in _CATEGORIES.items():
            members = people[50 * number : 50 * number + 50]
            silent = [one for one in members if not (letter == "D" and one == "id04789")]
            for count in range(int(cell[category])):
                person, turn = silent[count % len(silent)], count // len(silent)
                one, two = (
                    [p for p in members if p != person][(5 * turn + step) % 49] for step in (0, 3)
                )
                target1, target2 = {"A": ("-", "-"), "B": ("fake.mp4", "-")}.get(letter, (one, "-"))
                target2 = two if letter == "D" and method != "wav2lip" else target2
                folder = f"{kind}/{cell['group']}/{cell['gender']}/{person}"
                rows.append(
                    [person, target1, target2, method, letter, kind, cell["group"], cell["gender"],
                     name.format(one=one, two=two), f"FakeAVCeleb/{folder}"]
                )  # fmt: skip
        (root / "RealVideo-RealAudio").mkdir(parents=True, exist_ok=True)
    doubled = [row for row in rows if row[3] == "faceswap-wav2lip"][:22]
    rows += [[*row[:3], "wav2lip", *row[4:]] for row in doubled]
    with (root / "meta_data.csv").open("w", newline="", encoding="utf-8") as file:
        header = [
            "source",
            "target1",
            "target2",
            "method",
            "category",
            "type",
            "race",
            "gender",
            "path",
            "",
        ]
        csv.writer(file).writerows([header, *rows])


# category -> letter and folder of the type, method, and the name of a file
_CATEGORIES = {
    "RVRA": ("A", "RealVideo-RealAudio", "real", "00109.mp4"),
    "RVFA": ("B", "RealVideo-FakeAudio", "rtvc", "00109_fake.mp4"),
    "FVRA-WL": ("C", "FakeVideo-RealAudio", "wav2lip", "00109_{one}_wavtolip.mp4"),
    "FVRA-FS": ("C", "FakeVideo-RealAudio", "faceswap", "00109_{one}_5VjcPZm8knM_faceswap.mp4"),
    "FVRA-GAN": ("C", "FakeVideo-RealAudio", "fsgan", "00109_{one}_7_Egh9mW5y4.mp4"),
    "FVFA-FS": (
        "D",
        "FakeVideo-FakeAudio",
        "faceswap-wav2lip",
        "00109_{one}_5VjcPZm8knM_faceswap_{two}_wavtolip.mp4",
    ),
    "FVFA-GAN": (
        "D",
        "FakeVideo-FakeAudio",
        "fsgan-wav2lip",
        "00109_{one}_UHoMXLSjlDo_{two}_wavtolip.mp4",
    ),
    "FVFA-WL": ("D", "FakeVideo-FakeAudio", "wav2lip", "00109_{one}_wavtolip.mp4"),
}


def write_lavdf(root: Path, put: Put = touch) -> None:
    """Four videos of each split: real, picture, sound, both; keys that nobody asked for."""
    entries: list[dict[str, Any]] = []
    for split in ("train", "dev", "test"):
        for number, (video, audio) in enumerate(
            ((False, False), (True, False), (False, True), (True, True))
        ):
            spans = [[0.2, 0.6]] if video or audio else []
            name = f"{split}/{number:06d}.mp4"
            original = f"{split}/000000.mp4" if spans else None
            entries.append(
                {
                    "file": name, "n_fakes": len(spans), "fake_periods": spans, "duration": 1.6, "original": original,
                    "modify_video": video, "modify_audio": audio, "split": split, "video_frames": 40,
                    "audio_channels": 1, "audio_frames": 25600, "timestamps": [["word", 0.1, 0.2]], "transcript": "ä",
                }
            )  # fmt: skip
            put(root / name)
    (root / "metadata.json").write_text(json.dumps(entries), encoding="utf-8")


def write_avdeepfake1m(root: Path, put: Put = touch, plus: bool = False) -> None:
    """Four videos of training and of validation; `plus`: the second version's spelling, and the split in the path."""
    for split in ("train", "val"):
        entries: list[dict[str, Any]] = []
        for kind in (
            "real",
            "visual_modified",
            "audio_modified",
            "both-modified" if plus else "both_modified",
        ):
            visual = [[0.1, 0.4], [0.8, 1.0]] if kind.startswith(("visual", "both")) else []
            audio = [[0.3, 0.5]] if kind.startswith(("audio", "both")) else []
            name = f"id0{len(split)}00{int(plus)}/clip/00001/{kind}.mp4"
            entries.append(
                {
                    "file": f"{split}/{name}" if plus else name, "original": None, "split": split, "modify_type": kind,
                    "audio_model": "x", "visual_fake_segments": visual, "audio_fake_segments": audio,
                    "fake_segments": sorted(visual + audio), "video_frames": 40, "audio_frames": 25600,
                }
            )  # fmt: skip
            put(root / split / name)
        (root / f"{split}_metadata.json").write_text(json.dumps(entries), encoding="utf-8")


def write_dfdc(root: Path, put: Put = touch, test: bool = True) -> None:
    """Two parts of ten originals with a fake each, and a test set."""
    for part in range(2):
        folder = root / f"dfdc_train_part_{part}"
        entries: dict[str, dict[str, str]] = {}
        for number in range(10):
            real, fake = f"r{part}{number}.mp4", f"f{part}{number}.mp4"
            entries[real] = {"label": "REAL", "split": "train"}
            entries[fake] = {"label": "FAKE", "split": "train", "original": real}
            put(folder / real)
            put(folder / fake)
        (folder / "metadata.json").write_text(json.dumps(entries), encoding="utf-8")
    if test:
        for name in ("aa.mp4", "bb.mp4"):
            put(root / "test" / "videos" / name)
        (root / "test" / "labels.csv").write_text(
            "filename,label\naa.mp4,0\nbb.mp4,1\n", encoding="utf-8"
        )


def write_kodf(root: Path, put: Put = touch) -> None:
    """Three actors, and a synthesis of each by each of the five methods."""
    for actor in ("101", "102", "103"):
        put(root / "original_videos" / actor / f"{actor}_001.mp4")
        for code, method in enumerate(("dfl", "dffs", "fsgan", "fo", "audio-driven"), 1):
            place = root / "synthesized_videos" / method / "20210101" / actor
            put(place / f"{actor}_{int(actor) + 1}_{code}_0001.mp4")
