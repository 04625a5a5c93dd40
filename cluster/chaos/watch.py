"""How a world stands: its steps, counters and servers; waiting for conditions, and what must hold all the while."""

import glob
import json
import os
import re
import socket
import time

import wire
from programs import Failure, is_whole

MOST_MEMORY = 1 << 30
# Seconds.
PATIENCE = float(os.environ.get("CHAOS_PATIENCE", "300"))


class Watch:
    """The part of a world that looks and changes nothing."""

    def worker_b_is_there(self):
        if self.keys or 2 not in self.line.recorded:
            return bool(self.keys)
        name = wire.worker_name(self.line.recorded[2])
        return any(worker["name"] == name for worker in self.status().get("workers", []))

    def step(self):
        names = glob.glob(glob.escape(self.run) + "/checkpoints/step-*.safetensors")
        return max((int(name[-21:-12]) for name in names), default=-1)

    def torn_checkpoints(self):
        """Checkpoints that do not have as many bytes as their headers say."""
        return [path for path in glob.glob(glob.escape(self.run) + "/checkpoints/step-*.safetensors") if not is_whole(path)]

    def status(self):
        try:
            with open(self.run + "/status.json") as file:
                return json.load(file)
        except (OSError, ValueError):
            return {}

    def faults(self):
        """The counters of the status, those by reason among them."""
        faults = dict(self.status().get("faults") or {})
        return {**faults.pop("refused", {}), **faults}

    def request(self, path):
        try:
            with socket.create_connection(("127.0.0.1", self.http), timeout=20) as one:
                one.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                parts = []
                while part := one.recv(1 << 16):
                    parts.append(part)
                return b"".join(parts).decode(errors="replace")
        except OSError:
            return ""

    def answers_http(self):
        return self.request("/healthz").startswith("HTTP/1.1 200")

    def wait(self, what, condition):
        """The deadline only ends what hangs: nothing that works takes so long, however busy the machine."""
        end = time.monotonic() + PATIENCE
        while True:
            found = condition()
            if found:
                return found
            self.look()
            if time.monotonic() > end:
                raise Failure(f"waited {PATIENCE} s in vain for {what}")
            time.sleep(0.05)

    def progress(self):
        step = self.step()
        self.wait("training to go on", lambda: self.step() > step)

    def look(self):
        """Nothing has ended that was not to, and nothing has grown too large."""
        for name, one in self.programs.items():
            if name not in self.expected and not one.is_running():
                raise Failure(f"{name} ended by itself with {one.process.returncode}")
        if time.monotonic() < self.sampled + 0.5:
            return
        self.sampled = time.monotonic()
        for role in self.programs:
            for process in self.processes(role):
                try:
                    with open(f"/proc/{process}/status") as file:
                        memory = re.search(r"VmRSS:\s+(\d+)", file.read())
                except OSError:
                    continue
                self.peak[role] = max(self.peak.get(role, 0), int(memory[1]) * 1024 if memory else 0)
        for role, memory in self.peak.items():
            if memory > MOST_MEMORY:
                raise Failure(f"{role} held {memory >> 20} MiB")
