"""What a run can train: a head learns nothing where one of its two classes is missing."""

from collections.abc import Sequence
from dataclasses import replace

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import FAKE, REAL
from avdf.model.losses import LossSettings
from avdf.model.runs.config import RunConfig
from avdf.model.verdicts import REPORT_ORDER, PerVerdict

# Which of REAL and FAKE the labels of the training windows have.
Classes = PerVerdict[set[int]]

BOTH = frozenset({REAL, FAKE})
_LABEL_NAMES = PerVerdict(
    video="label of the video",
    visual="label of the frames",
    audio="label of the audio",
)
# A silent video trains the verdict on the frames alone.
_WITH_AUDIO = PerVerdict(video=" with audio", visual="", audio=" with audio")
_CLASS_NAMES = {REAL: "real", FAKE: "fake"}


def trained_parts(classes: Classes, config: RunConfig) -> tuple[str, ...]:
    """What these classes can train: of `visual`, `audio`, `video`, `matching`.

    A verdict is trained where both of its classes occur. The matching loss needs real videos,
    whose frames and audio belong together, and pairs to compare them with: fake videos, or other
    videos of the batch.
    """
    losses = config.losses
    visual = losses.visual and classes.visual == BOTH
    audio = losses.audio and classes.audio == BOTH
    if losses.video:
        video = classes.video == BOTH
    else:
        # The verdict of a detector with a single branch is the video's too.
        video = config.model.branches != "both" and (visual or audio)
    # The frames of one video with the audio of another one are a mismatched pair, too.
    mismatched_pairs = FAKE in classes.video or config.data.batch_size > 1
    matching = losses.matching and REAL in classes.video and mismatched_pairs
    parts = {
        "visual": visual,
        "audio": audio,
        "video": video,
        "matching": matching,
    }
    return tuple(name for name, trained in parts.items() if trained)


def untrained_notes(
    classes: Classes, config: RunConfig, trained: Sequence[str]
) -> tuple[str, ...]:
    """A sentence for each verdict whose loss is on and that these classes cannot train.

    Raises:
        SettingsError: no verdict is left to train.
    """
    wanted = active_losses(config.losses)
    notes = []
    for verdict in REPORT_ORDER:
        if verdict not in wanted or verdict in trained:
            continue
        missing = [_CLASS_NAMES[label] for label in sorted(BOTH - classes[verdict])]
        notes.append(
            f"the {verdict} verdict is not trained: no training video{_WITH_AUDIO[verdict]} is "
            f"known to be {' and none '.join(missing)} by the {_LABEL_NAMES[verdict]}; its loss is "
            "left out "
            "and nothing is reported for it"
        )
    # Matching alone gives distances, but no verdict.
    if not set(trained) - {"matching"}:
        reasons = [note.partition(";")[0].removeprefix("the ") for note in notes]
        raise SettingsError(
            f"these training videos cannot train any verdict: {'; '.join(reasons)}; "
            "train on videos that are labelled real and fake"
        )
    return tuple(notes)


def active_losses(losses: LossSettings) -> tuple[str, ...]:
    """Names of the losses that are on: of `visual`, `audio`, `video`, `matching`."""
    active = {
        "visual": losses.visual,
        "audio": losses.audio,
        "video": losses.video,
        "matching": losses.matching,
    }
    return tuple(name for name, is_on in active.items() if is_on)


def masked_losses(losses: LossSettings, trained: Sequence[str]) -> LossSettings:
    """The losses that are on, without those that nothing can train."""
    return replace(
        losses,
        visual=losses.visual and "visual" in trained,
        audio=losses.audio and "audio" in trained,
        video=losses.video and "video" in trained,
        matching=losses.matching and "matching" in trained,
    )
