"""The rows of the paper's Tables 4 and 5, and one more run, each as the settings that make it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ablation:
    """One row: its name in the tables, and what differs from the full method."""

    name: str
    title: str
    settings: tuple[str, ...] = ()


FULL = Ablation("full", "Ours")
TABLE_4 = (
    Ablation("audio-branch", "audio branch alone", ("model.branches=audio",)),
    Ablation("visual-branch", "visual branch alone", ("model.branches=visual",)),
    Ablation(
        "no-matching", "both branches, w/o L_CMFM", ("training.matching_loss=false",)
    ),
    FULL,
)
TABLE_5 = (
    FULL,
    Ablation("no-audio-loss", "w/o L_a", ("training.audio_loss=false",)),
    Ablation("no-visual-loss", "w/o L_v", ("training.visual_loss=false",)),
    Ablation("replacing", "VPT-replacing", ("model.visual_prompt_mode=replace",)),
    Ablation("segment-level", "segment-level loss", ("training.level=segment",)),
)
# Not in the paper: Figure 3 shows it beside the paper's two losses.
INFONCE = Ablation(
    "infonce",
    "InfoNCE with the class token",
    ("training.matching=infonce", "model.align_from=class"),
)
ABLATIONS = {row.name: row for row in (*TABLE_4, *TABLE_5)}
