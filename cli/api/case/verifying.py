"""`avdf.verify_case`: whether a case is as it was made, and whether its numbers come out again."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from avdf.arguments import as_path, as_source, check_listener, check_options
from avdf.cache.core.errors import AvdfError, RunError, SettingsError, SourceError
from avdf.cache.files.digest import file_sha256
from avdf.cache.files.folder_digests import FolderFault, folder_faults
from avdf.cache.files.ownership import kind_of
from avdf.cache.files.signature import is_signed_by, read_public_key
from avdf.case.content import CASE_FILE, read_results
from avdf.case.identity import identify_file, identify_run
from avdf.case.manifest import (
    CLOSING_FILES,
    MANIFEST,
    SIGNATURE,
    CaseManifest,
    closing_faults,
    read_manifest,
)
from avdf.case.repeated_numbers import RepeatedNumbers, compare_results
from avdf.case.results import CaseCheck
from avdf.events import OnEvent, ignore
from avdf.load_options import LoadOptions
from avdf.runs import Run, load
from avdf.score_options import ScoreOptions
from avdf.sources import AnyPath

_NOT_SIGNED = (
    "not signed: who changes a file and writes the manifest anew leaves no trace, unless its "
    "sha256 was noted elsewhere"
)

_OF_TRAINING = "that of its training"


def verify_case(
    case: AnyPath,
    *,
    key: AnyPath | None = None,
    again: bool = False,
    run: AnyPath | Run | None = None,
    file: AnyPath | None = None,
    load_options: LoadOptions = LoadOptions(),
    on_event: OnEvent = ignore,
) -> CaseCheck:
    """Find every file of a case that was changed, added or removed since it was made.

    Args:
        key: file with the public Ed25519 key (PEM) of the examiner: the case must be signed
            with it.
        again: also score the examined file again, and compare the numbers. Not done where a file
            of the case was changed.
        run, file: where they are now, if not where the case says. Their digests are compared
            before anything is computed.
        load_options: how the run is loaded; its checkpoint and its precision are those of the
            case.

    Raises:
        SourceError: there is no case, or the file is not the one that was examined.
        RunError: the run is not the one of the case.
        SettingsError: the key cannot be read, or options that do not go together.
    """
    check_options(load_options, LoadOptions, "load_options")
    check_listener(on_event)
    if not again and (run is not None or file is not None):
        raise SettingsError("run and file are needed only to compute again (again)")
    folder = as_path(case, "case")
    # Read first: a wrong key is not a fault of the case.
    public = None if key is None else read_public_key(as_path(key, "key"))
    try:
        manifest = read_manifest(folder)
    except SourceError as error:
        if not _looks_like_case(folder):
            raise
        fault = FolderFault(MANIFEST, f"is missing or cannot be used: {error}")
        return CaseCheck(folder, (fault,), 0, "signature not checked")
    signature, faults = _signature(folder, manifest, public)
    faults = (
        *folder_faults(folder, manifest.files, CLOSING_FILES),
        *closing_faults(folder),
        *faults,
    )
    digest = file_sha256(folder / MANIFEST)
    check = CaseCheck(folder, faults, len(manifest.files), signature, digest)
    if not again:
        return check
    # What was changed may be the very results that the numbers would be compared with.
    if faults:
        return replace(check, not_repeated=True)
    numbers = _repeat(folder, manifest, run, file, load_options, on_event)
    return replace(check, numbers=numbers)


def _looks_like_case(folder: Path) -> bool:
    """Whether this was a case before somebody changed it."""
    return kind_of(folder) == "case" or any(
        (folder / name).is_file() for name in (CASE_FILE, *CLOSING_FILES)
    )


def _signature(
    folder: Path, manifest: CaseManifest, public: str | None
) -> tuple[str, tuple[FolderFault, ...]]:
    """A sentence on the signature, and what is wrong with it."""
    path = folder / SIGNATURE
    if not manifest.public_key:
        faults = []
        if path.exists():
            faults.append(FolderFault(SIGNATURE, "was added: the case was not signed"))
        if public is not None:
            faults.append(FolderFault(SIGNATURE, "is missing: the case is not signed"))
        return _NOT_SIGNED, tuple(faults)
    if not path.is_file():
        return "the signature is missing", (FolderFault(SIGNATURE, "is missing"),)
    signer = public or manifest.public_key
    content = (folder / MANIFEST).read_bytes()
    try:
        holds = is_signed_by(signer, path.read_bytes()[:1024], content)
    except SettingsError as error:
        # Without a key nobody asked for the signature: its digest is compared all the same.
        if public is not None:
            raise
        return f"signed, but the signature was not checked: {error}", ()
    if not holds:
        what = "is not a signature of this manifest by "
        what += "the key that was given" if public else "the key that it names"
        return "the signature does not hold", (FolderFault(SIGNATURE, what),)
    if public is None:
        return (
            f"signed with the key {manifest.public_key}; whose key this is, only the key file of "
            "the examiner shows"
        ), ()
    return f"signed with the key that was given, {public}", ()


def _repeat(
    folder: Path,
    manifest: CaseManifest,
    run: AnyPath | Run | None,
    file: AnyPath | None,
    load_options: LoadOptions,
    on_event: OnEvent,
) -> RepeatedNumbers:
    """Score the file again, after its digest and those of the run were compared."""
    stated = read_results(folder)
    path = as_path(file or _absolute(manifest.examined.path), "file")
    present = identify_file(path)
    if present.sha256 != manifest.examined.sha256:
        raise SourceError(
            f"{path} is not the examined file: its sha256 is {present.sha256}, that of the case "
            f"{manifest.examined.sha256}; give the examined file (file)"
        )
    loaded = _load_same(manifest, run, load_options)
    options = _scoring(manifest.settings)
    result = loaded.score(path, options, on_event=on_event)
    return compare_results(stated, result.as_dict())


def _absolute(path: str) -> str:
    """A path that a case names. Those that avdf writes are absolute.

    Raises:
        SourceError: it is relative, or an address on the network.
    """
    if not Path(path).is_absolute():
        raise SourceError(
            f"the case names {path!r}, which is no absolute path; say where file and run are"
        )
    return path


def _load_same(
    manifest: CaseManifest, run: AnyPath | Run | None, options: LoadOptions
) -> Run:
    """The run of the case.

    Raises:
        RunError: another run, or the same one after more training.
    """
    stated = manifest.run
    options = _loading(manifest, options)
    if isinstance(run, Run):
        loaded = run
        if loaded.options.precision != options.precision:
            wanted = options.precision
            raise RunError(
                f"{loaded.folder} was loaded with the precision "
                f"{loaded.options.precision or _OF_TRAINING}, the case was made with "
                f"{wanted or _OF_TRAINING}; load the run with precision={wanted!r}"
            )
    else:
        place = as_source(run or _absolute(stated.folder), "run")
        _check_checkpoint(Path(place), stated.files, stated.checkpoint)
        loaded = load(place, options)
    found = identify_run(loaded)
    for name, sha256 in {**stated.files, **stated.backbones}.items():
        if {**found.files, **found.backbones}.get(name) != sha256:
            raise _other_run(loaded.folder, name)
    return loaded


def _check_checkpoint(folder: Path, files: Mapping[str, str], checkpoint: str) -> None:
    """Compare the digest of the checkpoint before it is loaded."""
    name = f"{checkpoint}.safetensors"
    path = folder / name
    if path.is_file() and file_sha256(path) != files.get(name):
        raise _other_run(folder, name)


def _other_run(folder: Path, name: str) -> RunError:
    return RunError(
        f"{folder}: {name} is not the one of the case; "
        "give the run as it was when the case was made (run)"
    )


def _loading(manifest: CaseManifest, options: LoadOptions) -> LoadOptions:
    """The given options, with what shapes the numbers as it was for the case.

    The device and the places of weights are those of this machine.
    """
    try:
        # Of an older case, or one that was loaded without it: that of the training.
        precision = dict(manifest.settings.get("loading", {})).get("precision", "")
        return replace(options, checkpoint=manifest.run.checkpoint, precision=precision)
    except (AvdfError, TypeError, ValueError) as error:
        raise _unusable(error) from None


def _unusable(error: Exception) -> SourceError:
    return SourceError(
        f"{MANIFEST}: its settings cannot be used ({error}); make the case again"
    )


def _scoring(settings: Mapping[str, Any]) -> ScoreOptions:
    """The options of the case; it may come from a stranger, so they are checked as any others."""
    known = {field.name for field in fields(ScoreOptions)}
    try:
        stated = dict(settings.get("scoring", {}))
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in stated.items()
            if name in known
        }
        return ScoreOptions(**values)
    except (AvdfError, TypeError, ValueError) as error:
        raise _unusable(error) from None
