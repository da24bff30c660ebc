"""Whether lips and sound of real recordings can be told to belong together.

    python -m tests.benchmarks.recorded_sync CLIPS OUT --whisper FILE [--seeds N] [--steps N]
        [--folds N] [--variants NAME...] [--leave-out ID...] [--only-table]

CLIPS is a manifest or a folder of genuine recordings, of which each has an identity; FILE holds the
weights of Whisper base. Speakers are cut into folds, and each fold is tested once by models that
were trained on the others. With as many folds as speakers, each fold also leaves out a second
speaker, whose sound is used for pairs. OUT gets table.md and table.json, and a file for each model
that was tested, so that the same command goes on where it was interrupted.

How training differs from `avdf train`: a step has avdf's own losses, Adam and detector, but
batches are drawn from memory, with windows of one clip that do not overlap; made pairs are pairs of
windows; and what is frozen is computed once. There is no validation: the last step is tested.
"""

import argparse
import json
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

import avdf
from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.cache.files.atomic_file import write_text
from avdf.model.detector import Detector
from avdf.model.inference.precision import choose_precision
from avdf.model.synchrony.offset_curves import MOST_FRAMES, offset_curves
from tests.benchmarks.recorded_models import (
    Model,
    compute_known,
    detector_config,
)
from tests.benchmarks.recorded_pairs import (
    Clip,
    Fold,
    Pair,
    pairs_to_test,
    read_clips,
    speaker_folds,
)
from tests.benchmarks.recorded_table import Seeds, figures, read_tested, table_text
from tests.benchmarks.recorded_training import (
    BATCH,
    Inputs,
    Setting,
    train_model,
    variant_inputs,
)
from tests.benchmarks.recorded_variants import VARIANTS

NEAR_FRAMES = 8  # of the median of each frame's own


def main() -> None:
    given = _arguments()
    torch.set_num_threads(1)
    shards = given.out / "shards"
    # Crops without loss: only the recording's own codec stands between camera and encoder.
    avdf.prepare(given.clips, shards, avdf.PrepareOptions(codec="png", workers=1))
    clips = read_clips(shards, given.leave_out)
    folds = speaker_folds(clips, given.folds)
    basis = _basis(given, clips, folds)
    _check_same_basis(given.out / "basis.json", basis)
    if not given.only_table:
        config = detector_config(given.whisper, 0, "mouth")
        known = compute_known(clips, config)
        setting = Setting(clips, known, given.whisper, given.steps)
        for name in given.variants:
            for seed in range(given.seeds):
                for number, fold in enumerate(folds):
                    file = f"{name}-seed{seed}-fold{number}.json"
                    _test_once(setting, given.out / "tested" / file, name, seed, fold)
    tested = {name: read_tested(given.out, name, len(folds)) for name in given.variants}
    _write_table(
        given.out, {name: seeds for name, seeds in tested.items() if seeds}, basis
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("clips", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--whisper", required=True, help="weights of Whisper base")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--variants", nargs="*", choices=VARIANTS, default=[*VARIANTS])
    parser.add_argument(
        "--leave-out", nargs="*", default=[], help="ids of clips that are copies"
    )
    parser.add_argument(
        "--only-table", action="store_true", help="of what was tested; train nothing"
    )
    return parser.parse_args()


def _test_once(setting: Setting, file: Path, name: str, seed: int, fold: Fold) -> None:
    """Train one model and test it on one fold, unless that was done before."""
    if file.exists():
        return
    started = time.perf_counter()
    left_out = fold.left_out
    training = [clip for clip in range(len(setting.clips)) if clip not in left_out]
    data = variant_inputs(VARIANTS[name], setting.known, training)
    model, losses = train_model(VARIANTS[name], setting, data, training, seed)
    trained = time.perf_counter()
    rows = _score(model, setting.clips, data, fold)
    seconds = (trained - started, time.perf_counter() - trained)
    content = {"seconds": seconds, "losses": losses, "pairs": rows}
    file.parent.mkdir(exist_ok=True)
    write_text(file, json.dumps(content))
    print(f"{file.stem}: trained {seconds[0]:.0f} s, loss {losses[-1]:.3f}", flush=True)


@torch.inference_mode()
def _score(
    model: Model,
    clips: Sequence[Clip],
    data: Inputs,
    fold: Fold,
) -> list[dict[str, Any]]:
    """What the offset curve says of every pair of a fold."""
    aligned = {clip: _align(model, data, clip) for clip in fold.left_out}
    rows = []
    for pair in pairs_to_test(clips, fold):
        measured = _measure(aligned, pair)
        rows.append(
            {
                **asdict(pair),
                "picture": clips[pair.picture].name,
                "sound": clips[pair.sound].name,
                "speaker": clips[pair.picture].speaker,
                **measured,
            }
        )
    return rows


def _align(model: Model, data: Inputs, clip: int) -> tuple[Tensor, Tensor]:
    """f'_v of each row (rows, D), and f'_a of the window at each row (rows - 15, 16, D)."""
    starts = range(len(data.windows[clip]))
    visual, audio = [], []
    for begin in range(0, len(starts), BATCH):
        windows = [(clip, row) for row in starts[begin : begin + BATCH]]
        output = model(*data.batch(windows, windows))
        visual.append(output.visual_features)
        audio.append(output.audio_features)
    seen = torch.cat(visual)
    # A frame's visual feature is the same in each window: the first of each, and the last whole.
    return torch.cat([seen[:-1, 0], seen[-1]]), torch.cat(audio)


def _measure(
    aligned: dict[int, tuple[Tensor, Tensor]], pair: Pair
) -> dict[str, float | list[float]]:
    """The figures of one pair, over the segments that do not overlap, as a video is scored."""
    segments = pair.rows // SEGMENT_FRAMES
    rows = segments * SEGMENT_FRAMES
    visual = aligned[pair.picture][0][pair.seen : pair.seen + rows]
    # The windows of the sound as it is heard in this pair.
    first = pair.heard + SEGMENT_FRAMES * np.arange(segments)
    audio = aligned[pair.sound][1][torch.from_numpy(first)].flatten(0, 1)
    whole = offset_curves(visual, audio).by_video(np.zeros(segments, np.int64), 1)
    curve = whole.distance[0]
    distance = float(curve[MOST_FRAMES])
    return {
        "sync": float(whole.sync[0]),
        "sync_wide": distance - float(np.nanmedian(curve)),
        "sync_frames": frame_sync(visual, audio),
        "distance": distance,
        "depth": float(whole.depth[0]),
        "offset_ms": float(whole.offset_ms[0]),
    }


def frame_sync(visual: Tensor, audio: Tensor) -> float:
    """Each frame's own distance less its median over near offsets, mean over frames.

    A frame is compared with itself alone: silence at the ends of a clip is no reason why one offset
    should fit better than another.

    Args:
        visual, audio: (rows, D) aligned features.
    """
    cosine = F.normalize(visual, dim=1) @ F.normalize(audio, dim=1).T
    distances = (1 - cosine).double().numpy()
    rows = np.arange(len(distances))
    heard = rows[:, None] + np.arange(-NEAR_FRAMES, NEAR_FRAMES + 1)
    is_there = (heard >= 0) & (heard < len(rows))
    near = distances[rows[:, None], np.where(is_there, heard, 0)]
    medians = np.nanmedian(np.where(is_there, near, np.nan), axis=1)
    return float(np.mean(distances.diagonal() - medians))


def _basis(
    given: argparse.Namespace, clips: Sequence[Clip], folds: Sequence[Fold]
) -> dict[str, Any]:
    """All that the figures rest on."""
    config = detector_config(given.whisper, 0, "prompt")
    backbones = Detector(config).backbones
    return {
        "weights": {name: asdict(info) for name, info in backbones.items()},
        "machine": describe_machine(),
        "torch": str(torch.__version__),
        "precision": str(choose_precision("auto", torch.device("cpu"))),
        "steps": given.steps,
        "batch": BATCH,
        "clips": {clip.name: clip.speaker for clip in clips},
        "left_out": given.leave_out,
        "folds": [[clips[number].name for number in fold.tested] for fold in folds],
        "sounds": [[clips[number].name for number in fold.sounds] for fold in folds],
    }


def _check_same_basis(file: Path, basis: dict[str, Any]) -> None:
    """Refuse a folder with results that rest on something else."""
    if not file.exists():
        write_text(file, json.dumps(basis, indent=1))
        return
    stored = json.loads(file.read_text(encoding="utf-8"))
    changed = [name for name, value in basis.items() if stored.get(name) != value]
    if changed:
        raise SystemExit(
            f"{file.parent} holds results of other {', '.join(changed)}; name another folder"
        )


def _write_table(out: Path, tested: dict[str, Seeds], basis: dict[str, Any]) -> None:
    found = {name: figures(seeds) for name, seeds in tested.items()}
    settings = {name: asdict(VARIANTS[name]) for name in tested}
    content = {"basis": basis, "variants": settings, "figures": found}
    write_text(out / "table.json", json.dumps(content, indent=1))
    text = table_text(found)
    write_text(out / "table.md", text)
    print(text)


def describe_machine() -> dict[str, Any]:
    """The processor's name, and which of its features multiply bfloat16."""
    name, flags = platform.processor() or platform.machine(), set[str]()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                name = value.strip()
            if key.strip() == "flags":
                flags = set(value.split())
    wanted = {flag for flag in flags if flag == "avx512_bf16" or flag.startswith("amx")}
    return {"processor": name, "flags": sorted(wanted)}


if __name__ == "__main__":
    main()
