"""The detector of others that the scores of a report come from."""

from dataclasses import dataclass

from avdf.model.inference.decision import Judgement
from avdf.model.peers.loading import LoadedPeer


@dataclass(frozen=True)
class PeerOrigin:
    """The detector of others that the scores come from, and how its scores were judged."""

    peer: LoadedPeer
    judgement: Judgement
