"""Size, fidelity and speed of the ways to store crops, on the crops of real videos.

python tests/benchmarks/codecs.py VIDEO...
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.codec import FrameCodec, Image, decode_frame
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import PrepSettings

CODECS = (
    FrameCodec("raw"),
    FrameCodec("png"),
    FrameCodec("jpeg", 98),
    FrameCodec("jpeg", 95),
    FrameCodec("jpeg", 90),
    FrameCodec("jpeg", 80),
    FrameCodec("jpeg", 95, "420"),
)
EVERY = 5  # of the rows of a video


def crops_of(videos: list[Path]) -> list[Image]:
    settings = PrepSettings(codec=FrameCodec("raw"))
    detector = FaceDetector(settings.face)
    found = []
    for path in videos:
        video = prepare_video(
            VideoInfo(id=path.name, path=str(path)), settings, detector
        )
        for track in video.tracks:
            found += [
                decode_frame(np.frombuffer(crop, np.uint8), "raw", 224)
                for crop in track.crops[::EVERY]
            ]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("videos", nargs="+", type=Path)
    images = crops_of(parser.parse_args().videos)
    print(f"{len(images)} crops")
    print("| codec | kB a crop | PSNR, dB (mean, worst) | encode, ms | decode, ms |")
    print("|---|---|---|---|---|")
    for codec in CODECS:
        started = time.perf_counter()
        stored = [codec.encode(image) for image in images]
        encoded = time.perf_counter()
        back = [
            decode_frame(np.frombuffer(data, np.uint8), codec.name, 224)
            for data in stored
        ]
        decoded = time.perf_counter()
        errors = [
            np.mean((a.astype(float) - b) ** 2)
            for a, b in zip(images, back, strict=True)
        ]
        exact = not any(errors)
        psnr = [
            np.inf if error == 0 else 10 * np.log10(255**2 / error) for error in errors
        ]
        fidelity = "exact" if exact else f"{np.mean(psnr):.1f}, {min(psnr):.1f}"
        name = (
            codec.name
            if codec.name != "jpeg"
            else f"jpeg {codec.quality}, {':'.join(codec.subsampling)}"
        )
        count = len(images) / 1e3
        print(
            f"| {name} | {np.mean([len(data) for data in stored]) / 1e3:.1f} | {fidelity} | "
            f"{(encoded - started) / count:.2f} | {(decoded - encoded) / count:.2f} |"
        )


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
