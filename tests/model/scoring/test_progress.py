"""What scoring reports of its progress."""

from dataclasses import replace
from pathlib import Path

from avdf.model.runs.loaded import load_run
from avdf.model.scoring.scorer import score_shards


def test_progress_counts_segments_one_by_one(run: Path, shards: Path) -> None:
    """With one segment a batch, each is reported once, in order."""
    loaded = load_run(run, device="cpu")
    config = loaded.info.config
    data = replace(config.data, batch_size=1)
    info = replace(loaded.info, config=replace(config, data=data))
    reported: list[int] = []
    scores = score_shards(
        replace(loaded, info=info),
        shards,
        "test",
        on_progress=lambda done, _: reported.append(done),
    )
    assert reported == list(range(1, len(scores.segments) + 1))
