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
# A silent video trains the verdict on the frames alone, sound alone that on the audio.
_HAVING = PerVerdict(video=" with picture and sound", visual="", audio=" with sound")
_UNTRAINED_WITHOUT = {"picture": ("visual", "video"), "sound": ("audio", "video")}
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
    classes: Classes, config: RunConfig, trained: Sequence[str], missing: str = ""
) -> tuple[str, ...]:
    """A sentence for each verdict whose loss is on and that these classes cannot train.

    Args:
        missing: `picture` or `sound` where no training video has that: one sentence says so.

    Raises:
        SettingsError: no verdict is left to train.
    """
    wanted = active_losses(config.losses)
    notes = []
    # What a video does not have can train neither its own verdict nor that on the whole video.
    explained = _UNTRAINED_WITHOUT.get(missing, ())
    if set(explained) & set(wanted):
        notes.append(_missing_note(missing, config))
    for verdict in REPORT_ORDER:
        if verdict not in wanted or verdict in trained or verdict in explained:
            continue
        lacking = [_CLASS_NAMES[label] for label in sorted(BOTH - classes[verdict])]
        notes.append(
            f"the {verdict} verdict is not trained: no training video{_HAVING[verdict]} is "
            f"known to be {' and none '.join(lacking)} by the {_LABEL_NAMES[verdict]}; its loss is "
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


def _missing_note(missing: str, config: RunConfig) -> str:
    """What training videos without a picture, or without sound, leave untrained.

    Raises:
        SettingsError: the detector has only the branch that would need it.
    """
    nobody = f"no training video has {'sound' if missing == 'sound' else 'a picture'}"
    other = "audio" if missing == "picture" else "visual"
    if config.model.branches not in ("both", other):
        raise SettingsError(
            f"{nobody}, and model.branches={config.model.branches} needs it: "
            f"use model.branches={other}"
        )
    untrained = " and the ".join(_UNTRAINED_WITHOUT[missing])
    return (
        f"{nobody}: the {untrained} verdict are not trained; model.branches={other} trains the "
        f"{other} branch alone, which is faster"
    )


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
