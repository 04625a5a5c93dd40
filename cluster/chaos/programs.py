"""What a world is made of: programs that are started again, pictures, ports, files that are whole."""

import json
import os
import socket
import struct
import subprocess
import zlib


class Failure(Exception):
    """Something that the training must not do."""


class Program:
    def __init__(self, name, command, environment, log):
        self.name, self.command, self.environment, self.log_path = name, command, environment, log
        self.process = None
        self.start()

    def start(self):
        # A process group of its own, so that a ^C reaches this program alone.
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()


def drawn_picture(rng, side=256):
    """A PNG of leaves, none of which hides the last."""
    rows = [bytearray(3 * side) for _ in range(side)]
    for _ in range(60):
        colour = bytes(rng.randrange(256) for _ in range(3))
        x, y, w, h = (rng.randrange(side) for _ in range(4))
        for row in rows[y:y + h // 3 + 2]:
            row[3 * x:3 * (x + w // 3 + 2)] = colour * min(w // 3 + 2, side - x)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def is_whole(path):
    with open(path, "rb") as file:
        content = file.read()
    try:
        length = int.from_bytes(content[:8], "little")
        entries = json.loads(content[8:8 + length])
        end = max(entry["data_offsets"][1] for name, entry in entries.items() if name != "__metadata__")
    except (ValueError, KeyError):
        return False
    return len(content) == 8 + length + end


def socket_file(path):
    return (os.lstat(path).st_mode & 0o170000) == 0o140000
