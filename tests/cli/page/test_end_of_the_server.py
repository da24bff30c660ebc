"""However the server ends, nothing is left of the files; and another one does not mind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cli.page.messages import Detector
from avdf.cli.page.page_settings import PageSettings
from avdf.cli.page.private_folder import private_folder
from avdf.cli.page.server import serve_page
from tests.helpers.command import call
from tests.helpers.page_server import Client, wait_until

# The command itself, with a scoring process that computes nothing.
_COMMAND = """
import sys
from avdf.cli.main import main
from avdf.cli.page import server
from tests.helpers.scoring_stand_ins import stand_in
if __name__ == "__main__":
    server.score_files = stand_in
    sys.argv = ["avdf", "serve", "--run", "run", *sys.argv[1:]]
    main()
"""


@contextmanager
def running(
    temporary: Path, *words: str, log: Path | None = None, **variables: str
) -> Iterator[tuple[subprocess.Popen[str], Client]]:
    """The command with a folder for temporary files of its own.

    Args:
        words: further options.
        log: receives what it prints as errors.
        variables: of its environment.
    """
    script = temporary.parent / "command.py"
    script.write_text(_COMMAND)
    root = Path(__file__).parents[3]
    paths = [str(root), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    environment = os.environ | {
        "TMPDIR": str(temporary),
        "PYTHONPATH": os.pathsep.join(paths),
        **variables,
    }
    with (
        (log or Path(os.devnull)).open("w") as errors,
        subprocess.Popen(
            [sys.executable, script, *words],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment,
        ) as process,
    ):
        assert process.stdout is not None
        address = urlsplit(process.stdout.readline().split()[-1])
        (token,) = parse_qs(address.query)["token"]
        assert address.hostname == "127.0.0.1"
        try:
            yield process, Client(address.port or 0, token)
        finally:
            process.kill()


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """A folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(("kind", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_server_and_removes_all_files(
    temporary: Path, kind: signal.Signals, code: int
) -> None:
    with running(temporary) as (process, client):
        client.upload("slow.mp4", b"x")
        client.wait_for(1, "scoring")
        (folder,) = temporary.glob("avdf-page-*")
        assert folder.stat().st_mode & 0o777 == 0o700
        process.send_signal(kind)
        assert process.wait(20) == code
    assert not list(temporary.iterdir())


def test_an_upload_that_is_cut_off_by_the_end_prints_no_traceback(
    temporary: Path,
) -> None:
    log = temporary.parent / "log"
    with running(temporary, log=log) as (process, client):
        head = (
            f"POST /jobs?name=a.mp4 HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\n"
            f"Cookie: avdf_{client.port}={client.token}\r\n"
            f"Origin: http://127.0.0.1:{client.port}\r\nContent-Length: 1000000\r\n\r\n"
        )
        sending = socket.create_connection(("127.0.0.1", client.port or 0))
        sending.sendall(head.encode() + b"x" * 500_000)
        wait_until(lambda: any(temporary.rglob("upload-*")))
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        sending.close()
    assert "Traceback" not in log.read_text() and "ERROR" not in log.read_text()


def test_the_browser_is_opened_without_the_token_among_its_arguments(
    temporary: Path,
) -> None:
    note = temporary.parent / "note"
    browser = temporary.parent / "browser.py"
    # Other users can see the arguments of a program, but not read this file.
    browser.write_text(
        "import sys, urllib.request, os\n"
        "content = urllib.request.urlopen(sys.argv[1]).read().decode()\n"
        f"open({str(note) + '.new'!r}, 'w').write(sys.argv[1] + '\\n' + content)\n"
        f"os.replace({str(note) + '.new'!r}, {str(note)!r})\n"
    )
    command = f"{sys.executable} {browser} %s"
    with running(temporary, "--open", BROWSER=command) as (process, client):
        wait_until(note.exists)
        address, content = note.read_text().split("\n")
        assert client.token is not None
        assert address.startswith("file://") and client.token not in address
        assert f"url=http://127.0.0.1:{client.port}/?token={client.token}" in content
        process.terminate()
        process.wait(20)


def test_what_a_killed_server_has_left_is_removed_by_the_next(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    left = temporary / "avdf-page-left"
    left.mkdir()
    (left / "lock").touch()
    (left / "media.mp4").touch()
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "lock").touch()
    (temporary / "avdf-page-link").symlink_to(elsewhere)
    with private_folder() as one, private_folder() as other:
        # One that is in use stays.
        assert one.is_dir() and other.is_dir()
        assert not left.exists()
    assert not one.exists()
    assert (elsewhere / "lock").exists()


def test_a_folder_that_another_server_removes_meanwhile_is_no_error(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    gone = temporary / "avdf-page-gone"
    monkeypatch.setattr(Path, "glob", lambda _self, _pattern: iter([gone]))
    with private_folder() as folder:
        assert folder.is_dir()


def test_a_port_that_is_taken_is_wrong_use() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = PageSettings(Detector(Path("run")), port=taken.getsockname()[1])
        with pytest.raises(
            SettingsError, match="cannot be used: Address already in use"
        ):
            serve_page(settings, open_browser=False, on_address=print)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--port", "70000"], "a port is a number from 1 to 65535"),
        (["--largest-file", "0"], "no file could be scored"),
    ],
)
def test_settings_that_cannot_be_are_wrong_use(words: list[str], reason: str) -> None:
    code, text = call("serve", "--run", "run", *words)
    assert code == 2
    assert reason in text


def test_the_extra_is_named_where_it_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("avdf.cli.serve.find_spec", lambda name: None)
    code, text = call("serve", "--run", "run")
    assert code == 2
    assert "the page needs starlette and uvicorn: pip install 'avdf[page]'" in text


def test_the_server_itself_does_not_import_what_computes() -> None:
    code = "import sys, avdf.cli.page.server; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
