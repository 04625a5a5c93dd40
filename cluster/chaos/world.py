"""A small training with its workers, servers and pictures, as faults find it: starts the programs, waits for conditions, keeps
an eye on memory, descriptors and programs that end by themselves."""

import glob
import mmap
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import uuid

import line as lines
from programs import Failure, Program, drawn_picture, free_port, socket_file
from watch import Watch

MARK = "METAKERNELGAN_CHAOS"
ROLE = "METAKERNELGAN_CHAOS_ROLE"
HERE = os.path.dirname(os.path.abspath(__file__))


class World(Watch):
    """`variant` is "plain", "keys" (encrypted, every key known), or "hosts" (encrypted, and the coordinator and both workers
    on hosts of their own, network namespaces)."""

    def __init__(self, program, folder, seed, variant):
        self.program, self.folder, self.seed = program, folder, seed
        self.net = f"chaos-{os.getpid()}" if variant == "hosts" else None
        self.mark = uuid.uuid4().hex
        self.programs, self.expected = {}, set()
        self.peak, self.sampled = {}, 0.0
        for name in ("pictures", "tmp", "inbox", "runs/mine"):
            os.makedirs(os.path.join(folder, name))
        rng = random.Random(seed)
        for number in range(4):
            with open(self.at(f"pictures/{number}.png"), "wb") as file:
                file.write(drawn_picture(rng))
        self.picture = drawn_picture(rng, 64)
        self.run = self.at("runs/mine")
        self.port, self.publisher, self.http, self.estimator = (free_port() for _ in range(4))
        self.keys = self.at("keys") if variant != "plain" else None
        if self.keys:
            subprocess.run([program, "keygen", "--cluster", self.keys], check=True, stdout=subprocess.DEVNULL)
        self.shim, self.numbers = self.built_shim()
        self.address, self.line = "127.0.0.1", None
        if self.net:
            self.address = self.hosts("up", "3").split()[0]
        else:
            self.line = lines.Line((self.address, self.port), "127.0.0.2", seed)

    def at(self, name):
        return os.path.join(self.folder, name)

    def hosts(self, *words):
        """cluster/netns/hosts, on this world's network."""
        words = [os.path.join(HERE, "../netns/hosts"), self.net, *words]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    def on(self, host):
        """The words that run a command on a host."""
        return [os.path.join(HERE, "../netns/hosts"), self.net, "run", str(host)] if self.net else []

    # ---- programs ----

    def environment(self, role, **more):
        own = {MARK: self.mark, ROLE: role, "TMPDIR": self.at("tmp"), "SWIFT_BACKTRACE": "enable=no"}
        return {**os.environ, **own, **more}

    def built_shim(self):
        """The shim and its numbers, where there is a C compiler; None otherwise."""
        if not shutil.which("cc"):
            return None, None
        library, numbers = self.at("shim.so"), self.at("shim.numbers")
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O1", "-o", library, os.path.join(HERE, "shim.c"), "-ldl"], check=True)
        with open(numbers, "wb") as file:
            file.write(bytes(16))
        with open(numbers, "r+b") as file:
            return library, mmap.mmap(file.fileno(), 16)

    def set_numbers(self, clock=0, fsync=0):
        self.numbers[:] = struct.pack("qq", clock, fsync)

    def training(self, command, run, steps):
        settings = [
            "checkpoint-every=1", "keep-last=2", "evaluation-tasks=0", "adaptation-steps=4", "evaluation-interval=4"]
        return [
            self.program, command, "--run", run, "--data", self.at("pictures"), "--steps", str(steps),
            "--task-batch-size", "4", "--seed", str(self.seed), *(word for one in settings for word in ("--set", one))]

    def start(self, name):
        if name in self.programs:
            self.programs[name].start()
            return
        keys = ["--keys", self.keys] if self.keys else []
        coordinator = f"tcp://{self.address}:{self.port}"
        beyond = f"tcp://127.0.0.1:{self.line.port}" if self.line else coordinator
        worker = [self.program, "worker", "--cores", "1", *keys, "--coordinator"]
        shim = {"LD_PRELOAD": self.shim, "CHAOS_SHIM": self.at("shim.numbers")} if self.shim else {}
        commands = {
            "coordinator": self.on(1) + self.training("coordinator", self.run, 1_000_000)
            + ["--verify", "1", "--listen", coordinator, *keys],
            "worker-a": self.on(2) + worker + [coordinator],
            "worker-b": self.on(3) + worker + [beyond],
            # Few files, so that a crowd can take them all.
            "serve": ["sh", "-c", 'ulimit -n 512; exec "$@"', "sh", self.program, "serve",
                      "--runs", self.at("runs"), "--listen", f"tcp://127.0.0.1:{self.publisher}",
                      "--http", f"127.0.0.1:{self.http}", "--jobs", "1"],
            "estimator": [self.program, "estimator", "--listen", f"tcp://127.0.0.1:{self.estimator}",
                          "--watch", self.at("inbox"), "--jobs", "1", "--cache", self.at("cache"),
                          "--from", f"tcp://127.0.0.1:{self.publisher}"],
        }
        more = shim if name == "coordinator" else {}
        self.programs[name] = Program(
            name, commands[name], self.environment(name, **more), self.at(f"{name}.log"))

    def begin(self):
        self.registration = lines.recorded_registration(self.temporary_worker)
        for name in ("coordinator", "serve", "worker-a", "worker-b"):
            self.start(name)
        self.progress()
        self.start("estimator")
        self.wait("both workers", lambda: self.log("coordinator").count("joined") >= 2)
        self.wait("the servers", lambda: self.answers_http() and "tcp://" in self.log("estimator"))
        self.progress()
        self.baseline = {role: len(self.descriptors(role)) for role in ("coordinator", "serve", "estimator")}

    def temporary_worker(self, port):
        command = [self.program, "worker", "--coordinator", f"tcp://127.0.0.1:{port}", "--cores", "1"]
        worker = Program("first", command, self.environment("first"), self.at("first.log"))

        def stop():
            worker.signal(signal.SIGTERM)
            worker.process.wait(60)

        return stop

    def liar(self):
        """A worker in which a bit flips now and then."""
        keys = ["--keys", self.keys] if self.keys else []
        command = [*self.on(3), self.program, "worker", "--cores", "1", *keys, "--coordinator",
                   f"tcp://{self.address}:{self.port}"]
        environment = self.environment("liar", LD_PRELOAD=self.shim, CHAOS_LIAR="1")
        return Program("liar", command, environment, self.at("liar.log"))

    def log(self, name):
        return self.programs[name].log()

    def processes(self, role=None, command=None):
        """Living processes of this world, by the variable in their environment, which children inherit."""
        found = []
        for path in glob.glob("/proc/[0-9]*"):
            try:
                with open(path + "/environ", "rb") as file:
                    words = file.read().split(b"\0")
                with open(path + "/cmdline", "rb") as file:
                    arguments = file.read().split(b"\0")
            except OSError:
                continue
            if f"{MARK}={self.mark}".encode() not in words or not arguments[0]:
                continue
            if role and f"{ROLE}={role}".encode() not in words:
                continue
            if command and (len(arguments) < 2 or arguments[1] != command.encode()):
                continue
            found.append(int(path[6:]))
        return sorted(found)

    def descriptors(self, role):
        try:
            return os.listdir(f"/proc/{self.programs[role].pid}/fd")
        except OSError:
            return []

    # ---- strangers ----

    @property
    def python_with_zmq(self):
        """A Python that speaks CURVE (Debian's python3-zmq); None where there is none."""
        for python in (sys.executable, "/usr/bin/python3"):
            if subprocess.run([python, "-c", "import zmq"], capture_output=True).returncode == 0:
                return python
        return None

    def stranger(self, kind, port, rng, *material):
        """Lets somebody do harm, in a process of its own; returns what came of it."""
        at_coordinator = port == self.port
        python = self.python_with_zmq if material and self.keys else sys.executable
        words = [*(self.on(3) if at_coordinator else []), python, os.path.join(HERE, "strangers.py"), kind.__name__,
                 self.address if at_coordinator else "127.0.0.1", str(port), str(rng.randrange(1 << 30)), *material]
        environment = {**os.environ, **({"CHAOS_KEYS": self.keys} if self.keys else {})}
        done = subprocess.run(words, capture_output=True, text=True, timeout=240, env=environment)
        if done.returncode:
            # Whoever is hung up on has been refused.
            last = (done.stderr.strip().splitlines() or ["nothing"])[-1]
            if not any(sign in last for sign in ("hung up", "reset by peer", "Broken pipe", "timed out")):
                raise Failure(f"a stranger ({kind.__name__}) failed: {last}")
            return f"refused: {last}"
        return done.stdout.strip()

    def insider(self, kind, rng, count):
        """As `stranger`, with what a worker said before: its registration, and its canary."""
        files = []
        recorded = self.line.recorded if self.line and not self.keys else {}
        for number, content in enumerate([recorded.get(2, self.registration), recorded.get(3)][:count]):
            files.append(self.at(f"recorded-{number}"))
            with open(files[-1], "wb") as file:
                file.write(content)
        return self.stranger(kind, self.port, rng, *files)

    # ---- the end ----

    def end(self, name, number, code):
        """Ends a program by a signal, and expects this code."""
        one = self.programs[name]
        self.expected.add(name)
        one.signal(number)
        self.wait(f"{name} to end", lambda: not one.is_running())
        if one.process.returncode != code:
            raise Failure(f"{name} ended with {one.process.returncode} instead of {code}")

    def settle(self):
        """Descriptors are those of the beginning again, but for a few."""
        self.progress()
        for role, before in self.baseline.items():
            self.wait(
                f"{role}'s descriptors to close (now {len(self.descriptors(role))}, at first {before})",
                lambda role=role, before=before: len(self.descriptors(role)) <= before + 24)

    def close(self):
        """Ends all in good order, and expects nothing to be left."""
        self.end("coordinator", signal.SIGTERM, 75)
        for name, code in (("worker-a", 75), ("worker-b", 75), ("serve", 0), ("estimator", 0)):
            self.end(name, signal.SIGTERM, code)
        if self.line:
            self.line.close()
        self.wait("all processes to end", lambda: not self.processes())
        partial = [name for name in glob.glob(self.folder + "/**", recursive=True, include_hidden=True)
                   if "/.partial" in name or os.path.exists(name) and socket_file(name)]
        rest = os.listdir(self.at("tmp")) + partial
        if rest:
            raise Failure(f"left behind: {', '.join(rest)}")

    def abandon(self):
        if self.line:
            self.line.close()
        for process in self.processes():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.net:
            self.hosts("down")

    def reference(self, steps):
        """The checkpoint of a training that nothing disturbs."""
        run = self.at("undisturbed")
        command = self.training("train", run, steps) + ["--workers", "2", "--quiet"]
        subprocess.run(command, env=self.environment("undisturbed"), check=True)
        return f"{run}/checkpoints/step-{steps:09d}.safetensors"
