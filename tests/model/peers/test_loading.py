"""Loading a detector: what is imported, what is checked, and what each error says."""

import sys
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.core.errors import SettingsError
from avdf.model.peers.loading import is_peer_name, load_peer
from avdf.model.peers.protocol import PeerDescription
from tests.helpers.peer_modules import BRIGHTNESS, write_module

DESCRIBED = """
from avdf.model.peers import PeerDescription
class Peer:
    def describe(self): return {}
    def score(self, footage): return []
"""


@pytest.fixture(autouse=True)
def path_of_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test adds to the path of imports is taken away after it."""
    monkeypatch.setattr(sys, "path", [*sys.path])


@pytest.mark.parametrize("text", ["mine:Peer", "a.b.c:Peer", "_x:Y"])
def test_a_dotted_name_is_a_detector(text: str) -> None:
    assert is_peer_name(text)


@pytest.mark.parametrize(
    "text", ["run", "runs/a:b", "../x:Y", "hf://owner/name", "C:\\runs\\a", ""]
)
def test_a_path_is_no_detector(text: str) -> None:
    assert not is_peer_name(text)


@pytest.mark.parametrize("text", ["..:X", "a.:X", "mine:", ":X", "a:b:c", "a b:C"])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="neither a run nor a detector"):
        is_peer_name(text)


def test_a_folder_of_that_name_is_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine:Peer").mkdir()
    monkeypatch.chdir(tmp_path)
    assert not is_peer_name("mine:Peer")


@given(st.text(alphabet="ab.:/ -", max_size=8))
def test_only_names_without_folders_are_ever_imported(text: str) -> None:
    try:
        named = is_peer_name(text)
    except SettingsError:
        return
    if named:
        module, _, name = text.partition(":")
        assert all(part.isidentifier() for part in [*module.split("."), name])


def test_a_detector_is_loaded_with_its_hash(tmp_path: Path) -> None:
    name = write_module(tmp_path, BRIGHTNESS)
    peer = load_peer(f"{name}:Brightness", tmp_path)
    assert peer.title == f"brightness 2.1 ({name}:Brightness)"
    (source,) = peer.source
    content = (tmp_path / f"{name}.py").read_bytes()
    assert (source.file, source.sha256) == (f"{name}.py", sha256(content).hexdigest())


def test_neighbours_in_the_folder_and_files_are_hashed_too(tmp_path: Path) -> None:
    neighbour = write_module(tmp_path, "HALF = 0.5\n")
    weights = tmp_path / "weights.bin"
    weights.write_bytes(b"1234")
    described = f"PeerDescription('x', files=({str(weights)!r}, '/nowhere'))"
    name = write_module(tmp_path, f"import {neighbour}\n" + DESCRIBED.format(described))
    peer = load_peer(f"{name}:Peer", tmp_path)
    assert {file.file for file in peer.source} == {f"{name}.py", f"{neighbour}.py"}
    assert [file.sha256 for file in peer.files] == [sha256(b"1234").hexdigest(), ""]


def test_of_a_package_the_modules_of_the_package_are_hashed() -> None:
    peer = load_peer("avdf.model.peers:MouthMotion")
    names = {file.file for file in peer.source}
    assert "avdf/model/peers/mouth_motion.py" in names
    assert all(name.startswith("avdf/model/peers/") for name in names)


@pytest.mark.parametrize(
    ("source", "name", "message"),
    [
        (BRIGHTNESS, "Brightnes", "there is no Brightnes; it has Brightness"),
        ("x = 1\n", "x", "x is a int; name a class"),
        ("def (", "Peer", "cannot be imported: SyntaxError"),
        ("import nowhere_at_all\n", "Peer", "No module named 'nowhere_at_all'"),
        ("raise SystemExit(3)\n", "Peer", "cannot be imported: SystemExit: 3"),
        ("class Peer: pass\n", "Peer", r"lacks describe\(self\).* and score\(self"),
        (
            "class Peer:\n  describe = 5\n  def score(self, footage): return []\n",
            "Peer",
            r"lacks describe\(self\) -> PeerDescription;",
        ),
        (
            "class Peer:\n  def __init__(self): raise OSError('no weights')\n",
            "Peer",
            r"cannot be built: OSError: no weights \(peer_under_test_\d+.py, line 2\)",
        ),
        ("class Peer:\n  def __init__(self, path): pass\n", "Peer", "cannot be built"),
        (DESCRIBED.format("'me'"), "Peer", r"describe\(\) returned a str"),
        (DESCRIBED.format("PeerDescription('')"), "Peer", "name is ''"),
        (
            DESCRIBED.format("PeerDescription(5)"),
            "Peer",
            r"name is 5, expected a text \(peer_under_test_\d+.py, line 4\)",
        ),
        (
            DESCRIBED.format("PeerDescription('x', unit='frame')"),
            "Peer",
            "unit is 'frame', expected one of window, video",
        ),
        (
            DESCRIBED.format("PeerDescription('x', judges='video')"),
            "Peer",
            "judges is 'video', expected several texts",
        ),
        (
            DESCRIBED.format("PeerDescription('x', judges=('lips',))"),
            "Peer",
            "judges is 'lips'",
        ),
        (DESCRIBED.format("PeerDescription('x', batch=0)"), "Peer", "batch is 0"),
        (
            DESCRIBED.format("PeerDescription('x', thresholds=0.4)"),
            "Peer",
            "thresholds are 0.4, expected a PerVerdict",
        ),
    ],
)
def test_an_error_says_what_is_wrong_and_where(
    source: str, name: str, message: str, tmp_path: Path
) -> None:
    module = write_module(tmp_path, source)
    with pytest.raises(SettingsError, match=message) as caught:
        load_peer(f"{module}:{name}", tmp_path)
    assert module in str(caught.value)


@pytest.mark.parametrize("module", ["no_such_module_1", "json.no_such_module_2"])
def test_a_missing_module_is_named(module: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"there is no module {module} in"):
        load_peer(f"{module}:Peer", tmp_path)


def test_what_a_module_prints_is_no_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write_module(tmp_path, "print('loading')\n" + BRIGHTNESS)
    load_peer(f"{name}:Brightness", tmp_path)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "loading\n")


def test_names_and_notes_are_one_line_without_control_characters() -> None:
    found = PeerDescription("a\n\x1b[31mb", version=" 1 ", notes=("x\ty\x00",))
    assert (found.name, found.version) == (r"a \x1b[31mb", "1")
    assert found.notes == (r"x y\x00",)


def test_a_function_may_build_the_detector(tmp_path: Path) -> None:
    name = write_module(tmp_path, BRIGHTNESS + "def make(): return Brightness()\n")
    assert load_peer(f"{name}:make", tmp_path).description.name == "brightness"
