"""A client of the broker that knows lib/wire.h and nothing else, so that it can say what no library would."""

import errno
import os
import socket
import struct
import sys

READ, WRITE, APPEND, CREATE, PASS = 1, 2, 4, 8, 256
FILE, TREE, CONNECT, LISTEN = range(4)
(HELLO, LIST, FIND, OPEN, CHANGE, SOCKET, DERIVE, DROP, REVOKE, TICKET, CLAIM, CLIENT, REQUEST) = range(1, 14)
WELCOME, LISTED, HANDLE, DONE, REFUSED = range(64, 69)
EXCLUSIVE, TRUNCATE, DIRECTORY, NOFOLLOW, NONBLOCK = 1, 2, 4, 8, 16
MKDIR, UNLINK, RMDIR, RENAME = range(1, 5)
REVOCABLE, SPENT = 1, 2
HEAD = struct.Struct("=IIII")


def pack(kind, body=b"", serial=7, version=1, size=None):
    return HEAD.pack(version, kind, serial, 16 + len(body) if size is None else size) + body


class Closed(Exception):
    pass


class Refused(Exception):
    def __init__(self, code, words):
        super().__init__(words)
        self.code, self.words = code, words


class Client:
    def __init__(self, fd=None, greet=True):
        self.socket = socket.socket(fileno=int(os.environ["ENDOW_FD"]) if fd is None else fd)
        self.socket.settimeout(40)
        if greet:
            self.call(HELLO, bytes(8))

    def send(self, packet, fds=()):
        if fds:
            socket.send_fds(self.socket, [packet], list(fds))
        else:
            self.socket.send(packet)

    def receive(self):
        """Type, body, descriptors."""
        try:
            data, fds, _, _ = socket.recv_fds(self.socket, 4097, 8)
        except ConnectionResetError:
            raise Closed from None
        if not data:
            raise Closed
        version, kind, serial, size = HEAD.unpack_from(data)
        if version != 1 or size != len(data) or serial != 7:
            raise AssertionError(f"a reply of version {version}, size {size} of {len(data)}, serial {serial}")
        return kind, data[16:], fds

    def call(self, kind, body=b"", fds=()):
        try:
            self.send(pack(kind, body), fds)
        except BrokenPipeError:
            raise Closed from None
        kind, body, fds = self.receive()
        if kind != REFUSED:
            return kind, body, fds
        code, length = struct.unpack_from("=iI", body)
        if length == 0 or len(body) != 8 + length or fds:
            raise AssertionError("a refusal without words")
        raise Refused(-code, body[8:].decode(errors="replace"))

    def is_closed(self):
        self.socket.settimeout(5)
        try:
            while self.socket.recv(4096):
                pass
        except ConnectionResetError:
            pass
        except TimeoutError:
            return False
        return True

    def close(self):
        self.socket.close()

    def list(self):
        entries, at, more = [], 0, 1
        while more:
            kind, body, _ = self.call(LIST, struct.pack("=Q", at))
            count, more = struct.unpack_from("=II", body)
            for i in range(count):
                e = struct.unpack_from("=QQQQIIIII68s", body, 8 + 120 * i)
                entries.append(dict(zip(("handle", "parent", "left_ms", "uses", "kind", "rights", "times_left", "flags", "line"), e)))
                entries[-1]["name"] = e[9].rstrip(b"\0").decode()
                at = e[0] + 1
        return entries

    def find(self, name):
        _, body, _ = self.call(FIND, struct.pack("=II", len(name), 0) + name.encode())
        return struct.unpack("=Q", body)[0]

    def open(self, handle, path="", rights=READ, flags=0, mode=None):
        path = os.fsencode(path)
        mode = mode if mode is not None else 0o666 if rights & CREATE else 0
        _, _, fds = self.call(OPEN, struct.pack("=QIIII", handle, rights, flags, mode, len(path)) + path)
        assert len(fds) == 1
        return fds[0]

    def read(self, handle, path=""):
        with os.fdopen(self.open(handle, path), "rb") as f:
            return f.read()

    def change(self, handle, what, first, second="", mode=0):
        first, second = os.fsencode(first), os.fsencode(second)
        body = struct.pack("=QIIII", handle, what, mode, len(first), len(second)) + first + second
        assert self.call(CHANGE, body)[0] == DONE

    def connect(self, handle):
        _, _, fds = self.call(SOCKET, struct.pack("=QII", handle, 0, 0))
        assert len(fds) == 1
        return socket.socket(fileno=fds[0])

    def derive(self, handle, rights, name="derived", path="", flags=0, until_ms=0, times=0):
        name, path = name.encode(), os.fsencode(path)
        body = struct.pack("=QIIQIIII", handle, rights, flags, until_ms, times, len(name), len(path), 0) + name + path
        return struct.unpack("=Q", self.call(DERIVE, body)[1])[0]

    def drop(self, handle):
        self.call(DROP, struct.pack("=Q", handle))

    def revoke(self, handle):
        self.call(REVOKE, struct.pack("=Q", handle))

    def ticket(self, handle):
        _, _, fds = self.call(TICKET, struct.pack("=Q", handle))
        return fds[0]

    def claim(self, fd):
        return struct.unpack("=Q", self.call(CLAIM, bytes(8), [fd])[1])[0]

    def client(self, *handles, greet=True):
        body = struct.pack("=II64Q", len(handles), 0, *handles, *[0] * (64 - len(handles)))
        _, _, fds = self.call(CLIENT, body)
        return Client(fds[0], greet)


def ok(name):
    print(f"ok {name}", flush=True)


def not_ok(name, why):
    print(f"not ok {name}: {why}", flush=True)


def is_true(name, truth, why=""):
    ok(name) if truth else not_ok(name, why or "it is not so")


def same(name, want, got):
    is_true(name, want == got, f"wanted {want!r}, got {got!r}")


def refuses(name, code, call, *args, **more):
    try:
        got = call(*args, **more)
        not_ok(name, f"wanted {errno.errorcode[code]}, got {got!r}")
    except Refused as r:
        is_true(name, r.code == code, f"wanted {errno.errorcode[code]}, got {errno.errorcode.get(r.code, r.code)}: {r.words}")


def ask_outside(what):
    """The test outside of the sandbox answers with a line."""
    print(f"? {what}", flush=True)
    return sys.stdin.readline().strip()
