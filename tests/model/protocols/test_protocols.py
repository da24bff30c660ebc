"""Protocols against counts of the datasets' lists, and laws that hold for any list of videos."""

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.model.protocols import PROTOCOLS, assign
from avdf.model.protocols.fakeavceleb import CATEGORIES
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.loaded import load_run
from avdf.model.scoring.scorer import score_shards
from avdf.model.scoring.settings import ScorerSettings
from avdf.model.training.training_set import load_training_set
from avdf.pipeline.sources import list_videos
from tests.helpers.command import call
from tests.helpers.fakeavceleb_trees import write_full_fakeavceleb
from tests.helpers.trees import write_kodf


@pytest.fixture(scope="module")
def celebs(tmp_path_factory: pytest.TempPathFactory) -> tuple[VideoInfo, ...]:
    """All 21,544 videos of FakeAVCeleb, as its tables list them."""
    root = tmp_path_factory.mktemp("fakeavceleb")
    write_full_fakeavceleb(root)
    return tuple(list_videos([root]).videos)


def test_the_ethnic_split_has_the_papers_counts(celebs: tuple[VideoInfo, ...]) -> None:
    found = assign("fakeavceleb-ethnic", celebs)
    assert Counter(found.splits.values()) == {
        "train": 12_762,
        "val": 4_089,
        "test": 4_693,
    }
    counts = found.counts(celebs)
    assert [counts[split]["real"] for split in ("train", "val", "test")] == [
        300,
        100,
        100,
    ]
    assert found.shortfall == ()
    assert counts["test"]["fake"] / 4_693 == pytest.approx(0.9787, abs=5e-5)


@pytest.mark.parametrize("held_out", CATEGORIES)
def test_nothing_of_the_held_out_category_is_seen_before_the_test(
    celebs: tuple[VideoInfo, ...],
    held_out: str,
) -> None:
    found = assign(f"fakeavceleb-leave-one-out/{held_out}", celebs)
    categories: dict[str, set[str]] = {
        "": set(),
        "train": set(),
        "val": set(),
        "test": set(),
    }
    for video in celebs:
        categories[found.of(video.id)].add(video.category)
    del categories[""]  # of videos that take no part
    others = {*CATEGORIES, "RVRA"} - {held_out}
    assert categories == {"train": others, "val": others, "test": {"RVRA", held_out}}
    assert found.counts(celebs)["test"]["real"] == 100


def test_five_folds_are_balanced_and_test_everybody_once(
    celebs: tuple[VideoInfo, ...],
) -> None:
    by_id = {video.id: video for video in celebs}
    tested: list[str] = []
    for fold in "12345":
        found = assign(f"fakeavceleb-5-fold/{fold}", celebs)
        assert len(found.splits) == 2_000
        kinds = Counter(
            (by_id[name].label_visual, by_id[name].label_audio) for name in found.splits
        )
        assert set(kinds.values()) == {500}
        persons: dict[str, set[str]] = {"train": set(), "val": set(), "test": set()}
        for name, split in found.splits.items():
            persons[split].add(by_id[name].identity)
        assert not persons["train"] & persons["val"]
        assert not persons["test"] & (persons["train"] | persons["val"])
        assert len(persons["test"]) == 100
        tested += sorted(persons["test"])
    assert len(set(tested)) == len(tested) == 500


def test_kodf_draws_take_methods_in_turn_and_leave_out_what_is_silent(
    tmp_path: Path,
) -> None:
    write_kodf(tmp_path)
    listed = list_videos([tmp_path]).videos
    many = [
        replace(video, id=f"{copy}/{video.id}", path=f"{copy}/{video.path}")
        for copy in range(60)
        for video in listed
    ]
    found = assign("kodf-subset/3", many)
    by_id = {video.id: video for video in many}
    methods = Counter(by_id[name].method for name in found.splits)
    assert (
        methods == {"real": 100, "dfl": 25, "dffs": 25, "fo": 25, "audio-driven": 25}
        and found.shortfall == ()
    )
    assert set(found.splits.values()) == {"test"}
    assert found.sha256 != assign("kodf-subset/4", many).sha256
    union = assign("kodf-subset/all-draws", many)
    assert set(union.splits) == {
        name
        for draw in range(10)
        for name in assign(f"kodf-subset/{draw}", many).splits
    }
    few = assign("kodf-subset/0", listed)
    assert few.shortfall == (
        "100 real videos are wanted, 3 with audio are listed here",
        "100 fake videos are wanted, 12 with audio are listed here",
    )


def video_of(number: int, identity: str, label: int) -> VideoInfo:
    """A video of FakeAVCeleb with a real or a fake face, and a real voice."""
    return VideoInfo(
        id=f"v{number}",
        path="x",
        dataset="fakeavceleb",
        identity=identity,
        label=label,
        label_visual=label,
        label_audio=0,
        group="African",
        gender="men",
        category="RVRA" if label == 0 else "FVRA-WL",
    )


rows = st.tuples(
    st.integers(0, 30), st.sampled_from(["", *"abcdef"]), st.sampled_from([0, 1])
)
videos = st.lists(rows, min_size=1, max_size=30, unique_by=lambda row: row[0]).map(
    lambda found: [video_of(*row) for row in found]
)


@given(videos, st.randoms())
@settings(max_examples=60, deadline=None)
def test_laws_of_every_protocol(listed: list[VideoInfo], chance: st.DrawFn) -> None:
    """The order of the list plays no part, nobody is in two splits, the hash says what is in it."""
    shuffled = list(listed)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    persons = {video.id: video.identity or video.id for video in listed}
    for protocol in PROTOCOLS.values():
        if protocol.name == "kodf-subset":
            continue
        name = protocol.names[0]
        found = assign(name, listed)
        assert found == replace(assign(name, shuffled), shortfall=found.shortfall)
        assert set(found.splits) <= persons.keys()
        of_person: dict[str, set[str]] = {}
        for video, split in found.splits.items():
            of_person.setdefault(persons[video], set()).add(split)
        assert all(len(splits) == 1 for splits in of_person.values()), name
    whole = assign("all-test", listed)
    assert whole.sha256 == assign("all-test", shuffled).sha256
    if len(listed) > 1:
        assert whole.sha256 != assign("all-test", listed[1:]).sha256


def test_a_table_is_a_protocol_and_names_what_is_not_there(
    tmp_path: Path,
    shards: Path,
    run: Path,
) -> None:
    code, text = call("protocol", "dataset", shards, "--out", tmp_path / "split.csv")
    assert code == 0 and "test: 2 real, 4 fake" in text and "sha256" in text
    with (tmp_path / "split.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 18
    with (tmp_path / "split.csv").open("a", encoding="utf-8") as file:
        file.write("gone.mp4,test\n")
    code, text = call("protocol", tmp_path / "split.csv", shards)
    assert (
        code == 0
        and "missing: 1 videos of split.csv are not listed here: gone.mp4" in text
    )
    loaded = load_run(run, device="cpu")
    own = score_shards(loaded, shards, "test")
    again = score_shards(
        loaded, shards, "test", ScorerSettings(protocol=str(tmp_path / "split.csv"))
    )
    assert [video.info.id for video in again.videos] == [
        video.info.id for video in own.videos
    ]
    assert (
        own.assignment
        and again.assignment
        and own.assignment.sha256 != again.assignment.sha256
    )
    assert (
        own.trained_on == 0
        and score_shards(
            loaded, shards, "", ScorerSettings(protocol="all-test")
        ).trained_on
        == 12
    )


def test_a_table_is_found_again_from_elsewhere(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_config(None, ["data.protocol=split.csv"]).data.protocol == str(
        tmp_path / "split.csv"
    )
    assert load_config(None, ["data.protocol=a/split.csv/2"]).data.protocol == str(
        tmp_path / "a" / "split.csv" / "2"
    )
    assert (
        load_config(None, ["data.protocol=kodf-subset/2"]).data.protocol
        == "kodf-subset/2"
    )


def test_training_follows_the_protocol_and_the_checkpoint_says_so(
    shards: Path,
    run: Path,
) -> None:
    data = load_training_set(
        shards, load_config(None, ["data.protocol=identity-disjoint"])
    )
    assert data.assignment.name == "identity-disjoint" and data.train
    info = load_run(run, device="cpu").info.data
    assert (
        info["train"] == 9
        and info["protocol"]["name"] == "dataset"
        and len(info["protocol"]["sha256"]) == 64
    )


def test_protocols_that_are_not_there(
    celebs: tuple[VideoInfo, ...],
    tmp_path: Path,
) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id,split\na,dev\n", encoding="utf-8")
    headless = tmp_path / "h.csv"
    headless.write_text("name,part\na,dev\n", encoding="utf-8")
    for name, words in {
        "ethnic": "unknown",
        "fakeavceleb-5-fold": "needs a fold",
        "fakeavceleb-leave-one-out/FVRA-FS": "needs a fold",
        "kodf-subset/0": "no video is here",
        str(table): "split 'dev'",
        str(headless): "no column split",
        str(tmp_path / "none.csv"): "No such file",
        f"{headless}/2": "no column",
    }.items():
        with pytest.raises(SettingsError, match=words):
            assign(name, celebs)
    with pytest.raises(SettingsError, match="of which no video is here"):
        assign("fakeavceleb-ethnic", [VideoInfo(id="a", path="a", dataset="kodf")])
