"""ZMTP 3.0 by hand (RFC 23, NULL security), and as much of protobuf as registrations need."""

import socket
import struct

SIGNATURE = b"\xff" + bytes(8) + b"\x7f"
PING = bytes([4, 7, 4]) + b"PING" + bytes(2)


def greeting(server=False):
    return SIGNATURE + bytes([3, 0]) + b"NULL".ljust(20, b"\0") + bytes([server]) + bytes(31)


def ready(kind):
    body = bytes([5]) + b"READY" + bytes([11]) + b"Socket-Type" + struct.pack(">I", len(kind)) + kind
    body += bytes([8]) + b"Identity" + bytes(4)
    return bytes([4, len(body)]) + body


def frame(body, more=False):
    if len(body) < 256:
        return bytes([more, len(body)]) + body
    return bytes([more | 2]) + struct.pack(">Q", len(body)) + body


def exactly(line, count):
    """So many bytes; ConnectionError where the other end hangs up first."""
    parts = []
    while count:
        part = line.recv(min(count, 1 << 16))
        if not part:
            raise ConnectionError("hung up")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def read_frame(line):
    """Flags, head and body of the next frame."""
    flags = exactly(line, 1)
    length = exactly(line, 8 if flags[0] & 2 else 1)
    return flags[0], flags + length, exactly(line, int.from_bytes(length, "big"))


def connected(host, port, seconds=20, source=""):
    line = socket.create_connection((host, port), timeout=seconds, source_address=(source, 0) if source else None)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def dealer(host, port):
    """A connection that has shaken hands."""
    line = connected(host, port)
    line.sendall(greeting())
    exactly(line, 64)
    line.sendall(ready(b"DEALER"))
    read_frame(line)
    return line


def reset(line):
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


# ---- protobuf, as far as registrations need it: a list of (field, wire type, value) ----


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def fields(data):
    at, found = 0, []

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        tag = number()
        if tag & 7 == 2:
            count = number()
            value = data[at:at + count]
            at += count
        elif tag & 7 == 0:
            value = number()
        else:
            count = 8 if tag & 7 == 1 else 4
            value = data[at:at + count]
            at += count
        found.append((tag >> 3, tag & 7, value))
    return found


def message(found):
    out = b""
    for field, kind, value in found:
        out += varint(field << 3 | kind)
        out += varint(value) if kind == 0 else (varint(len(value)) if kind == 2 else b"") + value
    return out


def body_kind(data):
    """The number of a message's body: 2 registration, 3 canary, 5 result; None where it is none."""
    try:
        return next(field for field, kind, _ in fields(data) if field > 1)
    except (IndexError, StopIteration):
        return None


def worker_name(registration):
    return next(value for field, _, value in fields(fields(registration)[-1][2]) if field == 1).decode()


def renamed(registration, name, secret):
    """The registration under another name (field 1) with another secret (field 9)."""
    outer = fields(registration)
    inner = [entry for entry in fields(outer[-1][2]) if entry[0] not in (1, 9)]
    inner += [(1, 2, name), (9, 2, secret)]
    return message(outer[:-1] + [(outer[-1][0], 2, message(inner))])
