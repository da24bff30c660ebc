"""Lists of splits and scores that others publish: spellings of ids, and lists of other data."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.safe_text import spreadsheet_safe
from avdf.cache.core.video import VideoInfo
from avdf.model.protocols import assign
from avdf.model.protocols.id_matching import match_ids
from avdf.pipeline.sources import Listing
from tests.helpers.command import call


@pytest.fixture(scope="module")
def celebs(celebs_listing: Listing) -> tuple[VideoInfo, ...]:
    return tuple(celebs_listing.videos)


def respelt(name: str) -> str:
    """An id as lists of others have it: with the dataset's folder, and races in one word."""
    return "FakeAVCeleb/" + name.replace(" (", "_").replace(")", "")


def write(path: Path, header: str, rows: list[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_avh_aligns_identities_give_every_video_its_split(
    media: Path,
    celebs: tuple[VideoInfo, ...],
) -> None:
    table = media / "lists" / "avh_align_identities.csv"
    found = assign(str(table), celebs)
    with table.open(encoding="utf-8", newline="") as file:
        split_of = {row["identity"]: row["split"] for row in csv.DictReader(file)}
    assert len(found.splits) == 21_544 and found.shortfall == ()
    assert all(found.of(video.id) == split_of[video.identity] for video in celebs)
    assert Counter(split_of.values()) == {"train": 314, "val": 35, "test": 151}


def test_ids_are_found_however_folders_and_races_are_spelled(
    celebs: tuple[VideoInfo, ...],
    tmp_path: Path,
) -> None:
    table = write(
        tmp_path / "split.csv",
        "id,split",
        [f"{respelt(one.id)},{one.split}" for one in celebs],
    )
    assert not {respelt(one.id) for one in celebs} & {one.id for one in celebs}
    found = assign(str(table), celebs)
    assert (
        found.splits == {one.id: one.split for one in celebs} and found.shortfall == ()
    )


def test_match_ids_never_guesses() -> None:
    listed = [
        "a/Asian (East)/x.mp4",
        "b/Asian (East)/x.mp4",
        "c/y.mp4",
        "val/id1/z.mp4",
    ]
    assert match_ids(["Asian_East/x.mp4"], listed) == {}  # two videos end so
    assert match_ids(["/data/A/asian-east/x.mp4"], listed) == {
        "/data/A/asian-east/x.mp4": listed[0]
    }
    assert match_ids(["id1/z.mp4", "c/y"], listed) == {
        "id1/z.mp4": listed[3],
        "c/y": listed[2],
    }
    assert match_ids(["d/y.mp4", "1_1.mp4"], [*listed, "11.mp4"]) == {}
    assert match_ids([listed[0]], listed) == {listed[0]: listed[0]}
    assert match_ids(["-a (1).mp4"], [spreadsheet_safe("-a (1).mp4")]) == {
        "-a (1).mp4": "'-a (1).mp4"
    }


def test_a_name_in_two_splits_is_refused(
    celebs: tuple[VideoInfo, ...],
    tmp_path: Path,
) -> None:
    one, two = celebs[0].id, celebs[1].id
    twice = write(
        tmp_path / "a.csv", "id,split", [f"{one},train", f"{two},test", f"{one},test"]
    )
    spelled = write(
        tmp_path / "b.csv", "id,split", [f"{one},train", f"{respelt(one)},test"]
    )
    person = write(
        tmp_path / "c.csv", "identity,split", ["id00076,train", "id00076,val"]
    )
    for table in (twice, spelled, person):
        with pytest.raises(SettingsError, match=r"is in train and in (test|val)"):
            assign(str(table), celebs)
    assert (
        call("protocol", spelled, write_manifest(tmp_path / "m.csv", celebs[:4]))[0]
        == 2
    )


def write_manifest(path: Path, videos: tuple[VideoInfo, ...]) -> Path:
    return write(
        path,
        "path,label,split",
        [f"{one.id},{one.label},{one.split}" for one in videos],
    )


def test_a_table_of_other_data_is_refused_with_a_name_of_each_side(
    celebs: tuple[VideoInfo, ...],
    tmp_path: Path,
) -> None:
    manifest = write_manifest(tmp_path / "m.csv", celebs[:10])
    strange = [f"clip{number}.mp4,test" for number in range(6)]
    for rows in (strange, [*strange, *(f"{one.id},test" for one in celebs[:5])]):
        code, text = call(
            "protocol", write(tmp_path / "s.csv", "id,split", rows), manifest
        )
        assert (
            code == 2
            and "'clip0.mp4'" in text
            and f"{celebs[9].id.rpartition('/')[2]}" in text.replace("\n", "")
        )
    few = [*strange[:2], *(f"{one.id},test" for one in celebs[:5])]
    assert (
        call("protocol", write(tmp_path / "s.csv", "id,split", few), manifest)[0] == 0
    )
    people = write(tmp_path / "p.csv", "identity,split", ["somebody,train"])
    with pytest.raises(
        SettingsError,
        match="the identity 'somebody', the list has 'id",
    ):
        assign(str(people), celebs)


def test_scores_are_judged_under_the_ids_that_they_mean(
    celebs: tuple[VideoInfo, ...],
    tmp_path: Path,
) -> None:
    """Of a published list of scores no video is lost to spelling, and none is silently left out."""
    some = tuple(one for one in celebs if one.category in ("RVRA", "RVFA"))[::9]
    manifest = write_manifest(tmp_path / "m.csv", some)
    rows = [f"{respelt(one.id)},{0.2 + 0.5 * one.label}" for one in some]
    code, text = call(
        "evaluate",
        write(tmp_path / "s.csv", "id,score", rows),
        "--labels",
        manifest,
        "--split",
        "all",
    )
    assert code == 0 and f"{len(some)} of {len(some)} videos scored" in text
    other = [f"elsewhere/{number}.mp4,0.5" for number in range(len(some))]
    code, text = call(
        "evaluate", write(tmp_path / "o.csv", "id,score", other), "--labels", manifest
    )
    assert code == 2 and "'elsewhere/0.mp4'" in text
    doubled = [*rows, f"{some[0].id},0.4"]
    code, text = call(
        "evaluate", write(tmp_path / "d.csv", "id,score", doubled), "--labels", manifest
    )
    assert code == 2 and "are the same video" in text
