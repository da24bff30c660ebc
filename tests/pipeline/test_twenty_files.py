"""Twenty files made of real recordings, each with the status and rows that a person would give."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from avdf.pipeline.job.run import run_prep
from avdf.pipeline.job.video_row import VideoRow
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos

pytestmark = pytest.mark.usefixtures("in_this_process")

_H264 = (
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-crf",
    "20",
    "-pix_fmt",
    "yuv420p",
    "-c:a",
    "aac",
)
_MPEG2 = ("-c:v", "mpeg2video", "-q:v", "3", "-c:a", "mp2")
_HDR = (
    "-c:v",
    "libx265",
    "-preset",
    "ultrafast",
    "-c:a",
    "aac",
    "-x265-params",
    "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:log-level=none",
)
_ANNA, _BEN, _CARL = "grid_s01_bbaf2n.mpg", "grid_s26_bgbsza.mpg", "grid_s25_bbwx8n.mpg"
_SILENCE = ("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono")


@dataclass(frozen=True)
class Case:
    """A file and what is expected of it.

    made    options of ffmpeg after its inputs
    clips   the recordings that are its inputs
    before  options of ffmpeg before them
    rows    least and most rows that are kept
    reason  words of the row's reason
    """

    name: str
    made: tuple[str, ...]
    status: str = "ok"
    tracks: int = 1
    rows: tuple[int, int] = (74, 74)
    reason: str = ""
    clips: tuple[str, ...] = (_ANNA,)
    before: tuple[str, ...] = ()
    codecs: tuple[str, ...] = _H264

    def write(self, clips: Path, folder: Path) -> None:
        """Make the file."""
        inputs = [word for name in self.clips for word in ("-i", str(clips / name))]
        command = [
            find_tool("ffmpeg").path,
            "-v",
            "error",
            *self.before,
            *inputs,
            *self.made,
            *self.codecs,
        ]
        subprocess.run([*command, str(folder / self.name)], check=True)


def _beside(left: str, right: str) -> tuple[str, ...]:
    return (
        "-filter_complex",
        f"[0:v]{left}[l];[1:v]{right}[r];[l][r]hstack=shortest=1[v]",
        "-map",
        "[v]",
        "-map",
        "1:a",
    )


def _joined(joint: str) -> tuple[str, ...]:
    return ("-filter_complex", joint, "-map", "[v]", "-map", "[a]")


_DISSOLVE = (
    "[0:v]settb=AVTB,fps=25[x];[1:v]settb=AVTB,fps=25[y];[x][y]xfade=transition=dissolve:duration=1:offset=1.9[v];"
    "[0:a][1:a]acrossfade=d=1[a]"
)

CASES = (
    Case(
        "two_people.mp4",
        _beside("null", "null"),
        clips=(_CARL, _ANNA),
        reason="1 other face",
    ),
    Case(
        "photograph_beside.mp4",
        _beside(
            "select=eq(n\\,0),loop=-1:1,setpts=N/25/TB,fps=25,scale=540:432",
            "scale=360:288,pad=540:432:0:0",
        ),
        clips=("grid_s31_bgix8n.mpg", "grid_s02_pwij3p.mpg"),
        reason="1 other face",
    ),
    Case("flash.mp4", ("-vf", "eq=brightness=0.8:enable='between(n,30,31)'")),
    Case("black_frame.mp4", ("-vf", "drawbox=t=fill:color=black:enable='eq(n,40)'")),
    Case(
        "cut.mp4",
        _joined("[0:v][0:a][1:v][1:a]concat=n=2:v=1:a=1[v][a]"),
        clips=(_ANNA, _BEN),
        tracks=2,
        rows=(147, 150),
    ),
    Case(
        "dissolve.mp4",
        _joined(_DISSOLVE),
        clips=(_ANNA, _BEN),
        tracks=2,
        rows=(90, 106),
    ),
    Case(
        "covered.mp4",
        ("-vf", "drawbox=t=fill:color=gray:enable='between(n,20,37)'"),
        tracks=2,
        rows=(56, 56),
    ),
    Case("fade_in.mp4", ("-vf", "fade=in:st=0:d=1"), rows=(45, 60)),
    Case(
        "fills_the_picture.mp4",
        ("-vf", "crop=250:300:230:130,scale=500:600"),
        clips=("grid_s02_swwp2s_hq720x576.mpg",),
    ),
    Case("small_face.mp4", ("-vf", "scale=180:-2,pad=1920:1080:800:400")),
    Case(
        "low.mp4",
        ("-vf", "scale=1920:192"),
        status="no_face",
        tracks=0,
        rows=(0, 0),
        reason="no face found",
    ),
    Case(
        "tiny.mp4",
        ("-vf", "scale=32:24"),
        status="no_face",
        tracks=0,
        rows=(0, 0),
        reason="no face found",
    ),
    Case(
        "anamorphic.mp4",
        ("-vf", "scale=180:288,setsar=2/1"),
        reason="pixels made square: 180 x 288 to 360 x 288",
    ),
    Case(
        "interlaced.mp4",
        ("-vf", "fps=50,interlace,setfield=tff", "-flags", "+ilme+ildct"),
        reason="deinterlaced",
    ),
    Case(
        "hdr.mp4",
        ("-vf", "format=yuv420p10le"),
        codecs=_HDR,
        reason="tone-mapped from HDR (PQ) to SDR",
    ),
    Case(
        "silent_first_sound.mp4",
        ("-map", "1:v", "-map", "0:a", "-map", "1:a", "-shortest"),
        before=_SILENCE,
        rows=(70, 74),
        reason="stream 1 is silent",
    ),
    Case(
        "cancelled_sound.mp4",
        ("-af", "pan=stereo|c0=c0|c1=-1*c0"),
        reason="cancel each other",
    ),
    Case(
        "silence.mp4",
        ("-map", "1:v", "-map", "0:a", "-shortest"),
        before=_SILENCE,
        rows=(70, 75),
        reason="no audio to judge",
    ),
    Case(
        "gap.mp4",
        (
            "-vf",
            "setpts='if(gte(N,40),PTS+10/TB,PTS)'",
            "-af",
            "apad=pad_dur=10",
            "-fps_mode",
            "vfr",
        ),
        tracks=2,
        reason="stands still from 1.6 to 11.6 s",
    ),
    Case("no_sound.mp4", ("-an",), rows=(75, 75), reason="no audio stream"),
)


@pytest.fixture(scope="module")
def files(media: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    for case in CASES:
        case.write(media / "clips", folder)
    return folder


def test_each_file_gets_the_status_and_rows_that_a_person_would_give(
    files: Path,
    tmp_path: Path,
) -> None:
    result = run_prep(list_videos([files]), tmp_path, PrepSettings())
    found = {row.id: row for row in result.rows}
    wrong = [text for case in CASES if (text := _fault(case, found[case.name]))]
    assert len(found) == len(CASES) == 20 and not wrong, "\n".join(wrong)


def _fault(case: Case, row: VideoRow) -> str:
    as_expected = (
        (row.status, row.tracks) == (case.status, case.tracks)
        and case.rows[0] <= row.frames <= case.rows[1]
        and case.reason in row.reason
    )
    return (
        ""
        if as_expected
        else f"{case.name}: {row.status}, {row.tracks} tracks, {row.frames} rows, {row.reason!r}"
    )


def test_damage_and_changes_in_mid_stream(media: Path, tmp_path: Path) -> None:
    """What is there is kept: of half a file, and of one whose frames change their size."""
    source = tmp_path / "in"
    source.mkdir()
    whole = Case("whole.mp4", ("-movflags", "+faststart"))
    whole.write(media / "clips", tmp_path)
    content = (tmp_path / "whole.mp4").read_bytes()
    (source / "half.mp4").write_bytes(content[: len(content) // 2])
    parts = [
        Case("a.ts", (), codecs=_MPEG2),
        Case("b.ts", ("-vf", "scale=720:576"), clips=(_BEN,), codecs=_MPEG2),
    ]
    for part in parts:
        part.write(media / "clips", tmp_path)
    (source / "grows.ts").write_bytes(
        b"".join((tmp_path / part.name).read_bytes() for part in parts)
    )
    found = {
        row.id: row
        for row in run_prep(
            list_videos([source]), tmp_path / "out", PrepSettings()
        ).rows
    }
    assert (
        found["half.mp4"].status == "ok" and "partly read" in found["half.mp4"].reason
    )
    assert 25 <= found["half.mp4"].frames <= 45
    assert (found["grows.ts"].status, found["grows.ts"].tracks) == ("ok", 2)
    assert 147 <= found["grows.ts"].frames <= 150
