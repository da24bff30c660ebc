"""What is installed, and which names other programs import."""

import tomllib
from pathlib import Path

import avdf.cache
import avdf.model

ROOT = Path(__file__).parents[2]


def test_every_package_is_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["setuptools"]["packages"]
    tops = ("pipeline", "model", "cache", "cli")
    files = [path for top in tops for path in (ROOT / top).rglob("__init__.py")]
    folders = [path.parent.relative_to(ROOT) for path in files]
    names = ["avdf." + ".".join(folder.parts) for folder in folders]
    # The folder `cli/api` is the package `avdf` itself.
    wanted = [name.replace("avdf.cli.api", "avdf") for name in names]
    assert sorted(packages) == sorted(wanted)


def test_public_names_are_pinned() -> None:
    assert sorted(avdf.model.__all__) == [
        "Detector",
        "DetectorConfig",
        "DetectorOutput",
        "cmfm_loss",
    ]
    assert sorted(avdf.cache.__all__) == [
        "AvdfError",
        "MediaError",
        "Period",
        "PreparedVideo",
        "Shard",
        "ShardError",
        "ShardWriter",
        "Track",
        "VideoInfo",
        "open_shards",
        "shard_paths",
    ]
