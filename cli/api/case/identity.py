"""Digests of the file that is examined and of the run that examines it."""

import hashlib
from pathlib import Path

from avdf.cache.core.errors import RunError, SourceError
from avdf.cache.files.digest import file_sha256
from avdf.case.manifest import ExaminedFile, ExaminedRun
from avdf.model.inference.validation import Validation
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.stored_validation import validation_arrays
from avdf.runs import Run


def identify_file(path: Path) -> ExaminedFile:
    """Path, digest and size of a file.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        size = path.stat().st_size
        return ExaminedFile(str(path.absolute()), file_sha256(path), size)
    except OSError as error:
        raise SourceError(
            f"{path}: cannot be read ({error.strerror or error}); name one file"
        ) from None


def identify_run(run: Run) -> ExaminedRun:
    """The digests of a loaded run.

    Raises:
        RunError: its checkpoint on the disk is not the one that was loaded.
    """
    name = run.options.checkpoint
    folder = run.folder
    present = read_checkpoint_info(folder / name)
    if present.tensors_sha256 != run.info.tensors_sha256:
        raise RunError(
            f"{folder}: the checkpoint {name} was replaced since it was loaded; load it again"
        )
    paths = [folder / f"{name}.safetensors", folder / f"{name}.json"]
    paths += [run.loaded.folder.config, run.loaded.folder.protocol]
    files = {path.name: file_sha256(path) for path in paths if path.is_file()}
    backbones = {one: info.sha256 for one, info in run.info.backbones.items()}
    return ExaminedRun(
        folder=str(folder.absolute()),
        checkpoint=name,
        files=files,
        backbones=backbones,
        reference=_reference(run.loaded.validation),
    )


def _reference(validation: Validation | None) -> str:
    """SHA-256 of the validation scores of a run; '' where it has none."""
    if validation is None:
        return ""
    digest = hashlib.sha256()
    for name, array in validation_arrays(validation).items():
        # Types and shapes as well: the same bytes in another shape are other scores.
        digest.update(f"{name} {array.dtype} {array.shape};".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
