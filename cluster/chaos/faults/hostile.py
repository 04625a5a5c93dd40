"""Strangers and insiders."""

import signal

import strangers

from .registry import canaries, compiler, curve, fault, more, plain


def make_strangers():
    for stranger in strangers.STRANGERS:
        for target in ("port", "publisher", "estimator"):

            def harm(world, rng, stranger=stranger, target=target):
                said = world.stranger(stranger, getattr(world, target), rng)
                yield
                return said

            place = {"port": "coordinator", "publisher": "serve", "estimator": "estimator"}[target]
            shakes_hands = stranger in (strangers.endless, strangers.huge, strangers.flood, strangers.deaf)
            skip = plain if shakes_hands and target == "port" else None
            fault(f"stranger at the {place}: {stranger.__name__}", place, weight=1, needs=skip)(harm)
    for stranger in (strangers.http_garbage, strangers.http_slow):

        def harm(world, rng, stranger=stranger):
            said = world.stranger(stranger, world.http, rng)
            yield
            world.wait("the server to answer", world.answers_http)
            return said

        fault(f"stranger over HTTP: {stranger.__name__[5:]}", "serve")(harm)
    for insider, count in strangers.INSIDERS.items():

        def harm(world, rng, insider=insider, count=count):
            if count == 2:
                world.wait("a canary to be recorded", lambda: 3 in world.line.recorded)
            if insider is strangers.namesake and world.line:
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
