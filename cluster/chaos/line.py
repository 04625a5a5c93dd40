"""A line between a worker and its coordinator on which everything can go wrong: it breaks, stands still, repeats frames and
changes bits. What passes over it from the worker is kept, for those who replay it."""

import random
import socket
import threading
import time

import wire


class Line:
    """Listens on a port of its own and connects onward from an address of its own, so that the coordinator sees another
    host: on loopback every 127.x.y.z is one."""

    def __init__(self, target, source, seed):
        self.target, self.source = target, source
        self.rng = random.Random(seed)
        self.lock = threading.Lock()
        self.pairs = []
        self.still = False
        # Frames that are yet to be repeated, and bits to be changed, by direction.
        self.repeats = 0
        self.flips = {"up": 0, "down": 0}
        self.recorded = {}
        self.done = {"repeats": 0, "flips": 0}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.join, args=[near], daemon=True).start()

    def join(self, near):
        try:
            far = socket.create_connection(self.target, timeout=5, source_address=(self.source, 0))
            far.settimeout(None)
        except OSError:
            near.close()
            return
        with self.lock:
            self.pairs.append((near, far))
        for way in (("up", near, far), ("down", far, near)):
            threading.Thread(target=self.carry, args=way, daemon=True).start()

    def carry(self, direction, one, other):
        try:
            self.pass_greeting(one, other)
            while True:
                flags, head, body = wire.read_frame(one)
                while self.still:
                    time.sleep(0.05)
                other.sendall(self.treated(direction, flags, head, body))
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    @staticmethod
    def pass_greeting(one, other):
        """64 bytes, in the pieces that they come in: each end waits for the other's first ones."""
        rest = 64
        while rest:
            part = one.recv(rest)
            if not part:
                raise ConnectionError("hung up")
            other.sendall(part)
            rest -= len(part)

    def treated(self, direction, flags, head, body):
        whole = head + body
        if flags & 4:
            return whole
        with self.lock:
            if direction == "up":
                kind = wire.body_kind(body)
                if kind in (2, 3, 5):
                    self.recorded[kind] = body
                if self.repeats:
                    self.repeats -= 1
                    self.done["repeats"] += 1
                    whole += whole
            if self.flips[direction] and len(body) > 1000:
                self.flips[direction] -= 1
                self.done["flips"] += 1
                at = self.rng.randrange(len(body))
                changed = bytearray(body)
                changed[at] ^= 1 << self.rng.randrange(8)
                whole = head + bytes(changed)
        return whole

    def cut(self):
        with self.lock:
            pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for end in pair:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        self.listener.close()
        self.cut()


def recorded_registration(start_worker):
    """What a worker says first: taken down by a coordinator that only listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(120)
        stop = start_worker(listener.getsockname()[1])
        try:
            line, _ = listener.accept()
            with line:
                line.settimeout(120)
                line.sendall(wire.greeting(server=True))
                wire.exactly(line, 64)
                line.sendall(wire.ready(b"ROUTER"))
                while True:
                    flags, _, body = wire.read_frame(line)
                    if not flags & 4 and wire.body_kind(body) == 2:
                        return body
        finally:
            stop()
