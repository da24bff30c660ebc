"""Perturbations of the audio of a clip: lossy codecs, noise, reverberation, delay."""

import tempfile
from collections.abc import Callable
from dataclasses import replace

import ffmpeg
import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import Pcm
from avdf.cache.core.clock import FRAME_RATE, SAMPLE_RATE, SAMPLES_PER_FRAME
from avdf.cache.stream.clips import TrackClip
from avdf.pipeline.media.run_ffmpeg import run_ffmpeg
from avdf.pipeline.perturbations.perturbation import Change

AudioEffect = Callable[[Pcm, float, np.random.Generator], Pcm]

_LEAST_POWER = 1e-9  # so that silence is not divided by zero


def on_audio(effect: AudioEffect) -> Change:
    """A change of a clip from an effect on its audio."""

    def change(
        clip: TrackClip,
        value: float,
        generator: np.random.Generator,
    ) -> TrackClip:
        changed = effect(clip.pcm, value, generator)
        return replace(clip, pcm=changed)

    return change


def lossy(codec: str, suffix: str) -> AudioEffect:
    """An effect that encodes the audio with a lossy codec, at a rate in kbit/s, and decodes it.

    The length stays the same: what the codec adds at the end is cut off, what is missing is silent.
    """
    raw = {
        "format": "s16le",
        "ac": 1,
        "ar": SAMPLE_RATE,
    }

    def effect(
        pcm: Pcm,
        kilobits: float,
        _: np.random.Generator,
    ) -> Pcm:
        rate = f"{kilobits:g}k"
        with tempfile.NamedTemporaryFile(suffix=suffix) as file:
            source = ffmpeg.input("pipe:0", **raw)
            encoded = ffmpeg.output(
                source,
                file.name,
                acodec=codec,
                audio_bitrate=rate,
            )
            run_ffmpeg(encoded, "apply the perturbation", pcm.tobytes())
            decoded = ffmpeg.output(
                ffmpeg.input(file.name),
                "pipe:1",
                **raw,
            )
            data = np.frombuffer(
                run_ffmpeg(decoded, "apply the perturbation"), np.int16
            )
        missing = max(0, len(pcm) - len(data))
        padded = np.pad(data[: len(pcm)], (0, missing))
        return np.asarray(padded, np.int16)

    return effect


def hiss(
    pcm: Pcm,
    decibels: float,
    generator: np.random.Generator,
) -> Pcm:
    """The audio with white noise at that ratio of signal to noise."""
    samples = pcm.astype(np.float64)
    power = float(np.mean(np.square(samples)))
    ratio = 10 ** (decibels / 10)
    deviation = np.sqrt(power / ratio)
    noise = generator.normal(scale=deviation, size=len(pcm))
    return _to_int16(pcm + noise)


def reverberation(
    pcm: Pcm,
    seconds: float,
    generator: np.random.Generator,
) -> Pcm:
    """The audio in a room whose sound decays by 60 dB in that time, as loud as before."""
    # The room's answer to an impulse: the direct sound, and decaying noise with the same energy.
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    # 60 dB are a factor of 1000 in amplitude: 10 to the power of -3 at the end.
    decay = 10 ** (-3 * time / seconds)
    tail = generator.normal(size=len(time)) * decay
    energy = np.sum(tail**2)
    tail *= 1 / np.sqrt(energy)
    tail[0] += 1.0
    from scipy.signal import fftconvolve

    dry = pcm.astype(np.float64)
    wet = fftconvolve(dry, tail)[: len(pcm)]
    dry_power = np.mean(np.square(dry))
    wet_power = max(np.mean(wet**2), _LEAST_POWER)
    loudness = np.sqrt(dry_power / wet_power)
    return _to_int16(wet * loudness)


def delay(
    clip: TrackClip,
    frames: float,
    _: np.random.Generator,
) -> TrackClip:
    """The clip with its audio late by so many frames.

    Frames at the start and audio at the end that have no counterpart any more are cut off.
    """
    late = min(int(frames), len(clip.frames))
    kept = len(clip.frames) - late
    return replace(
        clip,
        start=clip.start + late / FRAME_RATE,
        frames=clip.frames[late:],
        pcm=clip.pcm[: kept * SAMPLES_PER_FRAME],
        last=True,
    )


def _to_int16(samples: npt.NDArray[np.float64]) -> Pcm:
    rounded = np.clip(np.round(samples), -32768, 32767)
    return np.asarray(rounded, np.int16)
