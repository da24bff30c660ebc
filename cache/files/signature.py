"""Ed25519 signatures of files, with keys in PEM files.

They need the package `cryptography` (the extra `sign`), which nothing else of avdf imports.
Source: RFC 8032.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from avdf.cache.core.errors import SettingsError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_MOST_BYTES = 1 << 16  # of a key file; one key has about 120
_MAKE_PRIVATE = "`openssl genpkey -algorithm ed25519 -out key.pem` makes one"
_MAKE_PUBLIC = "`openssl pkey -in key.pem -pubout -out public.pem` makes one"


class SigningKey:
    """A private key that signs.

    Raises:
        SettingsError: the file is no private Ed25519 key without a passphrase, or the package is
            missing.
    """

    def __init__(self, path: Path) -> None:
        serialization = _serialization()
        data = _key_bytes(path)
        try:
            key: Any = serialization.load_pem_private_key(data, password=None)
        except (ValueError, TypeError) as error:
            # A TypeError says that the key has a passphrase.
            raise SettingsError(
                f"{path}: no private key in PEM without a passphrase "
                f"({_first_line(error)}); {_MAKE_PRIVATE}"
            ) from None
        if not hasattr(key, "sign") or not _is_ed25519(key.public_key()):
            raise SettingsError(f"{path}: not an Ed25519 key; {_MAKE_PRIVATE}")
        self._key: Ed25519PrivateKey = key

    @property
    def public_hex(self) -> str:
        """The 32 bytes of the public key that belongs to it, in hexadecimal digits."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, content: bytes) -> bytes:
        """The signature of a content, 64 bytes."""
        return self._key.sign(content)


def read_public_key(path: Path) -> str:
    """The 32 bytes of a public Ed25519 key in a PEM file, in hexadecimal digits.

    Raises:
        SettingsError: the file is no such key, or the package is missing.
    """
    serialization = _serialization()
    data = _key_bytes(path)
    try:
        key: Any = serialization.load_pem_public_key(data)
    except ValueError as error:
        raise SettingsError(
            f"{path}: no public key in PEM ({_first_line(error)}); {_MAKE_PUBLIC}"
        ) from None
    if not _is_ed25519(key):
        raise SettingsError(f"{path}: not an Ed25519 key; {_MAKE_PRIVATE}")
    return bytes(key.public_bytes_raw()).hex()


def is_signed_by(public_hex: str, signature: bytes, content: bytes) -> bool:
    """Whether a signature of a content was made with the key that belongs to a public key.

    Raises:
        SettingsError: the package is missing.
    """
    _serialization()
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_hex))
        key.verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _serialization() -> Any:
    """The module of `cryptography` that reads keys."""
    try:
        from cryptography.hazmat.primitives import serialization
    except ImportError:
        raise SettingsError(
            "signatures need the package cryptography; `pip install 'avdf[sign]'`"
        ) from None
    return serialization


def _is_ed25519(key: Any) -> bool:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return isinstance(key, Ed25519PublicKey)


def _key_bytes(path: Path) -> bytes:
    # A pipe would make the program wait for ever.
    if path.exists() and not path.is_file():
        raise SettingsError(f"{path}: the key is no file; give a PEM file")
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as error:
        raise SettingsError(
            f"{path}: the key cannot be read ({error.strerror or error}); give a PEM file"
        ) from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["unknown format"])[0][:80]
