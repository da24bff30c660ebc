"""DFDC: parts wherever they are, tables of labels, and splits."""

import json
from collections import Counter
from pathlib import Path

import pytest

from avdf.cache.core.errors import SourceError
from avdf.pipeline.sources import list_videos
from tests.helpers.listings import by_id, complete, faults, labels_of
from tests.helpers.trees import touch, write_dfdc, write_dfdc_labels


def splits(root: Path) -> Counter[str]:
    return Counter(video.split for video in by_id(root).values())


def test_fakes_have_the_identity_of_their_original(tmp_path: Path) -> None:
    write_dfdc(tmp_path)
    fake = complete(tmp_path)["dfdc_train_part_1/f13.mp4"]
    assert fake.identity == "r13"


def test_the_modalities_of_a_fake_are_unknown(tmp_path: Path) -> None:
    write_dfdc(tmp_path)
    videos = by_id(tmp_path)
    assert labels_of(videos["dfdc_train_part_1/f13.mp4"]) == (1, -1, -1)
    assert labels_of(videos["dfdc_train_part_1/r13.mp4"]) == (0, 0, 0)


def test_training_parts_alone_have_no_split(tmp_path: Path) -> None:
    write_dfdc(tmp_path, test=False)
    assert splits(tmp_path) == {"": 40}


def test_a_test_set_without_validation_sets_some_originals_aside(
    tmp_path: Path,
) -> None:
    write_dfdc(tmp_path)
    found = splits(tmp_path)
    assert found["test"] == 2
    assert found["train"] > found["val"] > 0
    assert found["train"] + found["val"] == 40


def test_a_fake_is_in_the_split_of_its_original(tmp_path: Path) -> None:
    write_dfdc(tmp_path)
    videos = by_id(tmp_path)
    fakes = [name for name in videos if "/f" in name]
    assert len(fakes) == 20
    for name in fakes:
        assert videos[name].split == videos[name.replace("/f", "/r")].split


@pytest.fixture
def kaggle(media: Path, tmp_path: Path) -> Path:
    """Kaggle's sample with the metadata of a real part, and test videos without labels."""
    root = tmp_path / "kaggle"
    write_real_part(media, root / "train_sample_videos")
    touch(root / "test_videos" / "aa.mp4")
    return root


def write_real_part(media: Path, folder: Path) -> None:
    text = (media / "lists" / "dfdc_metadata_12.json").read_text(encoding="utf-8")
    for name in json.loads(text):
        touch(folder / name)
    (folder / "metadata.json").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("inner", ["", "train_sample_videos"])
def test_a_part_may_be_the_root_or_below_it(inner: str, kaggle: Path) -> None:
    videos = by_id(kaggle / inner).values()
    assert Counter(video.label for video in videos) == {1: 11, 0: 1}
    assert {video.split for video in videos} == {""}
    assert all(video.file.is_file() for video in videos)


def test_test_videos_without_labels_are_unlisted(kaggle: Path) -> None:
    assert [path.name for path in list_videos([kaggle]).unlisted] == ["aa.mp4"]


def test_the_whole_dataset_has_the_splits_of_its_folders(
    media: Path,
    tmp_path: Path,
) -> None:
    write_real_part(media, tmp_path / "train" / "dfdc_train_part_12")
    for split, amount in (("validation", 4), ("test", 5)):
        labels = {f"{split[0]}{number}.mp4": number % 2 for number in range(amount)}
        for name in labels:
            touch(tmp_path / split / name)
        write_dfdc_labels(tmp_path / split, labels)
    complete(tmp_path)
    assert splits(tmp_path) == {"train": 12, "val": 4, "test": 5}


def test_a_label_that_is_neither_real_nor_fake_is_a_fault(tmp_path: Path) -> None:
    write_dfdc(tmp_path)
    table = tmp_path / "dfdc_train_part_1" / "metadata.json"
    text = table.read_text(encoding="utf-8").replace('"REAL"', '"MAYBE"', 1)
    table.write_text(text, encoding="utf-8")
    ((name, fault),) = faults(tmp_path).items()
    assert name == "dfdc_train_part_1/r10.mp4"
    assert "the label 'MAYBE' is not REAL or FAKE" in fault


@pytest.mark.parametrize(
    ("row", "name", "reason"),
    [
        (
            "cc.mp4,2",
            "test/cc.mp4",
            "line 4 is not filename,label with a label of 0 or 1",
        ),
        (",1", "test/line 4", "line 4 is not filename,label"),
        ("../q.mp4,1", "test/../q.mp4", "leads out of"),
    ],
)
def test_a_wrong_row_of_the_labels_is_a_fault(
    row: str,
    name: str,
    reason: str,
    tmp_path: Path,
) -> None:
    write_dfdc(tmp_path)
    with (tmp_path / "test" / "labels.csv").open("a", encoding="utf-8") as file:
        file.write(f"{row}\n")
    ((found, fault),) = faults(tmp_path).items()
    assert found == name
    assert reason in fault


def test_of_two_tables_the_one_of_the_authors_is_read(tmp_path: Path) -> None:
    write_dfdc(tmp_path)
    (tmp_path / "test" / "metadata.json").write_text(
        '{"q.mp4": {"label": "REAL"}}', "utf-8"
    )
    assert "test/q.mp4" not in by_id(tmp_path)


def test_a_part_with_damaged_metadata_is_still_a_part(tmp_path: Path) -> None:
    folder = tmp_path / "dfdc_train_part_1"
    touch(folder / "metadata.json")
    with pytest.raises(SourceError, match="not the metadata of a part of DFDC"):
        list_videos([tmp_path])
