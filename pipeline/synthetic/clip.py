"""Drawn clips, real and forged: each forgery leaves in picture or sound what its namesake leaves."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import ffmpeg
import numpy as np
import numpy.typing as npt
from scipy.io import wavfile

from avdf.cache.core.clock import FRAME_RATE, SAMPLE_RATE
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.synthetic.face import (
    SIZE,
    Canvas,
    Person,
    Pose,
    draw_head,
    draw_person,
    draw_pose,
    inner_face_mask,
    mouth_box,
    move,
)
from avdf.pipeline.synthetic.voice import Sound, Utterance, Voice, clone, draw_voice, speak

_NOISES = 8  # noise pictures that a clip's frames take in turn
_NOISE = 4.0  # grey levels, standard deviation of the camera's noise
# what each forgery does to red, green and blue where it pastes: light and white balance are not matched
_TINTS = {"faceswap": (1.14, 1.02, 0.9), "fsgan": (0.9, 0.98, 1.1), "wav2lip": (0.92, 1.02, 1.12)}
_NO_NOISE = np.zeros((1, 1, 1), np.int16)
_WAV2LIP_SIDE = 0.3  # Wav2Lip redraws the mouth at a lower resolution than the picture's


@dataclass(frozen=True)
class Speaker:
    """Somebody with a face and a voice."""

    person: Person
    voice: Voice


@dataclass(frozen=True, eq=False)
class Clip:
    """Frames (n, 256, 256, 3) RGB at 25 fps and their sound at 16 kHz."""

    frames: npt.NDArray[np.uint8]
    sound: Sound


def draw_speaker(generator: np.random.Generator, gender: str) -> Speaker:
    """A random speaker."""
    return Speaker(draw_person(generator), draw_voice(generator, gender))


def film(
    speaker: Speaker,
    other: Speaker,
    method: str,
    fake_audio: bool,
    seconds: float,
    generator: np.random.Generator,
) -> Clip:
    """One clip of a speaker.

    Args:
        other: whose face is pasted by `faceswap` and `fsgan`.
        method: of the picture: `real`, `wav2lip`, `faceswap`, `fsgan`, `faceswap-wav2lip`, `fsgan-wav2lip`; `rtvc`
            leaves the picture as it is.
        fake_audio: the sound is a clone of other words in the speaker's voice.
    """
    words, sway, camera, vocoder = generator.spawn(4)  # what is forged does not change what is not
    said, others = speak(speaker.voice, seconds, words), speak(speaker.voice, seconds, words)
    heard = others if fake_audio else said
    sound = clone(heard.sound, vocoder) if fake_audio else heard.sound
    lips = said
    if (
        "wav2lip" in method
    ):  # the mouth follows the new sound; where the sound is real, another than is heard
        lips = heard if fake_audio else others
    return Clip(_film_frames(speaker, other, method, _poses(said, sway), lips, camera), sound)


def _film_frames(
    speaker: Speaker,
    other: Speaker,
    method: str,
    poses: list[Pose],
    lips: Utterance,
    generator: np.random.Generator,
) -> npt.NDArray[np.uint8]:
    person = speaker.person
    head = draw_head(person)
    noises = generator.normal(scale=_NOISE, size=(_NOISES, SIZE, SIZE, 1)).astype(np.int16)
    swap = (
        _Swap(person, other.person, method) if "faceswap" in method or "fsgan" in method else None
    )
    frames = np.empty((len(poses), SIZE, SIZE, 3), np.uint8)
    for index, pose in enumerate(poses):
        frame = draw_pose(person, head, pose, noises[index % _NOISES])
        if swap:
            frame = swap(frame, pose)
        if "wav2lip" in method:
            mouth = Pose(
                float(lips.opening[index]),
                float(lips.spread[index]),
                pose.eyes,
                pose.shift,
                pose.turn,
            )
            redrawn = draw_pose(person, head, mouth, _NO_NOISE)
            _paste_mouth(frame, swap(redrawn, mouth) if swap else redrawn, person, pose)
        frames[index] = frame
    return frames


class _Swap:
    """Another's inner face on somebody's head. `faceswap`: hard edge, other light; `fsgan`: soft edge, blurred.

    What is pasted is drawn: it lacks the camera's noise.
    """

    def __init__(self, person: Person, other: Person, method: str) -> None:
        self._other = other
        self._soft = "fsgan" in method
        self._head = draw_head(other)
        self._mask = (inner_face_mask(person, feather=5.0 if self._soft else 1.0) * 255).astype(
            np.uint8
        )
        self._tint = np.array(_TINTS["fsgan" if self._soft else "faceswap"], np.float32)

    def __call__(self, frame: Canvas, pose: Pose) -> Canvas:
        pasted = draw_pose(
            self._other, self._head, Pose(pose.opening, pose.spread, pose.eyes), _NO_NOISE
        )
        pasted = np.clip(
            cv2.GaussianBlur(pasted, (0, 0), 2.2 if self._soft else 1.2) * self._tint, 0, 255
        )
        mask = move(self._mask, pose)[..., None].astype(np.float32) / 255
        return (frame * (1 - mask) + move(pasted.astype(np.uint8), pose) * mask).astype(np.uint8)


def _paste_mouth(frame: Canvas, redrawn: Canvas, person: Person, pose: Pose) -> None:
    """Put the mouth of `redrawn` into `frame`, at a lower resolution, with a soft edge."""
    x1, y1, x2, y2 = mouth_box(person, grow=1.2)
    dx, dy = round(pose.shift[0]), round(pose.shift[1])
    x1, x2, y1, y2 = x1 + dx, x2 + dx, y1 + dy, min(SIZE, y2 + dy)
    small = cv2.resize(
        redrawn[y1:y2, x1:x2],
        None,
        fx=_WAV2LIP_SIDE,
        fy=_WAV2LIP_SIDE,
        interpolation=cv2.INTER_AREA,
    )
    coarse = cv2.resize(small, (x2 - x1, y2 - y1), interpolation=cv2.INTER_LINEAR)
    edge = np.zeros((y2 - y1, x2 - x1), np.float32)
    edge[4:-4, 4:-4] = 1.0
    mask = cv2.GaussianBlur(edge, (0, 0), 2.5)[..., None]
    patch = np.clip(coarse * np.array(_TINTS["wav2lip"], np.float32), 0, 255)
    frame[y1:y2, x1:x2] = frame[y1:y2, x1:x2] * (1 - mask) + patch * mask


def _poses(said: Utterance, generator: np.random.Generator) -> list[Pose]:
    """A head that sways, eyes that blink, a mouth that says what is said."""
    frames = len(said.opening)
    time = np.arange(frames) / FRAME_RATE
    phases, rates = generator.uniform(0, 2 * np.pi, 3), generator.uniform(0.15, 0.5, 3)
    sway = np.sin(2 * np.pi * rates[:, None] * time + phases[:, None]) * np.array(
        [[4.0], [2.5], [1.6]]
    )
    eyes = np.ones(frames)
    for blink in generator.integers(frames, size=max(1, frames // 60)):
        eyes[max(0, blink - 1) : blink + 2] = (0.4, 0.1, 0.4)[
            : len(eyes[max(0, blink - 1) : blink + 2])
        ]
    return [
        Pose(
            float(said.opening[index]),
            float(said.spread[index]),
            float(eyes[index]),
            (float(sway[0, index]), float(sway[1, index])),
            float(sway[2, index]),
        )
        for index in range(frames)
    ]


def write_clip(path: Path, clip: Clip) -> None:
    """As MP4: H.264 and AAC, like the datasets that it stands for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(suffix=".wav") as wave:
        wavfile.write(wave.name, SAMPLE_RATE, (np.clip(clip.sound, -1, 1) * 32767).astype(np.int16))
        pictures = ffmpeg.input(
            "pipe:0",
            format="rawvideo",
            pix_fmt="rgb24",
            video_size=(SIZE, SIZE),
            framerate=FRAME_RATE,
        )
        output = ffmpeg.output(
            pictures, ffmpeg.input(wave.name), str(path), vcodec="libx264", preset="veryfast", crf=17,
            pix_fmt="yuv420p", threads=1, acodec="aac", audio_bitrate="96k", fflags="+bitexact",
        )  # fmt: skip
        command = output.global_args("-v", "error", "-y", "-filter_threads", "1").compile(
            cmd=find_tool("ffmpeg").path
        )
        subprocess.run(command, input=clip.frames.tobytes(), check=True)
