"""What a run can train: a head learns nothing where one of its two classes is missing."""

from collections.abc import Sequence
from dataclasses import replace

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import FAKE, REAL, label_name
from avdf.model.losses import LossSettings
from avdf.model.runs.config import RunConfig

Classes = dict[str, set[int]]  # by verdict: which of REAL and FAKE occur

BOTH = frozenset({REAL, FAKE})
_SUBJECT = {
    "video": "label of the video",
    "visual": "label of the picture",
    "audio": "label of the sound",
}


def trained_parts(classes: Classes, config: RunConfig) -> tuple[str, ...]:
    """What these classes train under this configuration: of `visual`, `audio`, `video`, `matching`.

    A verdict is trained where both of its classes occur. The matching loss needs real videos, whose picture and sound
    belong together, and something to hold against them: fakes, or another video of the batch.
    """
    losses, both = config.losses, {name: seen == BOTH for name, seen in classes.items()}
    visual, audio = losses.visual and both["visual"], losses.audio and both["audio"]
    # The verdict of a branch alone is the video's too.
    video = both["video"] if losses.video else config.model.branches != "both" and (visual or audio)
    apart = FAKE in classes["video"] or config.data.batch_size > 1
    matching = losses.matching and REAL in classes["video"] and apart
    found = {"visual": visual, "audio": audio, "video": video, "matching": matching}
    return tuple(name for name, trained in found.items() if trained)


def untrained_notes(classes: Classes, config: RunConfig, trained: Sequence[str]) -> tuple[str, ...]:
    """A sentence for each verdict whose loss is on and that these videos cannot train.

    Raises:
        SettingsError: there is no verdict left to train.
    """
    losses = config.losses
    notes = []
    for name in ("video", "visual", "audio"):
        if not getattr(losses, name) or name in trained:
            continue
        missing = " and none ".join(label_name(label) for label in sorted(BOTH - classes[name]))
        notes.append(
            f"the {name} verdict is not trained: no training video is known to be {missing} by the "
            f"{_SUBJECT[name]}; its loss is left out and nothing is reported for it"
        )
    if not set(trained) - {"matching"}:
        raise SettingsError(
            "these training videos cannot train any verdict: "
            + "; ".join(note.partition(";")[0].removeprefix("the ") for note in notes)
            + "; train on videos that are labelled real and fake"
        )
    return tuple(notes)


def active_losses(losses: LossSettings) -> tuple[str, ...]:
    """Names of the losses that are on: of `visual`, `audio`, `video`, `matching`."""
    on = {
        "visual": losses.visual,
        "audio": losses.audio,
        "video": losses.video,
        "matching": losses.matching,
    }
    return tuple(name for name, active in on.items() if active)


def masked_losses(losses: LossSettings, trained: Sequence[str]) -> LossSettings:
    """The losses that take part, without those that could not train anything."""
    return replace(
        losses,
        visual=losses.visual and "visual" in trained,
        audio=losses.audio and "audio" in trained,
        video=losses.video and "video" in trained,
        matching=losses.matching and "matching" in trained,
    )
