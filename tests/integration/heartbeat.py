"""A client in a process of its own that does nothing but ping the server and time the pongs.

    heartbeat.py PORT

Prints "ready" once it is connected, and pings until its input ends. Then it prints how many round
trips there were, and their median, 99th percentile and maximum in milliseconds.
"""

import os
import select
import socket
import ssl
import subprocess
import sys
import time

PATIENCE = 30
PAUSE = 0.005
REQUEST = (b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")


class Heart:
    """What a test has of it."""

    def __init__(self, test, server):
        self.process = subprocess.Popen(
            [sys.executable, "-B", os.path.abspath(__file__), str(server.port)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        test.addCleanup(self.process.wait)
        test.addCleanup(self.process.kill)
        test.addCleanup(self.process.stdout.close)
        test.assertEqual(self.process.stdout.readline().strip(), "ready")

    def stop(self):
        """How many round trips there were, and the milliseconds: median, p99, maximum."""
        said, _ = self.process.communicate(timeout=PATIENCE)
        count, *times = said.split()
        return int(count), *map(float, times)


def frames(server):
    """The frames that the server sends, none of which is a long one."""
    heard = b""
    while True:
        while len(heard) < 2 or len(heard) < 2 + heard[1]:
            received = server.recv(4096)
            assert received, "the server has gone"
            heard += received
        size = 2 + heard[1]
        yield heard[:size]
        heard = heard[size:]


def beat(port):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    raw = socket.create_connection(("127.0.0.1", port), PATIENCE)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with context.wrap_socket(raw) as server:
        server.sendall(REQUEST)
        answer = b""
        while not answer.endswith(b"Hello from server"):
            received = server.recv(4096)
            assert received, "the server has gone"
            answer += received
        print("ready", flush=True)
        times = []
        # Its own pings need no answer yet.
        answers = (frame for frame in frames(server) if not frame.startswith(b"\x89"))
        while not select.select([sys.stdin], [], [], PAUSE)[0]:
            number = len(times).to_bytes(4, "big")
            started = time.perf_counter()
            server.sendall(b"\x89\x84\0\0\0\0" + number)
            pong = next(answers)
            times.append((time.perf_counter() - started) * 1000)
            assert pong == b"\x8a\x04" + number, pong
        times.sort()
        print(len(times), times[len(times) // 2], times[len(times) * 99 // 100], times[-1])


if __name__ == "__main__":
    beat(int(sys.argv[1]))
