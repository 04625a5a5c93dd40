"""The registry of faults. Each is a generator: it injects, yields once while the fault lasts, mends what must be mended, waits
until the fault has shown in a log, a counter or a file, and returns what it was seen by."""

import os

REGISTRY = {}
# Other faults show in the coordinator's log, so none happens while there is no coordinator.
ALONE = "alone"


def fault(name, *resources, weight=2, needs=None):
    """- resources: what no other fault may touch meanwhile; `needs` says why it is skipped, if it is."""

    def add(function):
        REGISTRY[name] = Fault(name, function, set(resources), weight, needs or (lambda world: None))
        return function

    return add


class Fault:
    def __init__(self, name, function, resources, weight, needs):
        self.name, self.function, self.resources = name, function, resources
        self.weight, self.needs = weight, needs


def mounts(world):
    if world.net:
        return "a process on another host has mounts of its own"
    return None if os.geteuid() == 0 else "needs root"


def compiler(world):
    return None if world.shim else "needs a C compiler"


def plain(world):
    return "needs a round without keys" if world.keys else None


def a_line(world):
    return None if world.line else "its worker is on another host"


def a_net(world):
    return None if world.net else "needs --hosts"


def canaries(world):
    return "canaries are encrypted in a round with keys" if world.keys else None


def curve(world):
    return None if not world.keys or world.python_with_zmq else "needs python3-zmq"


def more(world, name, text):
    """A condition: a program's log has this text once more than now."""
    before = world.log(name).count(text)
    return lambda: world.log(name).count(text) > before
