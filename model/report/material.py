"""What a report shows beside the scores and their figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from avdf.cache.core.file_facts import FileFacts
from avdf.model.evaluation.two_detectors import TwoDetectors
from avdf.model.likelihood.ratio_model import RatioModel
from avdf.model.report.evidence import EvidenceOf
from avdf.model.report.peer_origin import PeerOrigin
from avdf.model.verdicts import PerVerdict


def no_evidence(_video_id: str) -> None:
    """The evidence of videos that nobody can look at."""


@dataclass(frozen=True)
class ReportMaterial:
    """What the report shows beside the scores.

    title        heading of the page
    command      the command line that was typed; '' from Python
    evidence_of  gives the crops and the audio of a video by its id; None where there are none
    facts        facts about the media files, by the id of the video
    ratios       what gave the likelihood ratios of another detector; None where it has none
    compared     the same scores beside those of a second detector; None where there is none
    peer         the detector of others that was run; None where a run was, or only scores are there
    """

    title: str
    command: str = ""
    evidence_of: EvidenceOf = no_evidence
    facts: Mapping[str, FileFacts] = field(default_factory=dict)
    ratios: PerVerdict[RatioModel | None] | None = None
    compared: TwoDetectors | None = None
    peer: PeerOrigin | None = None
