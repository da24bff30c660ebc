"""FakeAVCeleb: its table, the spellings of copies, and its counts."""

from collections import Counter
from pathlib import Path

import pytest

from avdf.cache.core.errors import SourceError
from avdf.cache.core.ethnic_split import ETHNIC_SPLIT
from avdf.pipeline.sources import Listing, list_videos
from avdf.pipeline.sources.fakeavceleb import CATEGORIES, FakeAvCeleb
from avdf.pipeline.sources.inventory import Inventory, take_inventory
from tests.helpers.fakeavceleb_trees import (
    COLUMNS,
    HEADER,
    write_full_fakeavceleb,
    write_small_fakeavceleb,
)
from tests.helpers.listings import by_id, faults, labels_of
from tests.helpers.trees import touch

HEADERS = (
    HEADER,
    COLUMNS,
    [*COLUMNS[:8], "filename", "path"],
    [*COLUMNS[:8], "vid", "path"],
)
OTHER_SPELLING = {
    "Asian (East)": "Asian_(East)",
    "Caucasian (American)": "Caucasian(American)",
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    write_small_fakeavceleb(tmp_path)
    return tmp_path


def add_row(root: Path, row: str) -> None:
    with (root / "meta_data.csv").open("a", encoding="utf-8") as file:
        file.write(f"{row}\n")


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("spelling", [None, OTHER_SPELLING])
def test_every_header_and_spelling_of_copies_is_read(
    header: list[str],
    spelling: dict[str, str] | None,
    tmp_path: Path,
) -> None:
    assert write_small_fakeavceleb(tmp_path, header, spelling) == 83
    listing = list_videos([tmp_path])
    assert len(listing.videos) == 80
    assert all(video.file.is_file() for video in listing.videos)
    assert not listing.unlisted


def test_files_that_are_listed_twice_are_taken_once(small: Path) -> None:
    listing = list_videos([small])
    assert "3 files are listed twice" in listing.notes[0]
    methods = Counter(video.method for video in listing.videos)
    assert methods["wav2lip"] == 20
    assert methods["faceswap-wav2lip"] == 10


def test_each_category_has_its_videos(small: Path) -> None:
    categories = Counter(video.category for video in by_id(small).values())
    assert categories == dict.fromkeys(CATEGORIES.values(), 10)


def test_labels_follow_from_the_type(small: Path) -> None:
    labels = {video.category: labels_of(video) for video in by_id(small).values()}
    assert labels["RVRA"] == (0, 0, 0)
    assert labels["RVFA"] == (1, 0, 1)
    assert labels["FVRA-WL"] == (1, 1, 0)
    assert labels["FVFA-GAN"] == (1, 1, 1)


def test_the_split_is_by_ethnic_group(small: Path) -> None:
    videos = by_id(small).values()
    assert Counter(video.split for video in videos) == {
        "train": 48,
        "val": 16,
        "test": 16,
    }
    assert all(video.split == ETHNIC_SPLIT[video.group] for video in videos)


def test_no_identity_is_in_two_splits(small: Path) -> None:
    found = take_inventory(list_videos([small]))
    assert not found.crossing


def test_a_file_that_the_table_does_not_name_is_unlisted(small: Path) -> None:
    touch(small / "RealVideo-RealAudio/African/men/id99999/not_listed.mp4")
    assert [path.name for path in list_videos([small]).unlisted] == ["not_listed.mp4"]


def test_targets_are_found_in_columns_and_file_names(small: Path) -> None:
    name = "00109_id00002_x_id00003_wavtolip.mp4"
    folder = "FakeAVCeleb/FakeVideo-FakeAudio/African/men/id00000"
    kind = "fsgan-wav2lip,D,FakeVideo-FakeAudio,African,men"
    add_row(small, f"id00000,id00002,-,{kind},{name},{folder}")
    video = next(video for video in by_id(small).values() if video.id.endswith(name))
    assert video.targets == "id00002 id00003"


def test_a_row_of_another_race_is_a_fault(small: Path) -> None:
    add_row(
        small,
        "id1,-,-,real,A,RealVideo-RealAudio,Martian,men,x.mp4,F/A/Martian/men/id1",
    )
    ((name, fault),) = faults(small).items()
    assert name == "A/Martian/men/id1/x.mp4"
    assert fault == "line 85: race 'Martian' is not one of FakeAVCeleb's"


def test_a_row_without_a_path_is_a_fault(small: Path) -> None:
    add_row(small, "id1,-")
    assert faults(small) == {"meta_data.csv, line 85": "line 85: no value for 'type'"}


def test_a_row_that_names_no_file_is_a_fault(small: Path) -> None:
    add_row(
        small, "id1,-,-,real,A,RealVideo-RealAudio,African,men,..,F/A/African/men/id1"
    )
    (fault,) = faults(small).values()
    assert "is not the path of a file" in fault


def test_a_table_of_which_most_is_not_understood_is_refused(small: Path) -> None:
    table = small / "meta_data.csv"
    text = table.read_text(encoding="utf-8")
    other = text.replace("African", "Martian").replace("Asian", "Martian")
    table.write_text(other, encoding="utf-8")
    with pytest.raises(SourceError, match="line 2: race 'Martian'"):
        FakeAvCeleb().read(small)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,2\n", "no column"),
        (",".join(COLUMNS).encode() + b"\n", "lists no videos"),
        (",".join(COLUMNS).encode() + b"\n\xff\n", "not a CSV file in UTF-8"),
    ],
)
def test_a_table_that_is_not_the_datasets_is_refused(
    content: bytes,
    message: str,
    tmp_path: Path,
) -> None:
    (tmp_path / "meta_data.csv").write_bytes(content)
    with pytest.raises(SourceError, match=message):
        FakeAvCeleb().read(tmp_path)


# All of the dataset: the counts of its file lists, and of the paper's split (docs/datasets.md)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Listing:
    root = tmp_path_factory.mktemp("full")
    write_full_fakeavceleb(root)
    return list_videos([root])


@pytest.fixture(scope="module")
def inventory(full: Listing) -> Inventory:
    return take_inventory(full)


def counts(inventory: Inventory, title: str) -> dict[str, int]:
    return {row.value: row.videos for row in inventory.tables[title]}


def test_all_of_it_is_listed_once(full: Listing, inventory: Inventory) -> None:
    assert inventory.videos == 21_544
    assert full.notes[0].startswith("22 files are listed twice")
    assert not inventory.missing
    assert not inventory.unlisted
    assert not inventory.crossing


def test_its_splits_have_the_papers_counts(inventory: Inventory) -> None:
    assert inventory.tables["split"] == (
        ("test", 4_693, 100, 4_593),
        ("train", 12_762, 300, 12_462),
        ("val", 4_089, 100, 3_989),
    )


def test_its_methods_have_the_counts_of_its_lists(inventory: Inventory) -> None:
    assert counts(inventory, "method") == {
        "real": 500,
        "rtvc": 500,
        "faceswap": 730,
        "fsgan": 3_964,
        "wav2lip": 9_602 - 22,
        "fsgan-wav2lip": 3_553,
        "faceswap-wav2lip": 2_717,
    }


def test_its_types_have_the_counts_of_its_lists(full: Listing) -> None:
    types = Counter(Path(video.id).parts[0] for video in full.videos)
    assert types == {
        "FakeVideo-FakeAudio": 10_835,
        "FakeVideo-RealAudio": 9_709,
        "RealVideo-FakeAudio": 500,
        "RealVideo-RealAudio": 500,
    }


def test_its_categories_have_the_counts_of_its_lists(inventory: Inventory) -> None:
    found = counts(inventory, "category")
    assert found["FVRA-FS"] + found["FVRA-GAN"] == 4_694  # in none of Table 2's
    assert found["FVFA-FS"] == 2_717
    assert found["FVRA-WL"] == 5_015


def test_its_groups_are_those_of_the_split(inventory: Inventory) -> None:
    assert counts(inventory, "group").keys() == ETHNIC_SPLIT.keys()
