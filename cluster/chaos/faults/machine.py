"""A disk, a clock, limits and pictures that fail."""

import os
import resource
import signal
import subprocess
import time

import strangers
from world import Failure

from .registry import ALONE, compiler, fault, more, mounts


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
    """The server may open 512 files, and more connections than that wait for it."""
    said = world.stranger(strangers.crowd, world.http, rng)
    yield
    world.wait("the server to answer again", world.answers_http)
    return f"{said}; then /healthz"


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
