"""What holds for every adapter: the protocol, refusals, and identities that stay in one split."""

from collections.abc import Callable
from pathlib import Path

import pytest

from avdf.cache.core.errors import SourceError
from avdf.pipeline.sources import list_videos
from avdf.pipeline.sources.inventory import take_inventory
from avdf.pipeline.sources.registry import ADAPTERS
from tests.helpers.command import call
from tests.helpers.fakeavceleb_trees import write_small_fakeavceleb
from tests.helpers.trees import (
    touch,
    write_avdeepfake1m,
    write_dfdc,
    write_kodf,
    write_lavdf,
)

WRITERS: dict[str, Callable[[Path], object]] = {
    "fakeavceleb": write_small_fakeavceleb,
    "lav-df": write_lavdf,
    "av-deepfake1m": write_avdeepfake1m,
    "dfdc": write_dfdc,
    "kodf": write_kodf,
}


@pytest.fixture(params=WRITERS)
def dataset(request: pytest.FixtureRequest) -> str:
    """The name of each dataset in turn."""
    name: str = request.param
    return name


@pytest.fixture
def root(dataset: str, tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    WRITERS[dataset](folder)
    return folder


def test_a_dataset_is_recognised_by_its_own_adapter_alone(
    dataset: str,
    root: Path,
) -> None:
    others = [adapter for adapter in ADAPTERS.values() if adapter.name != "folder"]
    assert [one.name for one in others if one.recognises(root)] == [dataset]


def test_every_video_carries_the_name_of_the_dataset(dataset: str, root: Path) -> None:
    assert {video.dataset for video in list_videos([root]).videos} == {dataset}


def test_no_identity_is_in_two_splits(root: Path) -> None:
    assert not take_inventory(list_videos([root])).crossing


def test_a_folder_that_is_not_the_dataset_says_how_to_get_it(
    dataset: str,
    tmp_path: Path,
) -> None:
    with pytest.raises(SourceError, match=r"https://.*name the folder"):
        list_videos([tmp_path], dataset)


def test_an_empty_folder_is_recognised_by_none(tmp_path: Path) -> None:
    recognised = [one.name for one in ADAPTERS.values() if one.recognises(tmp_path)]
    assert recognised == ["folder"]


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            "metadata.json",
            '[{"file": "a", "modify_video": 1, "modify_audio": 0}]',
            "entry 0 .a.: no key 'split'",
        ),
        (
            "metadata.json",
            '[{"file": "a", "modify_video": 1, "modify_audio": 0, "split": "x"}]',
            "split 'x'",
        ),
        (
            "train_metadata.json",
            '[{"file": "a", "modify_type": "odd"}]',
            "modify_type 'odd'",
        ),
        (
            "train_metadata.json",
            '[{"file": "a", "modify_type": "real"',
            "cannot be read as JSON",
        ),
        (
            "dfdc_train_part_1/metadata.json",
            '{"a.mp4": {"label": "MAYBE"}}',
            "not the metadata of a part",
        ),
        ("dfdc_train_part_1/metadata.json", "[]", "one object with the files as keys"),
        ("labels.csv", "filename,label\na.mp4,2\n", "label of 0 or 1"),
    ],
)
def test_metadata_that_is_not_understood_is_one_sentence(
    file: str,
    text: str,
    message: str,
    tmp_path: Path,
) -> None:
    touch(tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message) as caught:
        list_videos([tmp_path])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("lav-df", "[]", "lists no videos"),
        ("lav-df", "{}", "not a list of files with their labels"),
        ("lav-df", "[null, 3]", "2 of 2 entries are not understood"),
        ("dfdc", "{}", "list no videos"),
    ],
)
def test_metadata_without_a_video_is_refused(
    name: str,
    text: str,
    message: str,
    tmp_path: Path,
) -> None:
    part = tmp_path / "dfdc_train_part_0"
    touch(part / "a.mp4")
    for folder in (tmp_path, part):
        (folder / "metadata.json").write_text(text, encoding="utf-8")
    code, printed = call("prep", tmp_path, "--dry-run", "--dataset", name)
    assert code == 2
    assert message in printed
