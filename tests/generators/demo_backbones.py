"""Makes the small backbones of the demo: `python -m tests.generators.demo_backbones FOLDER`.

Random frozen backbones of that size see too little. So both are trained beforehand, on synthetic
persons who are in no demo, and without any label of real or fake:

- the image encoder learns how far the mouth is open, whether and where a part of the face was
  blurred and recoloured (self-blended images, Shiohara and Yamasaki 2022), and the brightness,
  contrast and fine detail of each patch;
- the audio encoder learns to give back the log-mel frames that its tokens stand for.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
import typer
from safetensors.torch import save_file
from torch import Tensor, nn

from avdf.cache.core.clock import (
    FRAME_SIZE,
    MEL_BINS,
    SEGMENT_FRAMES,
    SEGMENT_SAMPLES,
    SEGMENT_SECONDS,
    SEGMENT_TOKENS,
)
from avdf.cache.core.log_mel import log_mel
from avdf.model.audio import AudioBranch
from avdf.model.backbones import hash_tensors, load_clip, load_whisper
from avdf.model.backbones.demo_files import DEMO_VISION
from avdf.model.backbones.info import DEMO, RANDOM
from avdf.model.backbones.pixels import normalise_pixels
from avdf.model.config import DetectorConfig
from avdf.model.visual import VisualBranch
from avdf.pipeline.synthetic.clip import generate_clip
from avdf.pipeline.synthetic.speaker import random_speaker
from avdf.pipeline.synthetic.voice import mouth_opening, speak
from avdf.pipeline.synthetic.voice_clone import clone_voice

Images = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float32]
Outputs = tuple[Tensor, Tensor, Tensor, Tensor]

_SPEAKERS = 7_000_000  # seeds from here on: nobody of the demo
_SEXES = ("men", "women")
_FRAMES = 4  # of each clip: many people matter more than many frames
_BATCH = 64  # images of a step
_PATCH = int(DEMO_VISION["patch_size"])
_GRID = FRAME_SIZE // _PATCH
_KEPT = 64  # patches of a picture that a step looks at
# Centre and side of the crop that preparation takes of a synthetic face.
_FACE = (129.0, 137.0, 204.0)
# Centre, and half of width and height, of the parts of a crop that are altered.
_MOUTH = ((112, 165), (30, 24))
_INNER_FACE = ((112, 125), (55, 62))
# Neighbours against the middle: large where there is fine detail.
_LAPLACIAN = (
    (0.0, 1.0, 0.0),
    (1.0, -4.0, 1.0),
    (0.0, 1.0, 0.0),
)

app = typer.Typer(add_completion=False)


@app.command()
def main(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Where demo_clip.safetensors and demo_whisper.safetensors go."
        ),
    ],
    people: Annotated[int, typer.Option(help="Drawn people to learn from.")] = 1500,
    epochs: Annotated[int, typer.Option(help="Times each picture is seen.")] = 8,
    seed: Annotated[int, typer.Option()] = 0,
) -> None:
    """Train both encoders and write them as float16."""
    config = DetectorConfig(
        clip=DEMO,
        clip_weights=RANDOM,
        whisper=DEMO,
        whisper_weights=RANDOM,
        seed=seed,
    )
    torch.manual_seed(seed)
    folder.mkdir(parents=True, exist_ok=True)
    images, mouths = _draw(people, seed)
    vision = _train_vision(config, images, mouths, epochs, seed)
    _save(folder / "demo_clip.safetensors", vision)
    speech = _train_audio(config, seed)
    _save(folder / "demo_whisper.safetensors", speech)


# Images


def _draw(people: int, seed: int) -> tuple[Images, Values]:
    """Genuine synthetic crops (n, 224, 224, 3), and how far each mouth is open (n,)."""
    crops = []
    mouths = []
    for index in range(people):
        generator = np.random.default_rng([seed, _SPEAKERS + index])
        speaker = random_speaker(generator, _SEXES[index % 2])
        clip = generate_clip(speaker, SEGMENT_SECONDS, generator)
        opening = mouth_opening(clip.audio)
        frames = generator.choice(SEGMENT_FRAMES, _FRAMES, replace=False)
        for frame in frames:
            crops.append(_crop(clip.frames[frame], generator))
            mouths.append(opening[frame])
    return np.stack(crops), np.array(mouths, np.float32)


def _crop(frame: Images, generator: np.random.Generator) -> Images:
    """The face, a little off, and compressed as prepared crops are."""
    x, y, side = np.array(_FACE) + generator.normal(scale=(3, 3, 5))
    scale = side / FRAME_SIZE
    matrix = np.array(
        [
            [scale, 0, x - side / 2],
            [0, scale, y - side / 2],
        ]
    )
    crop = cv2.warpAffine(
        frame,
        matrix,
        (FRAME_SIZE, FRAME_SIZE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )
    quality = int(generator.integers(75, 97))
    _, encoded = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    return np.asarray(decoded, dtype=np.uint8)


class _VisionTasks(nn.Module):
    """What the image encoder learns by: heads that are thrown away."""

    def __init__(self, branch: VisualBranch) -> None:
        super().__init__()
        self.branch = branch
        self.mouth = nn.Linear(branch.width, 1)
        self.altered = nn.Linear(branch.width, 1)
        self.where = nn.Linear(branch.width, 1)
        self.statistics = nn.Linear(branch.width, 5)

    def forward(self, images: Tensor, kept: Tensor) -> Outputs:
        """Outputs (n,), (n,), (n, k), (n, k, 5); only the patches `kept` (k,) are computed."""
        x = self.branch.encoder.embed(images)
        class_token, patches = x[:, :1], x[:, 1:]
        x = torch.cat([class_token, patches[:, kept]], dim=1)
        for block in self.branch.encoder.layers():
            x = block(x)
        token, patches = x[:, 0], x[:, 1:]
        return (
            self.mouth(token)[:, 0],
            self.altered(token)[:, 0],
            self.where(patches)[..., 0],
            self.statistics(patches),
        )


def _train_vision(
    config: DetectorConfig,
    images: Images,
    mouths: Values,
    epochs: int,
    seed: int,
) -> nn.Module:
    encoder = load_clip(config)[0]
    backbone: nn.Module = encoder.backbone.requires_grad_(True)
    tasks = _VisionTasks(VisualBranch(encoder, 0, "sequential"))
    generator = np.random.default_rng(seed)
    batches = list(_batches(len(images), _BATCH, epochs, generator))
    optimiser = torch.optim.AdamW(tasks.parameters(), lr=1e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        2e-3,
        total_steps=len(batches),
    )
    for step, chosen in enumerate(batches, 1):
        # Images are altered anew in every step: none is learned by heart.
        altered, shares = _alter(images[chosen], generator)
        opening = torch.from_numpy(mouths[chosen])
        losses = _vision_losses(tasks, altered, shares, opening, generator)
        optimiser.zero_grad()
        losses.sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        if step % 60 == 0 or step == len(batches):
            values = " ".join(f"{float(loss):.4f}" for loss in losses)
            print(f"image encoder, step {step} of {len(batches)}: {values}")
    return backbone


def _vision_losses(
    tasks: _VisionTasks,
    images: Images,
    shares: Values,
    opening: Tensor,
    generator: np.random.Generator,
) -> Tensor:
    """(4,): of the mouth, of whether and where the face was altered, of the statistics."""
    frames = normalise_pixels(torch.from_numpy(images)[:, None])[:, 0]
    # Of a part of the patches alone: the step is cheaper.
    kept_patches = generator.choice(_GRID**2, _KEPT, replace=False)
    kept = torch.from_numpy(np.sort(kept_patches))
    mouth, altered, where, statistics = tasks(frames, kept)

    wanted = torch.from_numpy(shares)
    is_altered = (wanted.amax(dim=1) > 0).float()
    wanted_statistics = _statistics(frames)[:, kept]
    losses = (
        F.mse_loss(mouth, opening) * 4,
        F.binary_cross_entropy_with_logits(altered, is_altered),
        F.binary_cross_entropy_with_logits(where, wanted[:, kept]) * 2,
        F.mse_loss(statistics, wanted_statistics) * 2,
    )
    return torch.stack(losses)


def _batches(
    items: int,
    size: int,
    epochs: int,
    generator: np.random.Generator,
) -> Iterator[npt.NDArray[np.int64]]:
    """Indices of each step; what does not fill a batch is left out of its epoch."""
    for _ in range(epochs):
        order = generator.permutation(items)
        for start in range(0, items - size + 1, size):
            yield order[start : start + size]


def _alter(images: Images, generator: np.random.Generator) -> tuple[Images, Values]:
    """Alter a part of the face in half of the images; the altered share (n, patches)."""
    altered = images.copy()
    shares = np.zeros((len(images), _GRID, _GRID), np.float32)
    for index, image in enumerate(images):
        if generator.random() < 0.5:
            continue
        mask = _part_of_face(generator)
        other = _recoloured(image, generator)
        weight = mask[..., None]
        altered[index] = image * (1 - weight) + other * weight
        shares[index] = cv2.resize(mask, (_GRID, _GRID), interpolation=cv2.INTER_AREA)
    return altered, shares.reshape(len(images), -1)


def _part_of_face(generator: np.random.Generator) -> Values:
    """(224, 224) from 0 to 1: an ellipse or a rectangle with a soft edge."""
    middle, half = _MOUTH if generator.random() < 0.5 else _INNER_FACE
    centre = [round(value + generator.normal(scale=8)) for value in middle]
    axes = [round(value * generator.uniform(0.7, 1.3)) for value in half]
    mask = np.zeros((FRAME_SIZE, FRAME_SIZE), np.float32)
    if generator.random() < 0.5:
        cv2.ellipse(mask, centre, axes, 0, 0, 360, 1.0, -1)
    else:
        rows = slice(centre[1] - axes[1], centre[1] + axes[1])
        columns = slice(centre[0] - axes[0], centre[0] + axes[0])
        mask[rows, columns] = 1.0
    softness = float(generator.uniform(0.8, 5))
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), softness), np.float32)


def _recoloured(
    image: Images,
    generator: np.random.Generator,
) -> npt.NDArray[np.float64]:
    """The image with less detail, and mostly in another tint."""
    blur = float(generator.uniform(0.3, 2.5))
    soft = cv2.GaussianBlur(image, (0, 0), blur)
    is_tinted = generator.random() < 0.8
    tint = generator.uniform(0.86, 1.16, 3) if is_tinted else np.ones(3)
    return np.asarray(np.clip(soft * tint, 0, 255))


def _statistics(frames: Tensor) -> Tensor:
    """(n, grid x grid, 5) of each patch: means of R, G, B, log contrast, log of fine detail."""
    grey = frames.mean(dim=1, keepdim=True)
    fine = F.conv2d(grey, torch.tensor([[_LAPLACIAN]]), padding=1)
    mean = F.avg_pool2d(frames, _PATCH)
    # The variance within the patch: mean of the square less square of the mean.
    variance = F.avg_pool2d(grey**2, _PATCH) - F.avg_pool2d(grey, _PATCH) ** 2
    contrast = variance.clamp(min=1e-6).log()
    detail = F.avg_pool2d(fine**2, _PATCH).clamp(min=1e-6).log()
    maps = torch.cat([mean, contrast * 0.5, detail], dim=1)
    return maps.flatten(2).transpose(1, 2)


# Audio


def _train_audio(config: DetectorConfig, seed: int, steps: int = 400) -> nn.Module:
    encoder = load_whisper(config)[0]
    backbone: nn.Module = encoder.backbone.requires_grad_(True)
    branch = AudioBranch(encoder, 1, "identity", ln_post=True)
    head = nn.Linear(branch.width, 2 * MEL_BINS)
    trainable = [*backbone.parameters(), *head.parameters()]
    optimiser = torch.optim.AdamW(trainable, lr=2e-3)
    segments = torch.from_numpy(_speech(160, seed))
    generator = torch.Generator().manual_seed(seed)
    for step in range(1, steps + 1):
        which = torch.randint(len(segments), (24,), generator=generator)
        mel = log_mel(segments[which])
        loss = F.mse_loss(head(branch(mel)), _frames_of_tokens(mel))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if step % 100 == 0:
            print(f"audio encoder, step {step} of {steps}: {float(loss):.4f}")
    return backbone


def _frames_of_tokens(mel: Tensor) -> Tensor:
    """(n, 32, 160): the two log-mel frames that each token stands for, of (n, 80, 64)."""
    pairs = mel.view(len(mel), -1, SEGMENT_TOKENS, 2)
    return pairs.permute(0, 2, 3, 1).flatten(2)


def _speech(count: int, seed: int) -> Values:
    """(n, 10240) segments of speech, half of it cloned."""
    segments = []
    for index in range(count):
        generator = np.random.default_rng([seed, 2 * _SPEAKERS + index])
        voice = random_speaker(generator, _SEXES[index % 2]).voice
        speech = speak(voice, 2 * SEGMENT_SECONDS, generator).audio
        # Two of four in turn, so that men and women are cloned alike.
        if index % 4 >= 2:
            speech = clone_voice(speech, generator)
        segments.append(speech.reshape(2, SEGMENT_SAMPLES))
    return np.concatenate(segments).astype(np.float32)


def _save(path: Path, encoder: nn.Module) -> None:
    state = {}
    for name, value in encoder.state_dict().items():
        # Whisper's positions are computed: they need no storing.
        if name == "positional_embedding" and "clip" not in path.name:
            continue
        state[name] = value.detach().half().contiguous()
    metadata = {
        "made_by": "tests.generators.demo_backbones",
        "trained_on": "drawn faces and speech",
    }
    save_file(state, path, metadata=metadata)
    megabytes = path.stat().st_size / 1e6
    digest = hash_tensors(state)[:16]
    print(f"{path}: {megabytes:.2f} MB, sha256 of the tensors {digest}")


if __name__ == "__main__":
    app()
