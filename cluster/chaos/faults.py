"""The registry of faults. Each is a generator: it injects, yields once while the fault lasts, mends what must be mended, waits
until the fault has shown in a log, a counter or a file, and returns what it was seen by."""

import os
import resource
import signal
import subprocess
import sys
import time

import wire
from world import Failure, HERE

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


# ---- processes ----


@fault("kill a computing process", "worker-a", weight=4)
def kill_computing(world, rng):
    seen = more(world, "worker-a", "died of signal 9; starting it again")
    for process in world.processes("worker-a", "compute"):
        os.kill(process, signal.SIGKILL)
    yield
    world.wait("the supervisor to tell", seen)
    return "worker's log: died of signal 9"


@fault("stop a computing process", "worker-a")
def stop_computing(world, rng):
    before = world.log("coordinator")
    victims = world.wait("a computing process", lambda: world.processes("worker-a", "compute"))
    for process in victims:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
        signs = ("not been heard of", "is slow and given to", " lost: ")
        world.wait(
            "its tasks to go elsewhere",
            lambda: any(world.log("coordinator").count(sign) > before.count(sign) for sign in signs))
    finally:
        for process in victims:
            os.kill(process, signal.SIGCONT)
    return "coordinator's log: lost, or slow"


@fault("kill a supervisor", "worker-a")
def kill_supervisor(world, rng):
    world.expected.add("worker-a")
    seen = more(world, "coordinator", "joined")
    world.programs["worker-a"].signal(signal.SIGKILL)
    world.programs["worker-a"].process.wait()
    world.wait("its processes to end with it", lambda: not world.processes("worker-a"))
    yield
    world.start("worker-a")
    world.expected.discard("worker-a")
    world.wait("its successor to join", seen)
    return "coordinator's log: joined"


@fault("end a worker", "worker-a")
def end_worker(world, rng):
    seen = more(world, "coordinator", "joined")
    world.end("worker-a", signal.SIGTERM, 75)
    yield
    world.start("worker-a")
    world.expected.discard("worker-a")
    world.wait("its successor to join", seen)
    return "coordinator's log: joined; exit code 75"


def incarnation(world):
    with open(world.run + "/incarnation") as file:
        return int(file.read())


@fault("kill the coordinator", ALONE, weight=5)
def kill_coordinator(world, rng):
    before = incarnation(world)
    seen = more(world, "coordinator", "resuming after")
    world.expected.add("coordinator")
    time.sleep(rng.random())
    world.programs["coordinator"].signal(signal.SIGKILL)
    world.programs["coordinator"].process.wait()
    if torn := world.torn_checkpoints():
        raise Failure(f"torn by a kill: {', '.join(torn)}")
    yield
    world.start("coordinator")
    world.expected.discard("coordinator")
    world.wait("its successor to resume", seen)
    if incarnation(world) <= before:
        raise Failure("a coordinator took over and kept the incarnation")
    return "coordinator's log: resuming; the run's incarnation"


@fault("stop the coordinator", ALONE)
def stop_coordinator(world, rng):
    world.programs["coordinator"].signal(signal.SIGSTOP)
    updated = world.status().get("updated")
    try:
        yield
        time.sleep(rng.choice([0.5, 3, 11]))
    finally:
        world.programs["coordinator"].signal(signal.SIGCONT)
    world.wait("its status to go on", lambda: world.status().get("updated") != updated)
    return "status.json stood still"


@fault("end the coordinator", ALONE)
def end_coordinator(world, rng):
    seen = more(world, "coordinator", "resuming after")
    told = more(world, "coordinator", "the run was told to stop")
    world.end("coordinator", signal.SIGTERM, 75)
    if not told():
        raise Failure("the coordinator did not say why it ended")
    yield
    world.start("coordinator")
    world.expected.discard("coordinator")
    world.wait("its successor to resume", seen)
    return "coordinator's log: told to stop, resuming; exit code 75"


@fault("kill a server", "serve")
def kill_server(world, rng):
    world.expected.add("serve")
    world.programs["serve"].signal(signal.SIGKILL)
    world.programs["serve"].process.wait()
    yield
    world.start("serve")
    world.expected.discard("serve")
    world.wait("it to serve again", world.answers_http)
    return "connection refused, then /healthz"


@fault("kill the estimator", "estimator", weight=1)
def kill_estimator(world, rng):
    world.expected.add("estimator")
    world.programs["estimator"].signal(signal.SIGKILL)
    world.programs["estimator"].process.wait()
    yield
    seen = more(world, "estimator", "tcp://")
    world.start("estimator")
    world.expected.discard("estimator")
    world.wait("it to listen again", seen)
    return "estimator's log: listening"


# ---- the machine ----


@fault("full disk", "disk", "coordinator", needs=mounts)
def full_disk(world, rng):
    """The folder of checkpoints becomes a file system of its own that is full."""
    yield from bad_checkpoints(world, "size=64k", "No space left on device")
    return "coordinator's log: No space left on device; can be written again"


@fault("read-only disk", "disk", "coordinator", needs=mounts)
def read_only_disk(world, rng):
    yield from bad_checkpoints(world, "ro", "Read-only file system")
    return "coordinator's log: Read-only file system; can be written again"


def bad_checkpoints(world, options, text):
    seen, mended = more(world, "coordinator", text), more(world, "coordinator", "checkpoints can be written again")
    place = world.run + "/checkpoints"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)
    try:
        yield
        world.wait(f"the coordinator to say: {text}", seen)
    finally:
        subprocess.run(["umount", "-l", place], check=True)
    world.wait("checkpoints to be written again", mended)


@fault("slow disk", "disk", "coordinator", "shim", needs=compiler)
def slow_disk(world, rng):
    step = world.step()
    world.set_numbers(fsync=rng.choice([300, 1500]))
    yield
    world.wait("three steps", lambda: world.step() > step + 2)
    world.set_numbers()
    return "fsync took longer; three steps meanwhile"


@fault("clock set forth or back", "coordinator", "shim", "disk", needs=compiler)
def clock_step(world, rng):
    shift = rng.choice([-86400, -3600, 3600, 86400, 10 * 365 * 86400])
    world.set_numbers(clock=shift)
    try:
        yield
        world.wait(
            "the coordinator's clock to have changed",
            lambda: abs(world.status().get("updated", 0) - time.time() - shift) < 600)
        world.progress()
    finally:
        world.set_numbers()
    world.wait("it to be right again", lambda: abs(world.status().get("updated", 0) - time.time()) < 600)
    return f"status.json: {shift} s off"


@fault("few descriptors", "serve")
def few_descriptors(world, rng):
    process = world.programs["serve"].pid
    before = resource.prlimit(process, resource.RLIMIT_NOFILE)
    resource.prlimit(process, resource.RLIMIT_NOFILE, (len(world.descriptors("serve")) + 8, before[1]))
    try:
        yield
        world.stranger(wire.silent, world.http, rng)
    finally:
        resource.prlimit(process, resource.RLIMIT_NOFILE, before)
    world.wait("the server to answer again", world.answers_http)
    return "200 connections at a limit of 8 more files; then /healthz"


@fault("little memory", "worker-a", weight=1)
def little_memory(world, rng):
    """The address space of a computing process may not grow: it goes on, or it dies and is started again."""
    victims = world.wait("a computing process", lambda: world.processes("worker-a", "compute"))
    step = world.step()
    died = [more(world, "worker-a", sign) for sign in ("died of signal", "ended with code")]
    for process in victims:
        try:
            with open(f"/proc/{process}/statm") as file:
                size = int(file.read().split()[0]) * resource.getpagesize()
            resource.prlimit(process, resource.RLIMIT_AS, (size, resource.RLIM_INFINITY))
        except OSError:
            pass
    yield
    world.wait("it to die, or three steps", lambda: any(sign() for sign in died) or world.step() > step + 2)
    for process in world.processes("worker-a", "compute"):
        resource.prlimit(process, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return "started again" if any(sign() for sign in died) else "no effect in three steps"


# ---- the network ----


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
    world.line.repeats = 6
    yield
    world.wait("six frames to be repeated", lambda: world.line.done["repeats"] >= wanted)
    return yield_signs(world, before, "six frames sent twice")


@fault("flipped bits on the way", "line", "worker-b", weight=3, needs=a_line)
def flipped_bits(world, rng):
    flips = {"up": rng.randrange(1, 3), "down": rng.randrange(1, 3)}
    count, before = sum(flips.values()), signs(world)
    wanted = world.line.done["flips"] + count
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


# ---- strangers and insiders ----


def make_strangers():
    for stranger in wire.STRANGERS:
        for target in ("port", "publisher", "estimator"):

            def harm(world, rng, stranger=stranger, target=target):
                said = world.stranger(stranger, getattr(world, target), rng)
                yield
                return said

            place = {"port": "coordinator", "publisher": "serve", "estimator": "estimator"}[target]
            shakes_hands = stranger in (wire.endless, wire.huge, wire.flood, wire.deaf)
            skip = plain if shakes_hands and target == "port" else None
            fault(f"stranger at the {place}: {stranger.__name__}", place, weight=1, needs=skip)(harm)
    for stranger in (wire.http_garbage, wire.http_slow):

        def harm(world, rng, stranger=stranger):
            said = world.stranger(stranger, world.http, rng)
            yield
            world.wait("the server to answer", world.answers_http)
            return said

        fault(f"stranger over HTTP: {stranger.__name__[5:]}", "serve")(harm)
    for insider, count in wire.INSIDERS.items():

        def harm(world, rng, insider=insider, count=count):
            if count == 2:
                world.wait("a canary to be recorded", lambda: 3 in world.line.recorded)
            if insider is wire.namesake and world.line:
                world.wait("the worker of that name to be there", world.worker_b_is_there)
            said = world.insider(insider, rng, count)
            yield
            return said

        fault(f"insider: {insider.__name__}", "coordinator", weight=2, needs=canaries if count == 2 else curve)(harm)


make_strangers()


@fault("a bit flips in a worker's results", "liar", "coordinator", "line", "disk", weight=1, needs=compiler)
def lying_worker(world, rng):
    seen = more(world, "coordinator", " quarantined: ")
    liar = world.liar()
    try:
        yield
        world.wait("it to be found out", seen)
    finally:
        liar.signal(signal.SIGTERM)
        liar.process.wait(60)
    return "coordinator's log: quarantined"


# ---- pictures ----


@fault("pictures vanish", ALONE, weight=1)
def vanished_pictures(world, rng):
    """A run that is resumed without one of its pictures refuses, and goes on with it."""
    world.end("coordinator", signal.SIGTERM, 75)
    place = world.at(f"pictures/{rng.randrange(4)}.png")
    os.rename(place, place + ".gone")
    one = world.programs["coordinator"]
    one.start()
    try:
        world.wait("the coordinator to refuse", lambda: not one.is_running())
    finally:
        os.rename(place + ".gone", place)
    if one.process.returncode != 78:
        raise Failure(f"a run without one of its pictures ended with {one.process.returncode}")
    yield
    seen = more(world, "coordinator", "resuming after")
    world.start("coordinator")
    world.expected.discard("coordinator")
    world.wait("it to resume", seen)
    return "exit code 78; then resuming"


@fault("a picture and a damaged one for the estimator", "estimator")
def pictures_in(world, rng):
    name = f"{rng.randrange(1 << 30)}.png"
    for folder, content in (("", world.picture), ("bad-", world.picture[:rng.randrange(8, 400)])):
        with open(world.at(f"inbox/{folder}{name}"), "wb") as file:
            file.write(content)
    yield
    world.wait("the picture to be done", lambda: os.path.exists(world.at(f"inbox/done/{name}")))
    world.wait("the damaged one to be set aside", lambda: os.path.exists(world.at(f"inbox/failed/bad-{name}")))
    return "inbox: done and failed"
