# What the names of names.sh lead to: a DNS server that writes down what it is asked, and servers that say what they are and write down
# who came. Standard input says which, a line each; "ready" is in FOLDER/ready when all of them listen.
#   names_server.py FOLDER
#   dns NAME=ADDRESS[,ADDRESS]...      on 127.0.0.1:53
#   http|say|udp ADDRESS PORT WORD
#   unix PATH 0 WORD
import http.server
import os
import socket
import struct
import sys
import threading

folder = sys.argv[1]


def note(file, text):
    fd = os.open(f"{folder}/{file}", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    os.write(fd, (text + "\n").encode())
    os.close(fd)


def bound(kind, address, port):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, port))
    return s


def serve_dns(records):
    s = bound(socket.SOCK_DGRAM, "127.0.0.1", 53)
    yield
    while True:
        packet, who = s.recvfrom(2048)
        at, labels = 12, []
        while packet[at]:
            labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1"))
            at += 1 + packet[at]
        at += 1
        (kind,) = struct.unpack(">H", packet[at:at + 2])
        name = ".".join(labels).lower()
        note("dns.log", f"{name} {kind}")
        if name == "silent.test":
            continue
        found = [a for a in records.get(name, []) if (":" in a) == (kind == 28) and kind in (1, 28)]
        flags = 0x8180 if name in records else 0x8183
        reply = packet[:2] + struct.pack(">HHHHH", flags, 1, len(found), 0, 0) + packet[12:at + 4]
        for a in found:
            raw = socket.inet_pton(socket.AF_INET6 if ":" in a else socket.AF_INET, a)
            reply += struct.pack(">HHHIH", 0xC00C, kind, 1, 60, len(raw)) + raw
        s.sendto(reply, who)


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        note(self.server.word + ".log", self.path)
        if self.path == "/":
            body = (self.server.word + "\n").encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        else:
            super().do_GET()


class Server(http.server.ThreadingHTTPServer):
    def server_bind(self):
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = "server", self.server_address[1]


def serve_http(address, port, word):
    Server.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server = Server((address, port), lambda *a: Handler(*a, directory=f"{folder}/www"))
    server.word = word
    yield
    server.serve_forever()


def serve_say(address, port, word):
    s = bound(socket.SOCK_STREAM, address, port)
    s.listen(64)
    yield
    while True:
        c = s.accept()[0]
        note(word + ".log", "connected")
        c.sendall((word + "\n").encode())
        c.close()


def serve_udp(address, port, word):
    s = bound(socket.SOCK_DGRAM, address, port)
    yield
    while True:
        data, who = s.recvfrom(65536)
        note(word + ".log", data[:20].decode("latin-1"))
        s.sendto((word + " ").encode() + data, who)


def serve_unix(path, _, word):
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    os.chmod(path, 0o777)
    s.listen(64)
    yield
    while True:
        c = s.accept()[0]
        pid, uid, gid = struct.unpack("iii", c.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        note(word + ".log", f"{uid} {gid}")
        c.sendall((word + "\n").encode())
        got = c.recv(4096) if word == "echo" else b""
        if got:
            c.sendall(got)
        c.close()


kinds = {"http": serve_http, "say": serve_say, "udp": serve_udp, "unix": serve_unix}
for line in sys.stdin:
    words = line.split()
    if not words:
        continue
    if words[0] == "dns":
        server = serve_dns({n: a.split(",") for n, a in (w.split("=") for w in words[1:])})
    else:
        server = kinds[words[0]](words[1], int(words[2]), words[3])
    next(server)
    threading.Thread(target=lambda s=server: next(s, None), daemon=True).start()
note("ready", "ready")
threading.Event().wait()
