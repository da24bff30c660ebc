"""Importing one module of a large package without the rest of the package.

`import open_clip.transformer` first runs the `__init__` of open_clip, and that imports torchvision,
timm and a compiler: seconds, for one file that needs none of them. Here such packages are put in
place *deferred*: their modules can be imported at once, and their `__init__` runs when someone
asks for a name that is not there yet. Whoever imports the package later gets all of it.
"""

import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

# One import at a time: two half-made packages must not wait for each other.
_lock = threading.RLock()


class _Deferred(ModuleType):
    """A package whose `__init__` has not run yet."""

    def __getattr__(self, name: str) -> Any:
        # The import system asks every module for names like `__wrapped__`: no reason to begin.
        if name.startswith("__") and name not in ("__version__", "__all__"):
            raise AttributeError(name)
        with _lock:
            if isinstance(self, _Deferred):
                self._run()
        return getattr(self, name)

    def _run(self) -> None:
        # From here on the module is an ordinary one: its `__init__` may look for its own names.
        self.__class__ = ModuleType  # type: ignore[assignment]
        try:
            assert self.__spec__ is not None
            assert self.__spec__.loader is not None
            self.__spec__.loader.exec_module(self)
        except BaseException:
            self.__class__ = _Deferred
            raise


def import_alone(
    modules: Sequence[str],
    packages: Sequence[str],
    functions: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Import modules while the `__init__` of packages waits; falls back to a plain import.

    Args:
        modules: to import, in this order.
        packages: that are deferred, each after the package that holds it. Those that are imported
            already stay as they are.
        functions: modules that are not imported either, and the functions that are asked of them:
            each is replaced by one that imports its module when it is called.

    Raises:
        ImportError: a module cannot be imported in the plain way, either.
    """
    before = set(sys.modules)
    with _lock:
        try:
            for package in packages:
                _defer(package)
            with _standing_in(functions or {}):
                for module in modules:
                    import_module(module)
        # Another version of a library may be built in another way: then it is imported as a whole.
        except Exception:
            _forget(packages, before)
            for module in modules:
                import_module(module)


def _defer(name: str) -> None:
    """Put a package in place whose `__init__` waits."""
    if name in sys.modules:
        return
    spec = find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"no package {name}", name=name)
    package = module_from_spec(spec)
    package.__class__ = _Deferred
    sys.modules[name] = package
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, package)


@contextmanager
def _standing_in(functions: Mapping[str, Sequence[str]]) -> Iterator[None]:
    """Inside the block the modules hold only these functions, which import them when called."""
    missing = [name for name in functions if name not in sys.modules]
    for name in missing:
        stand_in = ModuleType(name)
        for function in functions[name]:
            setattr(stand_in, function, _calling(name, function))
        sys.modules[name] = stand_in
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]


def _calling(module: str, function: str) -> Any:
    def call(*args: Any, **options: Any) -> Any:
        return getattr(import_module(module), function)(*args, **options)

    return call


def _forget(packages: Sequence[str], before: set[str]) -> None:
    """Remove what an import of these packages has begun."""
    for name in set(sys.modules) - before:
        if any(
            name == package or name.startswith(f"{package}.") for package in packages
        ):
            del sys.modules[name]
