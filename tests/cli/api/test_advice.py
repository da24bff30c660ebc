"""What is said to a caller who gave the wrong thing, and what a script must look like."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import avdf


def test_shards_are_no_run(shards: Path) -> None:
    with pytest.raises(avdf.RunError, match="holds shards; give the folder of a run"):
        avdf.load(shards)


def test_the_checkpoints_that_are_there_are_named(run: Path) -> None:
    with pytest.raises(avdf.RunError, match="no checkpoint epoch-99; there are best"):
        avdf.load(run, avdf.LoadOptions(checkpoint="epoch-99"))


def test_shards_beside_files_are_refused(
    loaded_run: avdf.Run,
    shards: Path,
    synthetic_manifest: Path,
) -> None:
    with pytest.raises(avdf.SettingsError, match="score one folder of shards"):
        loaded_run.score([shards, synthetic_manifest])


def test_two_files_of_one_name_are_both_named(
    loaded_run: avdf.Run,
    tmp_path: Path,
) -> None:
    paths = [tmp_path / name / "001.mp4" for name in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        path.touch()
    with pytest.raises(avdf.SourceError) as error:
        loaded_run.score(paths)
    assert all(str(path) in str(error.value) for path in paths)
    assert "a manifest" in str(error.value)


def test_a_folder_that_cannot_be_made_is_an_error_of_avdf(
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(avdf.AvdfError, match="file"):
        avdf.prepare(synthetic_manifest, file / "below")


def test_a_script_without_a_guard_is_told_of_it(
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    script = tmp_path / "script.py"
    out = tmp_path / "shards"
    call = f"avdf.prepare({str(synthetic_manifest)!r}, {str(out)!r})"
    script.write_text(f"import avdf\n{call}\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert 'call avdf.prepare below `if __name__ == "__main__":`' in last
    assert "is running in" not in done.stderr


ROOT = Path(__file__).parents[3]
# A flag outside of backquotes: within them, it is part of a command that can be typed.
_FLAG = re.compile("--[a-z]")
_COMMAND = re.compile("`[^`]*`")


def messages_of(file: Path) -> list[str]:
    """The `raise` statements of a file, each on one line, with its texts joined."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    raised = [node for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    return [ast.unparse(node) for node in raised]


@pytest.mark.parametrize("floor", ["cli/api", "pipeline", "model", "cache"])
def test_no_error_for_python_callers_names_a_flag(floor: str) -> None:
    """A caller from Python has no flags; the command prints the same sentence."""
    messages = [
        text for file in (ROOT / floor).rglob("*.py") for text in messages_of(file)
    ]
    assert messages
    assert [text for text in messages if _FLAG.search(_COMMAND.sub("", text))] == []
