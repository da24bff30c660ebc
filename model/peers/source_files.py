"""The source files of a detector, with their hashes: which code gave the scores."""

import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from avdf.cache.files.digest import file_sha256


@dataclass(frozen=True)
class HashedFile:
    """A file and the SHA-256 of its content; '' where it cannot be read."""

    file: str
    sha256: str


def hashed(path: Path, shown: str = "") -> HashedFile:
    """A file with its hash, under the name that is shown."""
    try:
        return HashedFile(shown or str(path), file_sha256(path))
    except OSError:
        return HashedFile(shown or str(path), "")


def source_files(
    module: ModuleType, detector: Any, here: Path
) -> tuple[HashedFile, ...]:
    """The loaded source files that belong to a detector, in the order of their names.

    They are those of its class and its base classes, and every module that is loaded from the
    same package. Of a module that is in no package, the modules that lie in the folder `here`.
    """
    package = module.__package__ or ""
    own = {base.__module__ for base in type(detector).__mro__}
    found: dict[Path, str] = {}
    for name, loaded in sorted(sys.modules.items()):
        path = _source_of(loaded)
        if path is None:
            continue
        if package:
            belongs = name == package or name.startswith(f"{package}.")
        else:
            belongs = path.parent == here.resolve()
        # What the standard library gives, such as `Protocol`, is not the detector's own.
        named = name in own and name.partition(".")[0] not in sys.stdlib_module_names
        if belongs or named or loaded is module:
            found[path] = _shown(path, name)
    return tuple(hashed(path, shown) for path, shown in sorted(found.items()))


def _source_of(module: ModuleType) -> Path | None:
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not file.endswith(".py"):
        return None
    path = Path(file)
    # Modules without a file of their own may claim a relative one (`_ops.py` of torch.ops).
    return path.resolve() if path.is_absolute() else None


def _shown(path: Path, name: str) -> str:
    """The file by the name of its module: `package/module.py`."""
    below = name.replace(".", "/")
    return f"{below}/__init__.py" if path.name == "__init__.py" else f"{below}.py"
