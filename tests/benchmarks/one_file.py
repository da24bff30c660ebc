"""From a file to its verdicts with the paper's backbones: frames per second, loading apart.

    python tests/benchmarks/one_file.py FILE... [--laps N] [--stride N]

Weights are random, which does not matter to speed. Medians over the laps; 25 frames/s is real time.
"""

import argparse
import statistics
import time
import warnings
from pathlib import Path

from avdf.cache.machine.device import choose_device
from avdf.model.backbones import RandomWeightsWarning
from avdf.model.detector import Detector
from avdf.model.inference.precision import choose_precision
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.loaded import LoadedRun
from avdf.model.scoring.scorer import score_prepared
from avdf.model.scoring.settings import ScorerSettings
from avdf.model.thresholds import Thresholds
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos


def random_run() -> LoadedRun:
    """The paper's detector, untrained."""
    config = load_config(
        None, ["model.clip_weights=random", "model.whisper_weights=random"]
    )
    device = choose_device("auto")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RandomWeightsWarning)
        detector = Detector(config.model).to(device)
    detector.hold_frozen(choose_precision("auto", device))
    info = CheckpointInfo(0, 0, config, detector.backbones, Thresholds(), {})
    return LoadedRun(RunFolder(Path()), detector.eval(), info, device)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--laps", type=int, default=3)
    parser.add_argument("--stride", type=int, default=4)
    given = parser.parse_args()
    run, settings = random_run(), PrepSettings()
    faces = FaceDetector(settings.face)
    print(
        "| file | frames | preparing, s | scoring, s | frames/s |\n|---|---|---|---|---|"
    )
    for info in list_videos(given.files).videos:
        rows = []
        for _ in range(given.laps):
            start = time.perf_counter()
            video = prepare_video(info, settings, faces)
            middle = time.perf_counter()
            score_prepared(run, [video], ScorerSettings(stride=given.stride))
            rows.append((middle - start, time.perf_counter() - middle))
        prepared = statistics.median(preparing for preparing, _ in rows)
        scored = statistics.median(scoring for _, scoring in rows)
        frames = round(video.duration * 25)
        rate = frames / (prepared + scored)
        print(f"| {info.id} | {frames} | {prepared:.2f} | {scored:.2f} | {rate:.1f} |")


if __name__ == "__main__":
    main()
