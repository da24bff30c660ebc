"""Decoding one file: pictures at 25 fps and sound at 16 kHz on one time line, in one pass of one ffmpeg process."""

import contextlib
import fcntl
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import IO, Self

import ffmpeg
import numpy as np
import numpy.typing as npt

from avdf.cache.clock import FRAME_RATE, SAMPLE_RATE
from avdf.cache.errors import MediaError
from avdf.pipeline.ffmpeg import GUARDS
from avdf.pipeline.picture import Colour, Picture
from avdf.pipeline.probe import MediaInfo, last_line
from avdf.pipeline.settings import Limits

_PIPE_BYTES = 1 << 20
_FRAME_MARK = b"FRAME\n"
_LISTEN_BYTES = 1 << 16


def decode_command(media: MediaInfo, limits: Limits, video_fd: int, audio_fd: int) -> list[str]:
    """The ffmpeg command: both streams cut at time 0, pictures as yuv4mpeg to one pipe, 16-bit mono to another.

    `fps` and `aresample` fill gaps (a picture repeated, silence) and drop overlaps, so that row and sample counts
    stand for time. ffmpeg turns pictures upright by their rotation metadata and applies edit lists.
    """
    source = ffmpeg.input(
        f"file:{media.path.resolve()}",
        **GUARDS,
        threads=1,
        max_pixels=limits.pixels,
        t=limits.seconds + media.start + 1,
    )
    pictures = (
        source[str(media.video_stream)]
        .filter("setpts", f"PTS-{media.start:.6f}/TB")
        .filter("fps", fps=FRAME_RATE, start_time=0, round="near")
        .filter("format", media.planes)
    )
    # The second aresample counts `first_pts` in samples of its input, so the rate is changed before.
    gaps = {"async": 1, "first_pts": round(media.start * SAMPLE_RATE), "min_hard_comp": 0.02}
    sound = source[str(media.audio_stream)].filter("aresample", SAMPLE_RATE).filter("aresample", SAMPLE_RATE, **gaps)
    command: list[str] = (
        ffmpeg.merge_outputs(
            ffmpeg.output(pictures, f"pipe:{video_fd}", format="yuv4mpegpipe", strict=-1, fps_mode="passthrough"),
            ffmpeg.output(sound, f"pipe:{audio_fd}", format="s16le", ac=1, ar=SAMPLE_RATE),
        )
        .global_args("-v", "error", "-nostdin", "-filter_threads", "1", "-filter_complex_threads", "1")
        .compile(cmd=media.program)
    )
    return command


class Decoder:
    """Context manager over one ffmpeg process. Take all `pictures()`, then `sound()`.

    A process that stalls, or runs past its limit, is killed and reported as `timeout`. Memory is bounded: a few
    pictures in the pipe, and the sound of at most `limits.seconds`.
    """

    def __init__(self, media: MediaInfo, limits: Limits) -> None:
        self.media, self.limits = media, limits
        self._sound = bytearray()
        self._complaints: deque[bytes] = deque(maxlen=64)
        self._killed = ""
        self._waiting_since: float | None = None
        self._over = threading.Event()

    def __enter__(self) -> Self:
        self._start = time.monotonic()
        video_out, video_in = os.pipe()
        audio_out, audio_in = os.pipe()
        with contextlib.suppress(OSError):  # a larger pipe is only faster
            fcntl.fcntl(video_out, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._video, audio = os.fdopen(video_out, "rb", buffering=0), os.fdopen(audio_out, "rb", buffering=0)
        try:
            self._process = subprocess.Popen(
                decode_command(self.media, self.limits, video_in, audio_in),
                pass_fds=(video_in, audio_in),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                process_group=0,  # Ctrl-C must not end a decoder early: its file would look shorter than it is
            )
        finally:
            os.close(video_in)
            os.close(audio_in)
        assert self._process.stderr is not None
        self._threads = [
            threading.Thread(target=self._listen, args=(audio,), daemon=True),
            threading.Thread(target=self._overhear, args=(self._process.stderr,), daemon=True),
            threading.Thread(target=self._watch, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._video.close()
        for thread in self._threads:
            thread.join()

    def pictures(self) -> Iterator[Picture]:
        """The pictures in order, one for each 1/25 s from time 0.

        Raises:
            MediaError: `corrupt` (nothing could be decoded) or `timeout`.
        """
        header = self._header()
        if header is None:
            self._raise_if_killed()
            return
        fields = {part[:1]: part[1:] for part in header.split(" ")[1:] if not part.startswith("X")}
        width, height = int(fields["W"]), int(fields["H"])
        colour = Colour(self.media.matrix, full_range="XCOLORRANGE=FULL" in header)
        half = self.media.planes == "yuv420p"
        chroma = ((height + 1) // 2, (width + 1) // 2) if half else (height, width)
        luma_bytes, chroma_bytes = height * width, chroma[0] * chroma[1]
        index = 0
        while (data := self._read(len(_FRAME_MARK) + luma_bytes + 2 * chroma_bytes)) is not None:
            body = data[len(_FRAME_MARK) :]
            planes = (
                body[:luma_bytes].reshape(height, width),
                body[luma_bytes : luma_bytes + chroma_bytes].reshape(chroma),
                body[luma_bytes + chroma_bytes :].reshape(chroma),
            )
            yield Picture(index, planes, colour)
            index += 1
        self._raise_if_killed()

    def sound(self) -> npt.NDArray[np.int16]:
        """All samples from time 0 on; waits for the end of the process."""
        self._threads[0].join()
        self._raise_if_killed()
        return np.frombuffer(bytes(self._sound), np.int16)

    def complaint(self) -> str:
        """What ffmpeg said last, or ''."""
        self._threads[1].join(timeout=5)
        text = b"".join(self._complaints).decode(errors="replace")
        return last_line(text, self.media.path) if text.strip() else ""

    def _header(self) -> str | None:
        line = bytearray()
        while not line.endswith(b"\n"):
            byte = self._read(1)
            if byte is None or len(line) > 1024:
                return None
            line += byte.tobytes()
        return line.decode("ascii", errors="replace").strip()

    def _read(self, size: int) -> npt.NDArray[np.uint8] | None:
        data = np.empty(size, np.uint8)
        view, at = data.data, 0
        while at < size:
            self._waiting_since = time.monotonic()
            count = self._video.readinto(view[at:])
            self._waiting_since = None
            if not count:
                return None
            at += count
        return data

    def _listen(self, pipe: IO[bytes]) -> None:
        with pipe:
            while data := pipe.read(_LISTEN_BYTES):
                self._sound += data

    def _overhear(self, pipe: IO[bytes]) -> None:
        with pipe:
            while data := pipe.read1(4096):  # type: ignore[attr-defined]
                self._complaints.append(data)

    def _watch(self) -> None:
        """Kill a process that hangs: that lets us wait, or runs too long."""
        while not self._over.wait(0.5):
            now, since = time.monotonic(), self._waiting_since
            if now - self._start > self.limits.decode_timeout:
                self._killed = f"decoding took longer than {self.limits.decode_timeout:.0f} s"
            elif since is not None and now - since > self.limits.stall_timeout:
                self._killed = f"the decoder gave nothing for {self.limits.stall_timeout:.0f} s"
            if self._killed:
                with contextlib.suppress(ProcessLookupError):
                    self._process.send_signal(signal.SIGKILL)
                return
            if self._process.poll() is not None:
                return

    def _raise_if_killed(self) -> None:
        if self._killed:
            raise MediaError("timeout", self._killed)
