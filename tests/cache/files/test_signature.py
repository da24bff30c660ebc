"""Ed25519 signatures with keys in PEM files."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.core.errors import SettingsError
from avdf.cache.files.signature import SigningKey, is_signed_by, read_public_key
from tests.helpers.signing import write_keys

pytest.importorskip("cryptography")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_keys(tmp_path_factory.mktemp("keys"))


def test_a_signature_holds_for_its_content_and_key(keys: tuple[Path, Path]) -> None:
    private, public = keys
    key = SigningKey(private)
    assert read_public_key(public) == key.public_hex
    assert is_signed_by(key.public_hex, key.sign(b"content"), b"content")


@given(st.binary(), st.binary())
def test_a_signature_does_not_hold_for_another_content(
    keys: tuple[Path, Path], first: bytes, second: bytes
) -> None:
    key = SigningKey(keys[0])
    signed = is_signed_by(key.public_hex, key.sign(first), second)
    assert signed == (first == second)


def test_a_signature_does_not_hold_for_another_key(
    keys: tuple[Path, Path], tmp_path: Path
) -> None:
    _, other = write_keys(tmp_path)
    signature = SigningKey(keys[0]).sign(b"content")
    assert not is_signed_by(read_public_key(other), signature, b"content")
    assert not is_signed_by("no key", signature, b"content")


def test_a_file_that_is_no_key_is_refused(
    keys: tuple[Path, Path], tmp_path: Path
) -> None:
    file = tmp_path / "key.pem"
    with pytest.raises(SettingsError, match="cannot be read"):
        SigningKey(file)
    file.write_text("no key")
    with pytest.raises(SettingsError, match="no private key in PEM"):
        SigningKey(file)
    # The two files of a pair are easily taken for each other.
    with pytest.raises(SettingsError, match="no private key in PEM"):
        SigningKey(keys[1])
    with pytest.raises(SettingsError, match="no public key in PEM"):
        read_public_key(keys[0])


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    private, public = write_keys(tmp_path, kind="ec")
    with pytest.raises(SettingsError, match="not an Ed25519 key"):
        SigningKey(private)
    with pytest.raises(SettingsError, match="not an Ed25519 key"):
        read_public_key(public)


def test_without_the_package_the_message_names_it(
    keys: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
    with pytest.raises(SettingsError, match=r"pip install 'avdf\[sign\]'"):
        SigningKey(keys[0])


def test_a_pipe_is_no_key(tmp_path: Path) -> None:
    pipe = tmp_path / "key.pem"
    os.mkfifo(pipe)
    with pytest.raises(SettingsError, match="the key is no file"):
        SigningKey(pipe)
    with pytest.raises(SettingsError, match="the key is no file"):
        read_public_key(pipe)
