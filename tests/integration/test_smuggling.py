"""Requests that another HTTP implementation in front of the server might read differently: a
request hidden behind each of them must never be answered."""

import re
import socket
import ssl
import unittest

import harness

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"
LINE = "GET /chat HTTP/1.1"
FIELDS = (
    "Host: localhost", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {KEY}",
    "Sec-WebSocket-Version: 13",
)


def upgrade(*more, line=LINE, without=None, end="\r\n"):
    """An opening request with further fields."""
    fields = [field for field in FIELDS if not (without and field.startswith(without))]
    return end.join([line, *fields, *more, "", ""]).encode("latin-1")


def page(*more, line="GET / HTTP/1.1"):
    return "\r\n".join([line, "Host: localhost", *more, "", ""]).encode("latin-1")


# What is wrong, the request, and the status that answers it.
REFUSED = (
    # Where the body ends (RFC 9112 section 6.3).
    ("Content-Length", upgrade("Content-Length: 43"), 400),
    ("Content-Length, negative", upgrade("Content-Length: -1"), 400),
    ("Content-Length, with a sign", upgrade("Content-Length: +0"), 400),
    ("Content-Length, hexadecimal", upgrade("Content-Length: 0x2b"), 400),
    ("Content-Length, past 64 bits", upgrade("Content-Length: 18446744073709551616"), 400),
    ("Content-Length, empty", upgrade("Content-Length:"), 400),
    ("Content-Length, a list", upgrade("Content-Length: 0, 43"), 400),
    ("Content-Length twice", upgrade("Content-Length: 0", "Content-Length: 43"), 400),
    ("Content-Length twice, the same", upgrade("Content-Length: 0", "Content-Length: 0"), 400),
    ("Transfer-Encoding", upgrade("Transfer-Encoding: chunked"), 400),
    ("Transfer-Encoding: identity", upgrade("Transfer-Encoding: identity"), 400),
    ("Transfer-Encoding, empty", upgrade("Transfer-Encoding:"), 400),
    ("Transfer-Encoding, unknown", upgrade("Transfer-Encoding: xchunked"), 400),
    ("TE.CL", upgrade("Transfer-Encoding: chunked", "Content-Length: 4"), 400),
    ("CL.TE", upgrade("Content-Length: 4", "Transfer-Encoding: chunked"), 400),
    ("TE.TE", upgrade("Transfer-Encoding: chunked", "Transfer-encoding: x"), 400),
    ("CL.0", upgrade("content-LENGTH: 0", "transfer-ENCODING: chunked"), 400),
    # Lines (sections 2.2 and 5).
    ("folded field", upgrade("X: a", " b"), 400),
    ("folded Transfer-Encoding", upgrade("Transfer-Encoding:", "\tchunked"), 400),
    ("folded request line", upgrade(line=LINE + "\r\n X: a"), 400),
    ("LF for CR LF everywhere", upgrade(end="\n"), 400),
    ("LF for CR LF once", upgrade("X: a\nTransfer-Encoding: chunked"), 400),
    ("LF ends the head", upgrade()[:-2] + b"\n", 400),
    ("CR without LF", upgrade("X: a\rTransfer-Encoding: chunked"), 400),
    ("CR CR LF", upgrade("X: a\r"), 400),
    ("space before the colon", upgrade("Transfer-Encoding : chunked"), 400),
    ("tab before the colon", upgrade("Content-Length\t: 43"), 400),
    ("NUL in a value", upgrade("X: a\0b"), 400),
    ("NUL in a name", upgrade("Content-Length\0: 43"), 400),
    ("vertical tab before a value", upgrade("Transfer-Encoding: \x0bchunked"), 400),
    ("DEL in a value", upgrade("X: \x7f"), 400),
    ("no colon", upgrade("Transfer-Encoding"), 400),
    ("no name", upgrade(": chunked"), 400),
    ("a name that is no token", upgrade("Transfer[Encoding]: chunked"), 400),
    ("an empty line first", b"\r\n" + upgrade(), 400),
    # The request line (section 3).
    ("CONNECT", upgrade(line="CONNECT localhost:443 HTTP/1.1"), 400),
    ("authority-form", upgrade(line="GET localhost:443 HTTP/1.1"), 400),
    ("asterisk-form", upgrade(line="GET * HTTP/1.1"), 400),
    ("absolute-form without an authority", upgrade(line="GET http:///chat HTTP/1.1"), 400),
    ("absolute-form of another scheme", upgrade(line="GET ftp://localhost/ HTTP/1.1"), 400),
    ("two spaces", upgrade(line="GET  /chat HTTP/1.1"), 400),
    ("a tab for a space", upgrade(line="GET\t/chat HTTP/1.1"), 400),
    ("a space at the end", upgrade(line="GET /chat HTTP/1.1 "), 400),
    ("a space in the target", upgrade(line="GET /chat HTTP/1.1 HTTP/1.1"), 400),
    ("no version", upgrade(line="GET /chat"), 400),
    ("HTTP/1.0", upgrade(line="GET /chat HTTP/1.0"), 400),
    ("HTTP/1.2", upgrade(line="GET /chat HTTP/1.2"), 505),
    ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ("POST", upgrade(line="POST /chat HTTP/1.1"), 405),
    ("get", upgrade(line="get /chat HTTP/1.1"), 405),
    # Fields that may stand once (RFC 9112 section 3.2, RFC 6455 section 4.2.1).
    ("no Host", upgrade(without="Host"), 400),
    ("two Hosts", upgrade("host: localhost"), 400),
    ("Host, a list", upgrade("Host: localhost, other", without="Host"), 400),
    ("Host with a user", upgrade("Host: localhost@other", without="Host"), 400),
    ("two keys", upgrade(f"sec-websocket-key: {KEY}"), 400),
    ("two versions", upgrade("Sec-WebSocket-Version: 13"), 400),
    ("two origins", upgrade("Origin: https://localhost", "Origin: https://other"), 400),
    ("no version", upgrade(without="Sec-WebSocket-Version"), 426),
    ("no Upgrade", upgrade(without="Upgrade"), 400),
    ("no Connection", upgrade(without="Connection"), 400),
)

# Right as far as it goes, but a body may follow that nobody reads.
LAST = (
    ("Content-Length", page("Content-Length: 43"), 200),
    ("Transfer-Encoding", page("Transfer-Encoding: chunked"), 200),
    ("POST", page("Content-Length: 5", line="POST / HTTP/1.1"), 405),
    ("HTTP/1.0", page(line="GET / HTTP/1.0"), 200),
)


def receive_all(connection):
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionResetError:
        pass  # what we sent behind the end was not read
    return received


class Requests:
    """Of the servers below."""

    def exchange(self, *parts):
        """Everything that comes back until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), harness.PATIENCE) as raw:
            with self.secured(raw) as connection:
                try:
                    for part in parts:
                        connection.sendall(part)
                except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                    pass  # it has closed already
                return receive_all(connection)

    def secured(self, raw):
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return harness.trusting_context().wrap_socket(raw, server_hostname="localhost")

    def assert_only(self, answer, status):
        statuses = re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)
        self.assertEqual(statuses, [str(status).encode()])
        self.assertRegex(answer.lower(), rb"\r\nconnection: ([^\r]*, )?close\r\n")

    def test_a_refused_request_is_the_last(self):
        for name, request, status in REFUSED:
            with self.subTest(name):
                self.assert_only(self.exchange(request + HIDDEN), status)

    def test_a_refused_request_is_the_last_also_byte_by_byte(self):
        for name, request, status in REFUSED:
            with self.subTest(name):
                self.assert_only(self.exchange(*(bytes([byte]) for byte in request)), status)

    def test_what_follows_the_upgrade_is_no_request(self):
        for name, request in (
            ("origin-form", upgrade()),
            ("absolute-form", upgrade(line="GET http://localhost/chat HTTP/1.1")),
            ("an empty body", upgrade("Content-Length: 0")),
        ):
            with self.subTest(name):
                answer = self.exchange(request + HIDDEN)
                self.assertEqual(re.findall(rb"HTTP/1\.1 (\d{3}) ", answer), [b"101"])
                # A G is the first byte of a frame with reserved bits: 1002.
                self.assertIn(b"\x03\xea", answer.split(b"\r\n\r\n", 1)[1][-127:])


class Echo(Requests, unittest.TestCase):
    """The example, without TLS."""

    def setUp(self):
        self.port = harness.Example(self, "ws_echo_server", "--port", 0).port

    def secured(self, raw):
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return raw


class Serve(Requests, unittest.TestCase):
    def setUp(self):
        self.port = harness.Server(self, "--demo").port

    def test_behind_a_body_that_is_not_read_no_request_is_looked_for(self):
        for name, request, status in LAST:
            with self.subTest(name):
                self.assert_only(self.exchange(request + HIDDEN), status)


if __name__ == "__main__":
    unittest.main()
