"""The player gets the file itself, in ranges, as audio or video and never as a page."""

from collections.abc import Iterator

import pytest

from avdf.cli.page.media_type import UNKNOWN, media_type
from tests.helpers.page_server import Answer, Client

CONTENT = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 4
SIZE = len(CONTENT)


@pytest.fixture(scope="module")
def number(client: Client) -> Iterator[int]:
    """A file that was scored."""
    number = client.upload("clip.mp4", CONTENT).json["number"]
    client.wait_for(number, "done")
    yield number
    client.ask("DELETE", f"/jobs/{number}")


def ranged(client: Client, number: int, wanted: str) -> Answer:
    return client.get(f"/jobs/{number}/media", Range=wanted)


def test_the_whole_file_says_that_it_has_ranges(client: Client, number: int) -> None:
    answer = client.get(f"/jobs/{number}/media")
    assert (answer.status, answer.body) == (200, CONTENT)
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-type"] == "video/mp4"


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-", 0, SIZE - 1),
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=100-99999999", 100, SIZE - 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        ("bytes=-5", SIZE - 5, SIZE - 1),
    ],
)
def test_a_range_is_answered_with_its_bounds(
    client: Client, number: int, wanted: str, first: int, last: int
) -> None:
    answer = ranged(client, number, wanted)
    assert answer.status == 206
    assert answer.body == CONTENT[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["content-length"] == str(last - first + 1)


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}"])
def test_a_range_behind_the_end_is_refused(
    client: Client, number: int, wanted: str
) -> None:
    answer = ranged(client, number, wanted)
    assert answer.status == 416
    assert answer.headers["content-range"].endswith(f"*/{SIZE}")


@pytest.mark.parametrize("wanted", ["bytes=a-b", "bytes=9-3", "lines=0-1", "bytes="])
def test_a_range_that_makes_no_sense_gets_no_bytes_of_another(
    client: Client, number: int, wanted: str
) -> None:
    answer = ranged(client, number, wanted)
    assert answer.status in (400, 416) or answer.body == CONTENT


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        (b"\x1a\x45\xdf\xa3....", "video/webm"),
        (b"RIFF\x00\x00\x00\x00WAVE", "audio/wav"),
        (b"RIFF\x00\x00\x00\x00AVI ", UNKNOWN),
        (b"<html><script>", UNKNOWN),
        (b"<svg xmlns=", UNKNOWN),
        (b"", UNKNOWN),
    ],
)
def test_the_type_comes_from_the_first_bytes(
    tmp_path_factory: pytest.TempPathFactory, head: bytes, kind: str
) -> None:
    path = tmp_path_factory.mktemp("media") / "page.html"
    path.write_bytes(head)
    assert media_type(path) == kind
