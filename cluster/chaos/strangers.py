"""Those who do harm to a service: strangers, who only reach its port, and insiders, who know what a worker says.

As a program: strangers.py KIND HOST PORT SEED [MATERIAL...] does harm once and prints what came of it, one line. MATERIAL are
files with messages that a worker sent.
"""

import os
import random
import struct
import sys
import time

from wire import (
    body_kind, connected, dealer, fields, frame, greeting, message, PING, read_frame, renamed, reset, worker_name)


def flood(host, port, rng):
    """Messages that nobody asked for, a PING, and a reset before anything is read."""
    burst = frame(rng.randbytes(20)) * 500
    for _ in range(10):
        try:
            line = dealer(host, port)
            for _ in range(10):
                line.sendall(burst)
            line.sendall(PING)
            reset(line)
        except OSError:
            pass
    return "10 connections of 5,000 messages and a reset"


def endless(host, port, rng):
    """One message that never ends."""
    line = dealer(host, port)
    part = frame(bytes(1 << 20), more=True)
    for count in range(1024):
        try:
            line.sendall(part)
        except OSError:
            return f"cut after {count} MiB of a message without end"
    raise SystemExit("a message of 1 GiB without end was taken")


def silent(host, port, rng):
    lines = [connected(host, port) for _ in range(200)]
    for line in lines[::2]:
        line.sendall(greeting()[:rng.randrange(1, 64)])
    time.sleep(0.5)
    for line in lines:
        line.close()
    return "200 connections that say nothing, or half a greeting"


def garbage(host, port, rng):
    for _ in range(50):
        try:
            line = connected(host, port)
            line.sendall(rng.randbytes(rng.randrange(1, 5000)))
            line.close()
        except OSError:
            pass
    return "50 connections of random bytes"


def huge(host, port, rng):
    for size in (1 << 33, 1 << 62, (1 << 64) - 1):
        line = dealer(host, port)
        line.sendall(bytes([2]) + struct.pack(">Q", size) + bytes(100))
        reset(line)
    return "frames that claim 8 GiB and more"


def deaf(host, port, rng):
    """Asks for answers and reads none."""
    line = dealer(host, port)
    try:
        for _ in range(2000):
            line.sendall(frame(bytes([8, 1, 34, 0])))
    except OSError:
        pass
    time.sleep(0.5)
    reset(line)
    return "2,000 messages whose answers are not read"


# ---- insiders: they know what a worker says, and with keys they have a worker's ----


class Talk:
    """A conversation with the coordinator, encrypted where CHAOS_KEYS names a cluster's folder of keys."""

    def __init__(self, host, port):
        self.keys = os.environ.get("CHAOS_KEYS")
        if not self.keys:
            self.line = dealer(host, port)
            return
        import zmq

        self.line = zmq.Context.instance().socket(zmq.DEALER)
        self.line.curve_secretkey, self.line.curve_publickey = self.key("worker.key"), self.key("worker.pub")
        self.line.curve_serverkey = self.key("coordinator.pub")
        self.line.linger, self.line.rcvtimeo, self.line.sndtimeo = 500, 10000, 10000
        self.line.connect(f"tcp://{host}:{port}")

    def key(self, name):
        with open(os.path.join(self.keys, name), "rb") as file:
            return file.read().strip()

    def say(self, body):
        self.line.send(body) if self.keys else self.line.sendall(frame(body))

    def hear(self):
        """The number of the next message's body; None where nothing comes."""
        try:
            return body_kind(self.line.recv() if self.keys else read_frame(self.line)[2])
        except Exception:
            return None

    def close(self):
        self.line.close()


def mutants(host, port, rng, registration):
    """A true registration with bytes changed."""
    for _ in range(20):
        changed = bytearray(registration)
        for _ in range(rng.randrange(1, 5)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        talk = Talk(host, port)
        talk.say(bytes(changed))
        talk.close()
    return "20 damaged registrations"


def namesake(host, port, rng, registration):
    """An honest worker's name, with another secret."""
    name = worker_name(registration)
    talk = Talk(host, port)
    talk.say(renamed(registration, name.encode(), rng.randbytes(8).hex().encode()))
    answer = talk.hear()
    talk.close()
    if not talk.keys and answer != 7:
        raise SystemExit(f"the name of a worker that is there was given to another: message {answer}")
    # With keys a name belongs to the key, and an insider has the same one.
    return f"asked for the name {name}, {'turned away' if answer == 7 else f'answered with message {answer}'}"


def wrong_canary(host, port, rng, registration):
    talk = Talk(host, port)
    talk.say(renamed(registration, stranger_name(rng), b"x"))
    talk.hear()
    talk.say(message([fields(registration)[0], (3, 2, message([(1, 1, rng.randbytes(8))]))]))
    answer = talk.hear()
    talk.close()
    if answer != 7:
        raise SystemExit(f"a wrong canary was answered with message {answer}")
    return "a wrong canary, turned away"


def chatter(host, port, rng, registration):
    """Heartbeats about tasks that it does not have, with progress that there cannot be."""
    talk = Talk(host, port)
    talk.say(renamed(registration, stranger_name(rng), b"x"))
    version = fields(registration)[0]
    for number in range(5000):
        task = message([(1, 0, 1), (2, 0, rng.randrange(1000)), (3, 0, rng.randrange(4))])
        work = message([(1, 2, task), (2, 0, number)])
        try:
            talk.say(message([version, (4, 2, message([(1, 2, work)]))]))
        except OSError:
            return f"cut after {number} heartbeats"
    talk.close()
    return "5,000 heartbeats of tasks that it has not"


def taker(host, port, rng, registration, canary):
    """Passes with a recorded canary, takes tasks, computes none and answers with random bytes."""
    talk = Talk(host, port)
    talk.say(renamed(registration, stranger_name(rng), b"x"))
    talk.hear()
    talk.say(canary)
    taken = sum(talk.hear() == 4 for _ in range(3))
    talk.say(rng.randbytes(1000))
    talk.close()
    return f"took {taken} tasks, answered with random bytes and left"


def stranger_name(rng):
    return b"stranger-" + rng.randbytes(4).hex().encode()


def http_garbage(host, port, rng):
    lines = [
        rng.randbytes(2000), b"GET / HTTP/9.9\r\n\r\n", b"POST /api/v1/estimate HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: image/png\r\nContent-Length: 100\r\n\r\n" + rng.randbytes(100),
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000,
        b"POST /api/v1/estimate HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"GET /api/v1/runs?a=1&a=2 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ]
    for _ in range(20):
        try:
            line = connected(host, port)
            line.sendall(rng.choice(lines))
            line.settimeout(0.3)
            line.recv(4096)
            line.close()
        except OSError:
            pass
    return "20 requests that are none"


def http_slow(host, port, rng):
    lines = []
    for _ in range(64):
        try:
            line = connected(host, port)
            line.sendall(b"POST /api/v1/estimate HTTP/1.1\r\nHost: localhost\r\nContent-Le"[:rng.randrange(1, 60)])
            lines.append(line)
        except OSError:
            pass
    time.sleep(0.5)
    for line in lines:
        line.close()
    return f"{len(lines)} requests that do not go on"


def crowd(host, port, rng):
    """More connections than the server may open files, from several addresses, held while it counts its threads."""
    lines = []
    for number in range(600):
        try:
            lines.append(connected(host, port, source=f"127.0.0.{2 + number % 4}"))
        except OSError:
            pass
    time.sleep(2)
    for line in lines:
        line.close()
    return f"{len(lines)} connections at once"


STRANGERS = [flood, endless, silent, garbage, huge, deaf]
# And how much of what a worker said they know: its registration, its canary.
INSIDERS = {mutants: 1, namesake: 1, wrong_canary: 1, chatter: 1, taker: 2}


def main(kind, host, port, seed, *material):
    contents = []
    for path in material:
        with open(path, "rb") as file:
            contents.append(file.read())
    print(globals()[kind](host, int(port), random.Random(int(seed)), *contents), flush=True)


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    main(*sys.argv[1:])
