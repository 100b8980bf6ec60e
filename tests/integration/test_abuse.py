"""Peers that flood, stall, never read, and send bombs. Each time the memory of the server stays
where it was, and another client is served all the while; how fast is printed, and decides nothing.
"""

import select
import socket
import threading
import time
import unittest
import zlib

import harness
from test_load import MEBIBYTE

UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
MAX_GROWTH = 8 * MEBIBYTE

CONTINUATION, TEXT, BINARY, CLOSE, PING = 0, 1, 2, 8, 9
FINAL, COMPRESSED = 0x80, 0x40


def frame(first, payload=b""):
    """As a client sends it; its mask is zero."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 65536:
        length = b"\xfe" + size.to_bytes(2, "big")
    else:
        length = b"\xff" + size.to_bytes(8, "big")
    return bytes([first]) + length + b"\0\0\0\0" + payload


def bomb(size):
    """A compressed message of so many zeros."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(MEBIBYTE)
    parts = [stream.compress(block[: min(MEBIBYTE, size - at)]) for at in range(0, size, MEBIBYTE)]
    packed = b"".join(parts) + stream.flush(zlib.Z_SYNC_FLUSH)
    return frame(FINAL | COMPRESSED | BINARY, packed.removesuffix(b"\0\0\xff\xff"))


class Connection:
    def __init__(self, test, server, *, deflate=False, secure=False, upgrade=True, buffer=None):
        raw = socket.socket()
        test.addCleanup(raw.close)
        if buffer is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        raw.settimeout(harness.PATIENCE)
        raw.connect(("127.0.0.1", server.port))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = raw
        if secure:
            self.socket = harness.trusting_context().wrap_socket(raw, server_hostname="localhost")
            test.addCleanup(self.socket.close)
        self.received = b""
        if upgrade:
            self.socket.sendall(UPGRADE + (DEFLATE if deflate else b"") + b"\r\n")
            head = self.read_until(lambda bytes: bytes.find(b"\r\n\r\n") + 4)
            assert head.startswith(b"HTTP/1.1 101 "), head
            assert deflate == (b"permessage-deflate" in head), head

    def read_until(self, end):
        """The bytes up to the position that end(bytes so far) says, once it is above 3."""
        while (position := end(self.received)) < 4:
            part = self.socket.recv(MEBIBYTE)
            assert part, "the server hung up"
            self.received += part
        head, self.received = self.received[:position], self.received[position:]
        return head

    def take(self, size):
        while len(self.received) < size:
            part = self.socket.recv(MEBIBYTE)
            assert part, "the server hung up"
            self.received += part
        taken, self.received = self.received[:size], self.received[size:]
        return taken

    def read_frame(self):
        first, size = self.take(2)
        if size == 126:
            size = int.from_bytes(self.take(2), "big")
        elif size == 127:
            size = int.from_bytes(self.take(8), "big")
        return first, self.take(size)

    def close_code(self):
        """Skips to the server's close frame."""
        while True:
            first, payload = self.read_frame()
            if first == FINAL | CLOSE:
                return int.from_bytes(payload[:2], "big")

    def ended(self):
        """Whether the server has hung up; reads away what comes."""
        self.socket.setblocking(False)
        try:
            while self.socket.recv(MEBIBYTE):
                pass
            return True
        except (BlockingIOError, harness.ssl.SSLWantReadError):
            return False
        except OSError:
            return True
        finally:
            self.socket.settimeout(harness.PATIENCE)


class AbuseCase(unittest.TestCase):
    def start(self, *options):
        self.secure = "--tls" in options
        self.connections = []
        folder = harness.Folder(self)
        if self.secure:
            harness.make_certificate(folder)
        self.server = harness.Example(self, "ws_echo_server", "--port", 0, *options, folder=folder)
        self.bystander = self.connect()
        self.waits, self.most = [], 0
        self.served = threading.Condition()
        for _ in range(3):
            self.serve_bystander()
        self.waits.clear()
        self.before = self.most

    def connect(self, **options):
        self.connections.append(Connection(self, self.server, secure=self.secure, **options))
        return self.connections[-1]

    def serve_bystander(self):
        """One echo for the other client. How long it took, and the server's memory, are kept."""
        started = time.monotonic()
        self.bystander.socket.sendall(frame(FINAL | TEXT, b"and me?"))
        self.assertEqual(self.bystander.read_frame(), (FINAL | TEXT, b"and me?"))
        with self.served:
            self.waits.append(time.monotonic() - started)
            self.served.notify_all()
        self.most = max(self.most, self.server.resident_bytes())

    def serve_bystander_while(self, *actions):
        """Until all actions, each on a thread of its own, have ended. The bystander is served at
        least once before that."""
        failures = []

        def watched(action):
            try:
                action()
            except BaseException as failure:  # a thread would only print it
                failures.append(failure)

        threads = [threading.Thread(target=watched, args=[action]) for action in actions]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self.serve_bystander()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]

    def assert_bounded(self, what):
        growth = self.most - self.before
        print(f"\n    {what}: {growth / MEBIBYTE:.1f} MiB more memory, another client served "
              f"{len(self.waits)} times, after {max(self.waits) * 1000:.0f} ms at the latest")
        self.assertGreater(len(self.waits), 0)
        if not harness.sanitized():
            self.assertLess(growth, MAX_GROWTH)
        self.serve_bystander()
        for connection in self.connections:
            connection.socket.close()
        self.assertEqual(self.server.stop(), 0)


class Floods(AbuseCase):
    def flood_with_pings(self, *options):
        self.start(*options)
        peer = self.connect()
        pings = frame(FINAL | PING, bytes(125)) * 500
        count = 128 * MEBIBYTE // len(pings)

        def flood():
            for _ in range(count):
                peer.socket.sendall(pings)

        self.serve_bystander_while(flood)
        over = " ".join(options[:1])
        self.assert_bounded(f"128 MiB of pings from a peer that never reads {over}")

    def test_pings_from_a_peer_that_never_reads(self):
        self.flood_with_pings()

    def test_pings_from_a_peer_that_never_reads_over_tls(self):
        self.flood_with_pings("--tls")

    def exchange_tiny_messages(self, *options):
        self.start(*options)
        peer = self.connect()
        for count in (255, 256, 257, 511, 512, 1, 5000, 0, 20_000):
            texts = [str(number).encode() for number in range(count)]
            peer.socket.sendall(b"".join(frame(FINAL | TEXT, text) for text in texts))
            for text in texts:
                self.assertEqual(peer.read_frame(), (FINAL | TEXT, text))
            self.serve_bystander()
        self.assert_bounded("tiny messages at once")

    def test_tiny_messages(self):
        self.exchange_tiny_messages()

    def test_tiny_messages_over_tls(self):
        self.exchange_tiny_messages("--tls")

    def test_a_million_empty_frames_that_are_allowed(self):
        self.start("--max-frames", "1000002")
        peer = self.connect()

        def flood():
            peer.socket.sendall(frame(TEXT))
            for _ in range(1000):
                peer.socket.sendall(frame(CONTINUATION) * 1000)
            peer.socket.sendall(frame(FINAL | CONTINUATION, b"!"))

        self.serve_bystander_while(flood, lambda: self.assertEqual(peer.read_frame()[1], b"!"))
        self.assert_bounded("a million empty continuation frames")

    def test_one_frame_too_many_is_refused(self):
        self.start()
        for frames, answer in ((1024, b"!"), (1025, None)):
            peer = self.connect()
            peer.socket.sendall(frame(TEXT) + frame(CONTINUATION) * (frames - 2))
            peer.socket.sendall(frame(FINAL | CONTINUATION, b"!"))
            if answer:
                self.assertEqual(peer.read_frame()[1], answer)
            else:
                self.assertEqual(peer.close_code(), 1008)

    def test_an_echo_for_a_slow_reader(self):
        self.start()
        peer = self.connect(buffer=65536)
        message = frame(FINAL | BINARY, bytes(65536))
        answer = b"\x82\x7f" + (65536).to_bytes(8, "big") + bytes(65536)
        count = 256 * MEBIBYTE // 65536

        def flood():
            for _ in range(count):
                peer.socket.sendall(message)

        def read_slowly():
            # No more than the bystander had its turn for.
            for number in range(count):
                with self.served:
                    self.assertTrue(self.served.wait_for(
                        lambda: number <= 16 * len(self.waits), harness.PATIENCE))
                self.assertEqual(peer.take(len(answer)), answer)

        self.serve_bystander_while(flood, read_slowly)
        self.assert_bounded("256 MiB echoed to a slow reader")


class SlowLoris(AbuseCase):
    """Sixty-four peers, each of which keeps a place and does as little as it can."""

    PEERS = 64

    def drip(self, peers, bytes_of_each):
        """One byte from each peer after the other."""
        for byte in bytes_of_each:
            for peer in peers:
                peer.socket.sendall(bytes([byte]))
            self.serve_bystander()

    def drip_until_hung_up(self, bytes_of_each):
        peers = [Connection(self, self.server, upgrade=False) for _ in range(self.PEERS)]
        self.drip(peers, bytes_of_each)
        harness.wait_until(lambda: all(peer.ended() for peer in peers), "the server hangs up")

    def test_a_tls_handshake(self):
        self.start("--tls")
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(300)
        self.drip_until_hung_up(hello)
        self.assert_bounded("TLS handshakes byte by byte")

    def test_a_request_head(self):
        self.start()
        self.drip_until_hung_up(UPGRADE + b"X-Padding: " + b"x" * 200)
        self.assert_bounded("request heads byte by byte")

    def test_frames(self):
        self.start()
        # The header promises more than comes for a while.
        promising = [self.connect() for _ in range(self.PEERS)]
        self.drip(promising, frame(FINAL | BINARY, bytes(65536))[:200])
        peers = [self.connect() for _ in range(self.PEERS)]
        self.drip(peers, frame(FINAL | BINARY, b"y" * 300))
        for peer in peers:
            self.assertEqual(peer.read_frame(), (FINAL | BINARY, b"y" * 300))
        self.assert_bounded("frames byte by byte")

    def test_never_reading(self):
        self.start()
        peers = [self.connect(buffer=4096) for _ in range(16)]
        message = frame(FINAL | BINARY, bytes(65536))
        unsent = {}
        for peer in peers:
            peer.socket.setblocking(False)
            unsent[peer.socket] = b""  # of a message that was begun
        # Until nobody can say any more, although the server had its turn: it does not listen.
        while writable := select.select([], list(unsent), [], 0)[1]:
            for raw in writable:
                rest = unsent[raw] or message
                unsent[raw] = rest[raw.send(rest):]
            self.serve_bystander()
        self.assert_bounded("sixteen peers that never read what they asked for")


class Bombs(AbuseCase):
    LIMIT = 65536

    def explode(self, size, code):
        self.start("--deflate")
        message = bomb(size)
        self.assertLessEqual(len(message), self.LIMIT + self.LIMIT // 256 + 256 + 14)

        def throw():
            for _ in range(100):
                peer = self.connect(deflate=True)
                peer.socket.sendall(message)
                if code is None:
                    self.assertEqual(peer.read_frame()[0], FINAL | COMPRESSED | BINARY)
                else:
                    self.assertEqual(peer.close_code(), code)
                peer.socket.close()

        self.serve_bystander_while(throw)
        self.assert_bounded(f"a hundred deflate bombs of {len(message)} bytes for {size}")

    def test_at_the_limit(self):
        self.explode(self.LIMIT, None)

    def test_one_past_the_limit(self):
        self.explode(self.LIMIT + 1, 1009)

    def test_a_thousand_times_past_the_limit(self):
        self.explode(self.LIMIT * 1000, 1009)
