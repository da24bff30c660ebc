"""Evaluation protocols as data: which videos train, validate and test, as pure functions with a hash."""

from avdf.model.protocols.assignment import Assignment
from avdf.model.protocols.registry import PROTOCOLS, Protocol, assign, check_protocol

__all__ = ["PROTOCOLS", "Assignment", "Protocol", "assign", "check_protocol"]
