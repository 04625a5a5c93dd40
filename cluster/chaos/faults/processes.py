"""Programs that are killed, stopped, ended."""

import os
import signal
import time

from world import Failure

from .registry import ALONE, fault, more


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
