"""KoDF: originals, syntheses, and copies in parts."""

from collections import Counter
from pathlib import Path

import pytest

from avdf.cache.core.errors import SourceError
from avdf.cache.core.identity_split import splits_of
from avdf.pipeline.sources import list_videos
from tests.helpers.listings import by_id, complete, faults, labels_of
from tests.helpers.trees import touch, write_kodf

ONE_EACH = {"real": 3, "dfl": 3, "dffs": 3, "fsgan": 3, "fo": 3, "audio-driven": 3}
SYNTHESIS = "synthesized_videos/fo/20210101/102/102_103_4_0001.mp4"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_kodf(tmp_path)
    return tmp_path


def test_each_method_has_its_videos(root: Path) -> None:
    methods = Counter(video.method for video in complete(root).values())
    assert methods == ONE_EACH


def test_a_synthesis_is_fake_and_its_modalities_are_unknown(root: Path) -> None:
    assert labels_of(by_id(root)[SYNTHESIS]) == (1, -1, -1)


def test_the_identity_of_a_synthesis_is_who_is_seen(root: Path) -> None:
    video = by_id(root)[SYNTHESIS]
    assert (video.identity, video.targets) == ("102", "103")


def test_no_split_is_given_so_identities_decide(root: Path) -> None:
    splits, given = splits_of(list(by_id(root).values()))
    assert given == {"kodf": False}
    assert set(splits) == {"train", "val", "test"}


def test_an_original_in_no_actors_folder_is_a_fault(root: Path) -> None:
    touch(root / "original_videos/intro.mp4")
    ((name, fault),) = faults(root).items()
    assert name == "original_videos/intro.mp4"
    assert "lies in the folder of its actor" in fault


@pytest.mark.parametrize("name", ["holiday.mp4", "101_102_9_0001.mp4"])
def test_a_synthesis_with_another_name_is_a_fault(name: str, root: Path) -> None:
    touch(root / "synthesized_videos/fo/20210101/102" / name)
    (fault,) = faults(root).values()
    assert "TARGET_SOURCE_CODE_NUMBER with a code of 1, 2, 3, 4, 5" in fault


@pytest.fixture
def names(media: Path) -> list[str]:
    """Files of the dataset with the folders of the methods at its root."""
    return (media / "lists" / "kodf_names.txt").read_text(encoding="utf-8").split()


def test_methods_may_be_at_the_root(names: list[str], tmp_path: Path) -> None:
    for name in names:
        touch(tmp_path / name)
    videos = complete(tmp_path)
    assert sorted(videos) == sorted(names)
    methods = Counter(video.method for video in videos.values())
    assert methods == {"real": 7, "dfl": 6, "dffs": 6, "fo": 6, "audio-driven": 6}


def test_a_part_without_originals_says_so(names: list[str], tmp_path: Path) -> None:
    for name in names:
        if name.startswith("fo/"):
            touch(tmp_path / "part" / name)
    listing = list_videos([tmp_path / "part"])
    assert {video.label for video in listing.videos} == {1}
    assert "no original videos" in listing.notes[0]


def test_folders_without_a_video_are_refused(tmp_path: Path) -> None:
    (tmp_path / "original_videos").mkdir()
    with pytest.raises(SourceError, match="no video is in them"):
        list_videos([tmp_path])
