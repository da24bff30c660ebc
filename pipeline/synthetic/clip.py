"""Synthetic clips, real and forged: each forgery leaves traces like those of its namesake."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from avdf.pipeline.synthetic.canvas import SIZE
from avdf.pipeline.synthetic.face import NO_NOISE, Noise, paint_frame, paint_head
from avdf.pipeline.synthetic.face_swap import FaceSwap
from avdf.pipeline.synthetic.forgery import NOTHING_FORGED, Forgery
from avdf.pipeline.synthetic.lip_sync import paste_mouth
from avdf.pipeline.synthetic.person import Person
from avdf.pipeline.synthetic.pose import Pose, poses_of
from avdf.pipeline.synthetic.speaker import Speaker
from avdf.pipeline.synthetic.voice import Utterance, Waveform, speak
from avdf.pipeline.synthetic.voice_clone import clone_voice

_NOISE_FRAMES = 8  # which the frames of a clip take in turn
_NOISE_LEVEL = 4.0  # grey levels, standard deviation of the camera's noise

Frames = npt.NDArray[np.uint8]
"""(frames, 256, 256, 3) RGB."""


@dataclass(frozen=True, eq=False)
class SyntheticClip:
    """Frames (n, 256, 256, 3) RGB at 25 fps, and their audio at 16 kHz."""

    frames: Frames
    audio: Waveform


def generate_clip(
    speaker: Speaker,
    seconds: float,
    generator: np.random.Generator,
    forgery: Forgery = NOTHING_FORGED,
) -> SyntheticClip:
    """One clip of a speaker. The same arguments give the same clip."""
    # Random streams of their own: what is forged does not change what is not.
    words, sway, camera, vocoder = generator.spawn(4)
    said = speak(speaker.voice, seconds, words)
    other_words = speak(speaker.voice, seconds, words)

    heard = other_words if forgery.fake_audio else said
    audio = clone_voice(heard.audio, vocoder) if forgery.fake_audio else heard.audio

    # A new mouth follows cloned audio; where the audio is real, it says what is not heard.
    lips = heard if forgery.fake_audio else other_words
    frames = _frames(
        speaker.person,
        forgery,
        poses_of(said, sway),
        lips,
        camera,
    )
    return SyntheticClip(frames, audio)


def _frames(
    person: Person,
    forgery: Forgery,
    poses: list[Pose],
    lips: Utterance,
    camera: np.random.Generator,
) -> Frames:
    """The frames of a clip, forged one by one.

    Args:
        lips: what a mouth that is painted again says.
    """
    noises = camera.normal(
        scale=_NOISE_LEVEL,
        size=(_NOISE_FRAMES, SIZE, SIZE, 1),
    )
    camera_noise: Noise = noises.astype(np.int16)
    head = paint_head(person)
    swap = None
    if forgery.swap and forgery.other is not None:
        swap = FaceSwap(
            person,
            forgery.other.person,
            forgery.swap,
        )

    frames = np.empty((len(poses), SIZE, SIZE, 3), np.uint8)
    for index, pose in enumerate(poses):
        frame = paint_frame(
            person,
            head,
            pose,
            camera_noise[index % _NOISE_FRAMES],
        )
        if swap:
            frame = swap(frame, pose)
        if forgery.new_mouth:
            talking = pose.with_mouth(
                float(lips.opening[index]), float(lips.spread[index])
            )
            repainted = paint_frame(
                person,
                head,
                talking,
                NO_NOISE,
            )
            if swap:
                repainted = swap(repainted, talking)
            paste_mouth(frame, repainted, person, pose)
        frames[index] = frame
    return frames
