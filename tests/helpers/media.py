"""Media made for tests: a flash and a beep at one instant, in many containers and frame rates."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.io import wavfile

from avdf.pipeline.media.ffmpeg import find_tool

SIDE = 96
AUDIO_RATE = 44100


def ffmpeg(*arguments: str) -> None:
    """Run ffmpeg; what it cannot do fails the test."""
    subprocess.run(
        [find_tool("ffmpeg").path, "-v", "error", "-y", *arguments],
        check=True,
    )


@dataclass(frozen=True)
class FlashAndBeep:
    """A clip of `seconds` that flashes and beeps from `at` on for 0.2 s.

    Delays are seconds by which a stream starts late.
    """

    name: str
    fps: str = "25"
    codecs: tuple[str, ...] = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac")
    video_delay: float = 0.0
    audio_delay: float = 0.0
    at: float = 1.2
    seconds: float = 2.4
    extra: tuple[str, ...] = field(default=())

    def write(self, folder: Path) -> Path:
        """Make the file."""
        path = folder / self.name
        numerator, _, denominator = self.fps.partition("/")
        fps = float(numerator) / float(denominator or 1)
        # Content is cut so that flash and beep are at one instant of the file's own time, whatever
        # the delays of the streams.
        frames = np.zeros(
            (round((self.seconds - self.video_delay) * fps), SIDE, SIDE, 3), np.uint8
        )
        times = np.arange(len(frames)) / fps + self.video_delay
        frames[(times >= self.at - 1e-6) & (times < self.at + 0.2)] = 255
        samples = round((self.seconds - self.audio_delay) * AUDIO_RATE)
        clock = np.arange(samples) / AUDIO_RATE + self.audio_delay
        audible = (clock >= self.at) & (clock < self.at + 0.2)
        beep = np.sin(2 * np.pi * 1000 * clock) * 0.8 * audible
        wave = folder / f"{self.name}.wav"
        wavfile.write(wave, AUDIO_RATE, (beep * 32767).astype(np.int16))
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{SIDE}x{SIDE}"]
        video = [
            "-itsoffset",
            str(self.video_delay),
            *raw,
            "-framerate",
            self.fps,
            "-i",
            "pipe:0",
        ]
        audio = ["-itsoffset", str(self.audio_delay), "-i", str(wave)]
        output = [
            "-map",
            "0:v",
            "-map",
            "1:a",
            "-pix_fmt",
            "yuv420p",
            *self.codecs,
            *self.extra,
        ]
        command = [
            find_tool("ffmpeg").path,
            "-v",
            "error",
            "-y",
            *video,
            *audio,
            *output,
        ]
        subprocess.run([*command, str(path)], input=frames.tobytes(), check=True)
        wave.unlink()
        return path


_MPEG4_MP3 = ("-c:v", "mpeg4", "-q:v", "3", "-c:a", "libmp3lame")
_VP8_OPUS = ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus")
_MPEG2 = ("-c:v", "mpeg2video", "-q:v", "3", "-c:a", "mp2")

CONTAINERS = (
    FlashAndBeep("plain.mp4"),
    FlashAndBeep("plain.mov"),
    FlashAndBeep(
        "plain.mkv",
        codecs=("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "libopus"),
    ),
    FlashAndBeep("plain.webm", codecs=_VP8_OPUS),
    FlashAndBeep("plain.avi", codecs=_MPEG4_MP3),
    FlashAndBeep("plain.mpg", codecs=_MPEG2),
    FlashAndBeep("plain.ts"),
    FlashAndBeep(
        "plain.flv",
        codecs=("-c:v", "flv", "-q:v", "3", "-c:a", "libmp3lame"),
    ),
    FlashAndBeep("film24.mp4", fps="24"),
    FlashAndBeep("ntsc.mp4", fps="30000/1001"),
    FlashAndBeep("thirty.mp4", fps="30"),
    FlashAndBeep("fifty.mkv", fps="50"),
    FlashAndBeep("sixty.mp4", fps="60"),
    FlashAndBeep("slow.mp4", fps="10"),
    FlashAndBeep("late_picture.mp4", video_delay=0.52),
    FlashAndBeep("late_sound.mp4", audio_delay=0.31),
    FlashAndBeep("late_picture.mkv", video_delay=0.4),
    FlashAndBeep("late_sound.mkv", audio_delay=0.33),
    FlashAndBeep("late_sound.ts", audio_delay=0.25),
    FlashAndBeep("no_edit_list.mp4", extra=("-use_editlist", "0")),
    FlashAndBeep("fragmented.mp4", extra=("-movflags", "frag_keyframe+empty_moov")),
)
