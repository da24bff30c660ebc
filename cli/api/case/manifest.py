"""`manifest.json` of a case: the digests of all that it consists of and rests on.

Three files close a case, written last and in this order:

manifest.json    the digest of every other file, of the examined file, the run and its weights
manifest.sig     optional: an Ed25519 signature of the bytes of manifest.json
manifest.sha256  the digests of these two, in the format of the program `sha256sum`
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SourceError
from avdf.cache.files.atomic_file import durable_file, write_text
from avdf.cache.files.digest import file_sha256
from avdf.cache.files.folder_digests import FileDigest, FolderFault
from avdf.cache.files.signature import SigningKey

MANIFEST, SIGNATURE, DIGEST_LIST = "manifest.json", "manifest.sig", "manifest.sha256"
CLOSING_FILES = (MANIFEST, SIGNATURE, DIGEST_LIST)
_FORMAT = "avdf-case"
_FORMAT_VERSION = 1
_MOST_BYTES = 1 << 24


@dataclass(frozen=True)
class ExaminedFile:
    """The file that was examined.

    path  absolute, when it was examined
    """

    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class ExaminedRun:
    """The run that gave the scores.

    folder      absolute, when the file was examined
    checkpoint  `best`, `last` or `epoch-NN`
    files       name in the folder -> sha256; the checkpoint's own two, the settings of training,
                and the table of splits where there is one
    backbones   `clip` and `whisper` -> sha256 of the tensors of their weights
    reference   sha256 of the validation scores that thresholds and likelihood ratios come from;
                '' where the checkpoint has none
    """

    folder: str
    checkpoint: str
    files: Mapping[str, str]
    backbones: Mapping[str, str]
    reference: str


@dataclass(frozen=True)
class CaseManifest:
    """What `manifest.json` states.

    written     time in UTC
    settings    how the run was loaded and the file was scored
    tested      sha256 of the `metrics.json` with the figures on test videos; '' without one
    versions    of avdf, the libraries, ffmpeg, Python, the system and the processor
    public_key  of the key that signs the case, in hexadecimal digits; '' without a signature
    files       every file of the case but the closing ones
    """

    written: str
    examined: ExaminedFile
    run: ExaminedRun
    settings: Mapping[str, Any]
    versions: Mapping[str, str]
    tested: str = ""
    public_key: str = ""
    files: Mapping[str, FileDigest] = field(default_factory=dict)

    def as_json(self) -> str:
        """The content of `manifest.json`."""
        head = {"format": _FORMAT, "format_version": _FORMAT_VERSION}
        return json.dumps({**head, **asdict(self)}, indent=1)


def write_manifest(folder: Path, manifest: CaseManifest, key: SigningKey | None) -> str:
    """Write the closing files of a case; returns the sha256 of `manifest.json`."""
    path = folder / MANIFEST
    write_text(path, manifest.as_json())
    names = [MANIFEST]
    if key is not None:
        with durable_file(folder / SIGNATURE) as partial:
            partial.write_bytes(key.sign(path.read_bytes()))
        names.append(SIGNATURE)
    write_text(folder / DIGEST_LIST, _digest_list(folder, names))
    return file_sha256(path)


def read_manifest(folder: Path) -> CaseManifest:
    """The manifest of a case. It may come from a stranger: every value is checked.

    Raises:
        SourceError: there is no case, it is not finished, or its manifest cannot be understood.
    """
    path = folder / MANIFEST
    if not folder.is_dir():
        raise SourceError(
            f"{folder}: no such folder; name a folder of `avdf case make`"
        )
    if not path.is_file() or path.is_symlink():
        raise SourceError(
            f"{folder} holds no case, or one without its {MANIFEST}; "
            "name a folder of `avdf case make`"
        )
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError(f"larger than {_MOST_BYTES} bytes")
        document = json.loads(path.read_bytes().decode("utf-8"))
        return _parse(document)
    except UnicodeDecodeError:
        raise SourceError(
            f"{path}: not a manifest (not text in UTF-8); the file was changed"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        # What Python says of a value in a wrong place means nothing to the reader.
        is_told = isinstance(error, ValueError)
        why = str(error) if is_told else "a value is missing or in a wrong place"
        raise SourceError(
            f"{path}: not a manifest of this version of avdf ({why}); "
            "the file was changed, or another version wrote it"
        ) from None


def closing_faults(folder: Path) -> tuple[FolderFault, ...]:
    """Whether the closing files of a case belong together."""
    path = folder / DIGEST_LIST
    if path.is_symlink() or not path.is_file():
        return (FolderFault(DIGEST_LIST, "is missing"),)
    # Read in binary: what differs only in line ends or encoding was changed, too.
    stated = path.read_bytes()[:_MOST_BYTES]
    is_signed = (folder / SIGNATURE).is_file()
    names = [MANIFEST, SIGNATURE] if is_signed else [MANIFEST]
    if stated == _digest_list(folder, names).encode():
        return ()
    faults = []
    for name in names:
        line = _digest_line(folder, name).encode()
        if line not in stated:
            what = (
                f"or {DIGEST_LIST} was changed: its sha256 is not the one stated there"
            )
            faults.append(FolderFault(name, what))
    if SIGNATURE not in names and SIGNATURE.encode() in stated:
        faults.append(FolderFault(SIGNATURE, f"is missing; {DIGEST_LIST} names it"))
    # Every digest is right, yet the list is not: something else stands in it.
    return tuple(faults) or (FolderFault(DIGEST_LIST, "was changed"),)


def _digest_list(folder: Path, names: list[str]) -> str:
    return "".join(_digest_line(folder, name) for name in names)


def _digest_line(folder: Path, name: str) -> str:
    return f"{file_sha256(folder / name)}  {name}\n"


def _parse(document: Any) -> CaseManifest:
    if (document["format"], document["format_version"]) != (_FORMAT, _FORMAT_VERSION):
        raise ValueError(f"format {str(document['format'])[:40]!r}")
    examined, run = document["examined"], document["run"]
    files = {
        _text(name): FileDigest(_text(one["sha256"]), _size(one["size"]))
        for name, one in document["files"].items()
    }
    return CaseManifest(
        written=_text(document["written"]),
        examined=ExaminedFile(
            path=_text(examined["path"]),
            sha256=_text(examined["sha256"]),
            size=_size(examined["size"]),
        ),
        run=ExaminedRun(
            folder=_text(run["folder"]),
            checkpoint=_text(run["checkpoint"]),
            files=_texts(run["files"]),
            backbones=_texts(run["backbones"]),
            reference=_text(run["reference"]),
        ),
        settings=dict(document["settings"]),
        versions=_texts(document["versions"]),
        tested=_text(document["tested"]),
        public_key=_text(document["public_key"]),
        files=files,
    )


def _texts(values: Any) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in values.items()}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text is missing: {str(value)[:40]}")
    return value


def _size(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"a size is missing: {str(value)[:40]}")
    return value
