"""Files are received up to the largest size, under a number, and shown by an escaped name."""

import socket
from pathlib import Path

import pytest

from avdf.cli.page.upload import shown_name, size_words, stored_name
from tests.cli.page.conftest import LARGEST
from tests.helpers.page_server import Client, wait_until


def stored(private: Path) -> set[str]:
    """What is stored of all files."""
    return {str(path.relative_to(private)) for path in private.rglob("*")}


def test_a_file_is_stored_under_a_number_and_removed_on_request(
    client: Client, private: Path
) -> None:
    number = client.upload("../../etc/passwd.mp4", b"content").json["number"]
    job = client.wait_for(number, "done")
    assert job["name"] == "passwd.mp4"
    folder = private / f"{number:04d}"
    assert (folder / f"upload-{number:04d}.mp4").read_bytes() == b"content"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert client.ask("DELETE", f"/jobs/{number}").status == 204
    assert not folder.exists()
    assert client.get(f"/jobs/{number}/media").status == 404


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(
    client: Client, private: Path
) -> None:
    before = stored(private)
    answer = client.ask(
        "POST", "/jobs?name=a.mp4", b"", Content_Length=str(LARGEST + 1)
    )
    assert answer.status == 413
    assert "larger than 1.0 MiB" in answer.json["reason"]
    assert stored(private) == before


def test_a_file_that_does_not_say_its_size_is_stopped_at_the_limit(
    client: Client, private: Path
) -> None:
    before = stored(private)
    head = (
        f"POST /jobs?name=a.mp4 HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\n"
        f"Origin: http://127.0.0.1:{client.port}\r\nTransfer-Encoding: chunked\r\n"
        f"X-Avdf-Token: {client.token}\r\n\r\n"
    )
    chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
    with socket.create_connection(("127.0.0.1", client.port), timeout=20) as sent:
        sent.sendall(head.encode())
        for _ in range(LARGEST // 0x10000 + 1):
            sent.sendall(chunk)
        assert sent.recv(100).startswith(b"HTTP/1.1 413")
    assert stored(private) == before


def test_a_file_of_the_largest_size_is_accepted(client: Client) -> None:
    answer = client.upload("fault.mp4", bytes(LARGEST))
    assert answer.status == 201
    client.ask("DELETE", f"/jobs/{answer.json['number']}")


def test_nothing_is_left_of_a_file_whose_sender_goes_away(
    client: Client, private: Path
) -> None:
    before = stored(private)
    head = (
        f"POST /jobs?name=a.mp4 HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\n"
        f"Origin: http://127.0.0.1:{client.port}\r\nContent-Length: 1000\r\n"
        f"X-Avdf-Token: {client.token}\r\n\r\nsome of it"
    )
    with socket.create_connection(("127.0.0.1", client.port), timeout=20) as sent:
        sent.sendall(head.encode())
        sent.shutdown(socket.SHUT_WR)
        sent.recv(100)
    wait_until(lambda: stored(private) == before)


@pytest.mark.parametrize(
    ("name", "shown", "as_file"),
    [
        ("clip.MP4", "clip.MP4", "upload-0012.mp4"),
        ("C:\\videos\\a.mov", "a.mov", "upload-0012.mov"),
        ("a\nb\x1b[31m.mkv", "a\\x0ab\\x1b[31m.mkv", "upload-0012.mkv"),
        # These would be read as a list of files, as shards, or as a page.
        ("list.csv", "list.csv", "upload-0012"),
        ("shard.h5", "shard.h5", "upload-0012"),
        ("page.html", "page.html", "upload-0012"),
        ("", "unnamed file", "upload-0012"),
        ("..", "..", "upload-0012"),
    ],
)
def test_a_name_is_shown_on_one_line_and_never_used(
    name: str, shown: str, as_file: str
) -> None:
    assert shown_name(name) == shown
    assert stored_name(name, 12) == as_file


def test_a_long_name_is_shortened_in_its_middle() -> None:
    shown = shown_name("a" * 500 + ".mp4")
    assert len(shown) == 201
    assert shown.endswith(".mp4")


def test_a_name_with_markup_is_text_on_the_page(client: Client) -> None:
    name = "<img src=x onerror=alert(1)>\"'&.mp4"
    number = client.upload(name, b"x").json["number"]
    client.wait_for(number, "done")
    page = client.get(f"/jobs/{number}/result").text
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;&#34;&#39;&amp;.mp4" in page
    # What the file itself, or a library, has said is text, too.
    assert "&lt;b&gt;not&lt;/b&gt; a video" in page


@pytest.mark.parametrize(
    "path",
    [
        "/static/../page_settings.py",
        "/static/..%2fpage_settings.py",
        "/static/%2e%2e/%2e%2e/serve.py",
        "/static/__init__.py",
        "/static/",
        "/static",
        "/jobs/1/../../lock",
        "/jobs/..%2f..%2flock/media",
        "/jobs/-1/media",
        f"/jobs/{'9' * 5000}/media",
        "/jobs/1/faces/1/crops/..%2fresult.json",
        "/../../../../etc/passwd",
        "//etc/passwd",
    ],
)
def test_no_path_leads_to_another_file(client: Client, path: str) -> None:
    assert client.get(path).status == 404


def test_what_goes_wrong_within_the_server_is_no_stack_trace(
    client: Client, private: Path
) -> None:
    number = client.upload("clip.mp4", b"x").json["number"]
    client.wait_for(number, "done")
    stored_result = private / f"{number:04d}" / "result.json"
    stored_result.write_text("{}")
    answer = client.get(f"/jobs/{number}/result")
    assert (answer.status, answer.text) == (
        500,
        "internal error; the terminal shows more",
    )
    stored_result.unlink()
    assert client.get(f"/jobs/{number}/result").status == 404
    client.ask("DELETE", f"/jobs/{number}")


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KiB"), (3 << 30, "3.0 GiB")],
)
def test_a_size_is_given_in_words(size: int, words: str) -> None:
    assert size_words(size) == words
