"""The demo's pairs of picture and sound: both genuine, but some do not belong together."""

from pathlib import Path

from avdf.cache.core.counted import counted
from avdf.events import OnEvent, Progress, Stage
from avdf.pipeline.synthetic import PairOptions, generate_pairs
from avdf.pipeline.synthetic.pairs import MANIFEST

# A person's two takes cost the time. The sound of the other take and moved sound are cut from them
# and cost nothing; another person's sound would be one more take.
KINDS = ("genuine", "other_words", "late_10", "early_5")
PERSONS = 6
# Random numbers of person 0 are those of a person whom a large dataset of the demo has too:
# NumPy gives [seed, 81, 0] and [seed, 81] the same stream.
FIRST_PERSON = 10


def pairs_manifest(root: Path) -> Path:
    """The table of the pairs below `root`. It is written last: where it is, all videos are."""
    return root / MANIFEST


def generate_demo_pairs(
    root: Path,
    seed: int,
    workers: int,
    on_event: OnEvent,
) -> None:
    """Write the pairs of a few persons who are in no other part of the demo, all for the test."""

    def show(done: int, total: int) -> None:
        on_event(Progress("generate pairs", done, total, "persons"))

    options = PairOptions(
        persons=PERSONS,
        first_person=FIRST_PERSON,
        seed=seed,
        kinds=KINDS,
        split="test",
    )
    videos = generate_pairs(root, options, workers, show)
    on_event(
        Stage(
            f"generated {counted(videos, 'video')} of genuine picture and genuine sound, "
            f"which may not belong together: {root}"
        )
    )
