"""Splits of FakeAVCeleb by identity: shares in each cell, and targets that appear again."""

from collections import Counter
from pathlib import Path

import pytest

from avdf.cache.core.identities import identity_of, persons_of
from avdf.cache.core.video import VideoInfo
from avdf.model.protocols import assign
from avdf.model.protocols.shares import share_out
from avdf.pipeline.sources import Listing, list_videos
from tests.helpers.command import call


@pytest.fixture(scope="module")
def celebs(celebs_listing: Listing) -> tuple[VideoInfo, ...]:
    assert len(celebs_listing.videos) == 21_544 and celebs_listing.notes[0].startswith(
        "22 files are listed twice"
    )
    return tuple(celebs_listing.videos)


def people(
    videos: tuple[VideoInfo, ...],
    splits: dict[str, str],
) -> dict[str, set[str]]:
    """Split -> everybody who is seen or heard in it."""
    found: dict[str, set[str]] = {}
    for video in videos:
        if video.id in splits:
            found.setdefault(splits[video.id], set()).update(persons_of(video))
    return found


def test_sources_and_targets_are_kept(
    celebs: tuple[VideoInfo, ...],
    media: Path,
    tmp_path: Path,
) -> None:
    by_category = {video.category: video for video in celebs}
    assert by_category["RVRA"].targets == by_category["RVFA"].targets == ""
    swap = by_category["FVFA-GAN"]
    assert len(swap.targets.split()) == 2 and f"_{swap.targets.split()[0]}_" in swap.id
    # Rows of the real table: some targets are parts of names, some persons are in a name alone.
    rows = (media / "lists" / "fakeavceleb_meta_rows.csv").read_text(encoding="utf-8")
    (tmp_path / "meta_data.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "RealVideo-RealAudio").mkdir()
    real = {
        video.id.rpartition("/")[2]: video.targets
        for video in list_videos([tmp_path]).videos
    }
    assert real["00109_1.mp4"] == real["00109_fake.mp4"] == ""
    assert real["00160_id02005_7_Egh9mW5y4_faceswap.mp4"] == "id02005"
    assert real["00109_id02005_7_Egh9mW5y4_id01972_wavtolip.mp4"] == "id02005 id01972"
    # The source, id00166, is no target.
    assert real["00010_id01637_5VjcPZm8knM_faceswap_id00166_wavtolip.mp4"] == "id01637"
    assert real["00005_id00460_wavtolip.mp4"] == ""


def test_identity_disjoint_is_62_7_31_and_counts_who_is_met_again(
    celebs: tuple[VideoInfo, ...],
) -> None:
    found = assign("identity-disjoint", celebs)
    split_of = {identity_of(video): found.of(video.id) for video in celebs}
    assert (
        Counter(split_of.values()) == {"train": 310, "val": 35, "test": 155}
        and found.version == 2
    )
    cells = {(video.group, video.gender, identity_of(video)) for video in celebs}
    for cell in {place[:2] for place in cells}:
        counts = Counter(
            split_of[name] for *place, name in cells if tuple(place) == cell
        )
        assert (
            counts["train"] == 31
            and counts["val"] in (3, 4)
            and counts["test"] in (15, 16)
        )
    trained = {name for name, split in split_of.items() if split == "train"}
    tested = [video for video in celebs if found.of(video.id) == "test"]
    targets = [set(video.targets.split()) for video in tested]
    again = sum(bool(names & trained) for names in targets)
    assert again > len(tested) / 2
    assert found.notes[0].startswith(
        f"the face or the voice in {again} of {len(tested)} test videos belongs to"
    )
    assert found.as_dict()["notes"] == list(found.notes)


def test_targets_disjoint_lets_nobody_be_met_again(
    celebs: tuple[VideoInfo, ...],
) -> None:
    found = assign("targets-disjoint", celebs)
    whole = assign("identity-disjoint", celebs)
    groups = people(celebs, dict(found.splits))
    assert not groups["train"] & groups["test"] and not groups["val"] & (
        groups["train"] | groups["test"]
    )
    assert (
        all(whole.of(name) == split for name, split in found.splits.items())
        and found.notes == ()
    )
    assert (
        found.counts(celebs)["test"]["real"] == 155
        and found.counts(celebs)["test"]["fake"] > 1_000
    )


def test_the_ethnic_split_is_free_of_people_met_again(
    celebs: tuple[VideoInfo, ...],
) -> None:
    assert (
        assign("fakeavceleb-ethnic", celebs).notes == ()
        and assign("fakeavceleb-ethnic", celebs).shortfall == ()
    )


def test_five_folds_say_that_one_video_is_not_there(
    celebs: tuple[VideoInfo, ...],
    celebs_root: Path,
) -> None:
    found = assign("fakeavceleb-5-fold/2", celebs)
    assert len(found.splits) == 1_999
    assert found.shortfall == (
        "2,000 videos are wanted, 1,999 are listed here: id04789 has no FakeVideo-FakeAudio",
    )
    code, text = call("protocol", "fakeavceleb-5-fold/1", celebs_root)
    assert (
        code == 0
        and "missing: 2,000 videos are wanted, 1,999" in text
        and "note: " in text
    )


def test_small_sets_get_every_split_and_shares_hold_over_all_cells() -> None:
    shares = {"test": 0.31, "val": 0.07, "train": 0.62}
    three = share_out({("", ""): ["a", "b", "c"]}, shares, "x")
    assert set(three.values()) == set(shares)
    cells = {(str(n), ""): [f"{n}-a", f"{n}-b", f"{n}-c"] for n in range(100)}
    many = share_out(cells, shares, "x")
    assert Counter(many.values()) == {"test": 93, "val": 21, "train": 186}
    assert share_out({}, shares, "x") == {}


def test_splits_are_decided_for_each_dataset_and_said(
    celebs: tuple[VideoInfo, ...],
) -> None:
    kodf = [
        VideoInfo(id=f"k{n}", path="x", dataset="kodf", identity=f"actor{n}")
        for n in range(500)
    ]
    found = assign("dataset", [*celebs, *kodf])
    splits = Counter(found.of(video.id) for video in kodf)
    assert splits == {"train": 350, "val": 75, "test": 75}
    assert (
        found.title
        == "splits given by the dataset: fakeavceleb; by identity, seed 0: kodf"
        and found.version == 2
    )
    alone = assign("dataset", celebs)
    assert all(
        found.of(video.id) == video.split == alone.of(video.id) for video in celebs
    )
    assert (alone.title, alone.version) == ("splits given by the dataset", 1)
