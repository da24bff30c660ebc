"""Evaluation protocols: pure functions that assign videos to splits, with a hash of the result."""

from avdf.model.protocols.assignment import Assignment
from avdf.model.protocols.registry import PROTOCOLS, Protocol, assign, check_protocol

__all__ = ["PROTOCOLS", "Assignment", "Protocol", "assign", "check_protocol"]
