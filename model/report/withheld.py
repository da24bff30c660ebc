"""A sentence on the videos that have no verdict, for the report and for what is printed."""

from collections import Counter

from avdf.cache.core.counted import counted
from avdf.model.inference.decision import Judgement
from avdf.model.scoring.rows import ScoredVideos


def withheld_note(scores: ScoredVideos, judgement: Judgement) -> str:
    """On how many videos there is no verdict, and why; '' where no verdict is withheld."""
    all_reasons = [judgement.withheld(video.info.synthetic) for video in scores.scored]
    reasons = Counter(why for why in all_reasons if why)
    if not reasons:
        return ""
    # A video that could not be scored has no verdict either: whoever counts must find all of them.
    unscored = len(scores.videos) - len(scores.scored)
    without = reasons.total() + unscored
    of_all = f"{without} of {counted(len(scores.videos), 'video')}"
    sentences = [f"No verdict was given for {of_all}."]
    if unscored:
        sentences.append(f"{unscored} could not be scored: the status says why.")
    for why, count in reasons.items():
        was = "was" if count == 1 else "were"
        sentences.append(f"{count} {was} scored, but {why}.")
    sentences.append("These probabilities must not be used as verdicts.")
    return " ".join(sentences)
