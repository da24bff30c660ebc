"""Commands and flags are pinned: other programs call them."""

import re
import subprocess
import sys

import pytest

from avdf.cli.main import app
from tests.helpers.command import call

FLAGS = {
    "prep": (
        "--out --dataset --label --faces --smallest-face --codec --quality --max-seconds "
        "--videos-per-shard --workers --device --executor --address --dry-run --retry-failed"
    ),
    "forge": "--out --forger --seed --faces --workers",
    "train": ("--out --config --set --backbones --forge --resume --from --tensorboard"),
    "score": (
        "--out --smallest-face --split --protocol --checkpoint --device --precision --set "
        "--aggregate --calibrate --lr --abstain --trim-silence --timeline --stride --quick "
        "--max-seconds --perturb --export --executor --address --workers --json"
    ),
    "serve": (
        "--run --cases --port --open --largest-file --synthetic --checkpoint --device --set"
    ),
    "evaluate": "--labels --protocol --split --scale --real-is-high --lr --against --out --json",
    "protocol": "--out",
    "reproduce": (
        "--out --fakeavceleb --kodf --run --config --set --plan --demo --identities --workers "
        "--seeds"
    ),
    "demo": "--out --identities --seconds --seed --backbones --set --workers",
    "doctor": "--folder --config --backbones --set",
    "verify": "--sources",
    "info": "--sheet",
    "case make": (
        "--run --out --ask --examiner --key --copy --tested --smallest-face --quick "
        "--abstain --max-seconds --checkpoint --device --set"
    ),
    "case verify": "--key --again --run --file --device --set",
    "bench prep": "--workers --laps --compare --job-seconds --device --json",
    "bench input": "--noise --batch-size --laps --batches --json",
    "bench train": "--set --steps --videos --json",
    "bench score": "--set --steps --videos --json",
    "bench start": "--set --laps --seconds --json",
}


def test_the_help_names_every_command() -> None:
    code, page = call("--help")
    assert code == 0
    assert all(name.split()[0] in page for name in FLAGS)


def test_every_command_is_pinned() -> None:
    pinned = {name.split()[0] for name in FLAGS}
    callbacks = [command.callback for command in app.registered_commands]
    assert {callback.__name__ for callback in callbacks if callback} == pinned - {
        "bench",
        "case",
    }


@pytest.mark.parametrize("name", FLAGS)
def test_a_command_has_the_pinned_flags(name: str) -> None:
    code, page = call(*name.split(), "--help")
    found = set(re.findall(r"(?<=\s)--[a-z-]+", page))
    assert code == 0
    assert found == {*FLAGS[name].split(), "--help"}


def test_the_version_is_printed() -> None:
    code, text = call("--version")
    assert code == 0
    assert re.fullmatch(r"avdf \d+\.\d+\.\d+\S*\n", text)


def test_help_does_not_load_torch() -> None:
    code = "import sys; from avdf.cli.main import app; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
