"""All faults, by name."""

from . import hostile, machine, network, processes
from .registry import ALONE, REGISTRY

__all__ = ["ALONE", "REGISTRY", "hostile", "machine", "network", "processes"]
