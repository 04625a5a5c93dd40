"""Lines that break, and what is changed on the way."""

import signal

from .registry import a_line, a_net, fault, more


@fault("partition", "line", "worker-b", needs=a_line)
def partition(world, rng):
    seen = more(world, "coordinator", " lost: ")
    world.line.still = True
    try:
        yield
        world.wait("the coordinator to give the worker up", seen)
    finally:
        world.line.still = False
    return "coordinator's log: lost"


@fault("cut connection", "line", "worker-b", weight=3, needs=a_line)
def cut_connection(world, rng):
    seen = more(world, "coordinator", "joined")
    world.line.cut()
    yield
    world.wait("the worker to join again", seen)
    return "coordinator's log: joined again"


@fault("repeated frames", "line", "worker-b", weight=3, needs=a_line)
def repeated_frames(world, rng):
    wanted, before = world.line.done["repeats"] + 6, signs(world)
    # It may be dismissed for what its line did.
    world.expected.add("worker-b")
    world.line.repeats = 6
    yield
    world.wait("six frames to be repeated", lambda: world.line.done["repeats"] >= wanted)
    return yield_signs(world, before, "six frames sent twice")


@fault("flipped bits on the way", "line", "worker-b", weight=3, needs=a_line)
def flipped_bits(world, rng):
    flips = {"up": rng.randrange(1, 3), "down": rng.randrange(1, 3)}
    count, before = sum(flips.values()), signs(world)
    wanted = world.line.done["flips"] + count
    world.expected.add("worker-b")
    world.line.flips = flips
    yield
    # A worker in quarantine gets no more of them.
    world.wait("bits to flip", lambda: world.line.done["flips"] >= wanted or signs(world) != before)
    world.line.flips = {"up": 0, "down": 0}
    return yield_signs(world, before, f"up to {count} bits")


def signs(world):
    """What tells of a worker that does harm: lines of the log, and counters."""
    log = world.log("coordinator")
    found = {sign: log.count(sign) for sign in ("strike", "quarantined", "lost", "turned away")}
    return {**found, **{name: world.faults().get(name) for name in ("broken", "stale", "late", "duplicate")}}


def yield_signs(world, before, what):
    """Waits for a sign, or for five steps on which it had no effect, and has another worker take the harmful one's place."""
    step = world.step()
    world.wait("a sign of it, or five steps", lambda: signs(world) != before or world.step() > step + 4)
    now = signs(world)
    renew(world, "worker-b")
    return f"{what}; told by: {', '.join(name for name in now if now[name] != before[name]) or 'nothing, no effect'}"


@fault("a host off the network", "worker-b", needs=a_net)
def host_down(world, rng):
    seen = more(world, "coordinator", " lost: ")
    world.hosts("link", "3", "down")
    try:
        yield
        world.wait("the coordinator to give the worker up", seen)
    finally:
        world.hosts("link", "3", "up")
    return "coordinator's log: lost"


@fault("lost packets", "worker-b", weight=3, needs=a_net)
def lost_packets(world, rng):
    host, percent = str(rng.randrange(1, 4)), str(rng.choice([5, 20, 40]))
    world.hosts("loss", host, percent)
    step = world.step()
    try:
        yield
        world.wait("two steps", lambda: world.step() > step + 1)
    finally:
        world.hosts("loss", host, "0")
    return f"{percent} % of what host {host} receives; two steps meanwhile"


@fault("slow network", "worker-b", weight=2, needs=a_net)
def slow_network(world, rng):
    world.hosts("rate", "1", "20mbit")
    step = world.step()
    try:
        yield
        world.wait("two steps", lambda: world.step() > step + 1)
    finally:
        world.hosts("rate", "1", "off")
    return "20 Mbit/s; two steps meanwhile"


def renew(world, name):
    """A worker that may be in quarantine gives way to another, under a new name."""
    seen = more(world, "coordinator", "joined")
    world.expected.add(name)
    world.programs[name].signal(signal.SIGTERM)
    world.wait(f"{name} to end", lambda: not world.programs[name].is_running())
    world.start(name)
    world.expected.discard(name)
    world.wait("its successor to join", seen)
