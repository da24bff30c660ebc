"""An ffmpeg that fails, hangs or is not there is an error of avdf."""

from pathlib import Path

import ffmpeg
import pytest

from avdf.cache.core.errors import AvdfError
from avdf.pipeline.media import run_ffmpeg as module
from avdf.pipeline.media.ffmpeg import Tool
from avdf.pipeline.media.run_ffmpeg import run_ffmpeg

GRAPH = ffmpeg.output(ffmpeg.input("pipe:0", format="s16le"), "pipe:1", format="s16le")


def use_program(monkeypatch: pytest.MonkeyPatch, path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o700)
    monkeypatch.setattr(module, "find_tool", lambda _: Tool(str(path), "PATH"))


def test_what_it_writes_is_given_back() -> None:
    assert run_ffmpeg(GRAPH, "copy", b"abcd") == b"abcd"


def test_what_it_prints_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_program(monkeypatch, tmp_path / "ffmpeg", "echo no such codec >&2; exit 1")
    with pytest.raises(AvdfError, match=r"ffmpeg cannot copy \(no such codec\)"):
        run_ffmpeg(GRAPH, "copy", b"abcd")


def test_one_that_hangs_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_program(monkeypatch, tmp_path / "ffmpeg", "exec sleep 60")
    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    with pytest.raises(AvdfError, match=r"cannot copy \(it took longer than 0.2 s\)"):
        run_ffmpeg(GRAPH, "copy", b"abcd")


def test_one_that_cannot_be_started_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gone = Tool(str(tmp_path / "gone"), "PATH")
    monkeypatch.setattr(module, "find_tool", lambda _: gone)
    with pytest.raises(AvdfError, match=r"cannot copy \(.*No such file"):
        run_ffmpeg(GRAPH, "copy", b"abcd")
