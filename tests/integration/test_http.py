"""Plain HTTPS, plain HTTP on the TLS port, and the opening handshake of the WebSocket."""

import re
import socket
import ssl
import subprocess
import unittest

import harness


class HttpCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server(_ClassCleanup(cls), "--demo")

    def curl(self, path, *options):
        done = subprocess.run(
            ["curl", "-sk", "--max-time", str(harness.PATIENCE), *options,
             f"https://localhost:{self.server.port}{path}"],
            capture_output=True, check=True,
        )
        return done.stdout.decode()

    def exchange(self, request):
        """Everything that the server answers over TLS until it closes."""
        with socket.create_connection(("127.0.0.1", self.server.port), harness.PATIENCE) as raw:
            with harness.trusting_context().wrap_socket(raw, server_hostname="localhost") as tls:
                tls.sendall(request)
                return read_all(tls)


class _ClassCleanup:
    """Gives a test class the addCleanup() of a test."""

    def __init__(self, cls):
        self.addCleanup = cls.addClassCleanup


def read_all(connection):
    received = b""
    while True:
        try:
            part = connection.recv(65536)
        except ssl.SSLEOFError:
            raise AssertionError("the connection ended without close_notify")
        if not part:
            return received
        received += part


class PlainHttps(HttpCase):
    def test_any_path_answers_ok(self):
        for path in ("/", "/index.html", "/a/b?c=d", "/%20"):
            with self.subTest(path):
                self.assertEqual(self.curl(path), "OK")

    def test_head_answers_without_a_body(self):
        self.assertRegex(self.curl("/", "--head"), r"^HTTP/1\.1 200 (.*\r\n)+\r\n$")

    def test_other_methods_are_refused(self):
        self.assertIn("405", self.curl("/", "-X", "POST", "-d", "x", "-i").splitlines()[0])

    def test_requests_follow_each_other_on_one_connection(self):
        one = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
        last = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        answers = self.exchange(one + one + last)
        self.assertEqual(answers.count(b"HTTP/1.1 200"), 3)

    def test_a_malformed_head_is_answered_by_400(self):
        for head in (
            b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", b"nonsense\r\n\r\n",
        ):
            with self.subTest(head):
                self.assertRegex(self.exchange(head), rb"^HTTP/1\.1 400 ")

    def test_a_head_without_end_is_refused(self):
        head = b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.server.port), harness.PATIENCE) as raw:
            with harness.trusting_context().wrap_socket(raw, server_hostname="localhost") as tls:
                try:
                    tls.sendall(head)
                    answer = tls.recv(4096)
                except ConnectionError:
                    return  # it hung up while we still wrote, which is a refusal too
                self.assertRegex(answer, rb"^HTTP/1\.1 4\d\d ")


class DemoPages(HttpCase):
    def test_the_tutorial_page_is_served_with_all_that_it_names(self):
        page = self.curl("/demo/tutorial/")
        for element in (
            "loginPage", "usernameInput", "passwordInput", "loginBtn", "callPage",
            "callToUsernameInput", "callBtn", "hangUpBtn", "msgInput", "sendMsgBtn", "chatarea",
        ):
            self.assertIn(f'id="{element}"', page)
        for name in re.findall(r'(?:src|href)="([^"]+)"', page):
            with self.subTest(name):
                self.assertIn(" 200 ", self.curl(f"/demo/tutorial/{name}", "-I").splitlines()[0])

    def test_the_pages_may_load_nothing_from_elsewhere(self):
        for path in ("/demo/", "/demo/tutorial/"):
            with self.subTest(path):
                head = self.curl(path, "-I").lower()
                self.assertRegex(head, r"content-security-policy: default-src 'none'; ")
                self.assertNotRegex(self.curl(path), r'(src|href)="(https?:)?//')

    def test_the_demo_with_all_that_it_loads_has_less_than_100_kb(self):
        """Compressed, as browsers ask for it."""
        waiting, sizes = ["index.html"], {}
        while waiting:
            name = waiting.pop()
            text, size = self.curl(
                f"/demo/{name}", "--compressed", "-w", "\n%{size_download}").rsplit("\n", 1)
            sizes[name] = int(size)
            self.assertGreater(len(text.encode()), sizes[name])
            named = re.findall(r'(?:src|href)="([\w.-]+)"', text)
            named += re.findall(r'\b(?:from|import) ?"\./([\w.-]+)"', text)
            waiting += [other for other in named if other not in sizes and other not in waiting]
        self.assertTrue({"style.css", "demo.js", "icon.svg"} <= sizes.keys(), sizes)
        self.assertLess(sum(sizes.values()), 100_000, sizes)

    def test_a_page_that_is_kept_is_asked_for_and_not_sent_again(self):
        for coding in ("identity", "gzip"):
            with self.subTest(coding):
                accept = ("-H", f"Accept-Encoding: {coding}")
                tag = re.search(r'(?m)^ETag: ("\S+")\r$', self.curl("/demo/", "-I", *accept))[1]
                again = self.curl("/demo/", "-i", *accept, "-H", f"If-None-Match: {tag}")
                self.assertRegex(again, r"^HTTP/1\.1 304 Not Modified\r\n(.+\r\n)+\r\n$")

    def test_an_unknown_page_is_404(self):
        for path in ("/demo/nothing", "/demo/admin/index.html", "/demo/../admin/index.html"):
            with self.subTest(path):
                answer = self.curl(path, "-i", "--path-as-is")
                self.assertIn(" 404 ", answer.splitlines()[0])
                self.assertIn("There is no such page", answer)

    def test_the_folder_leads_to_the_page(self):
        self.assertIn("<title>heliograph</title>", self.curl("/demo", "-L"))


class NotTls(HttpCase):
    def answer(self, data):
        with socket.create_connection(("127.0.0.1", self.server.port), harness.PATIENCE) as raw:
            raw.settimeout(harness.PATIENCE)
            raw.sendall(data)
            return read_all(raw)

    def test_plain_http_is_told_to_use_https(self):
        for method in ("GET", "POST", "HEAD", "OPTIONS"):
            with self.subTest(method):
                answer = self.answer(f"{method} / HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                self.assertRegex(answer, rb"^HTTP/1\.[01] 400 ")
                self.assertRegex(answer.lower(), rb"https")

    def test_anything_else_is_answered_by_an_alert(self):
        answer = self.answer(b"\x00" * 64)
        self.assertEqual(answer[:1], b"\x15")
        self.assertEqual(answer[5], 2)  # fatal


class OpeningHandshake(HttpCase):
    HEAD = {
        "Host": "localhost", "Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
    }

    def upgrade(self, **changes):
        fields = {**self.HEAD, **{k.replace("_", "-"): v for k, v in changes.items()}}
        lines = "".join(f"{k}: {v}\r\n" for k, v in fields.items() if v is not None)
        request = f"GET /any/path HTTP/1.1\r\n{lines}\r\n".encode()
        with socket.create_connection(("127.0.0.1", self.server.port), harness.PATIENCE) as raw:
            with harness.trusting_context().wrap_socket(raw, server_hostname="localhost") as tls:
                tls.sendall(request)
                return tls.recv(65536).decode("latin-1")

    def test_the_sample_nonce_of_rfc_6455_is_accepted(self):
        answer = self.upgrade()
        self.assertRegex(answer, r"^HTTP/1\.1 101 ")
        self.assertIn("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", answer)

    def test_another_version_is_answered_by_426(self):
        answer = self.upgrade(Sec_WebSocket_Version="12")
        self.assertRegex(answer, r"^HTTP/1\.1 426 ")
        self.assertRegex(answer, r"(?i)sec-websocket-version: 13")

    def test_a_bad_key_is_answered_by_400(self):
        for key in (None, "", "short", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ==="):
            with self.subTest(key):
                self.assertRegex(self.upgrade(Sec_WebSocket_Key=key), r"^HTTP/1\.1 400 ")


class Compression(harness.TestCase):
    async def open(self, *options):
        server = harness.Server(self, "--demo", *options)
        connection = await harness.asyncio.wait_for(
            harness.websockets.connect(
                server.url, ssl=harness.trusting_context(), compression="deflate",
                ping_interval=None,
            ),
            harness.PATIENCE,
        )
        client = harness.Client(connection)
        self.clients.append(client)
        self.assertEqual(await client.receive(), harness.GREETING)
        return client, connection.response_headers.get("Sec-WebSocket-Extensions")

    async def test_is_declined_by_default(self):
        client, extensions = await self.open()
        self.assertIsNone(extensions)
        self.assertEqual(await client.login("user1", "password1"), harness.LOGGED_IN)

    async def test_is_agreed_on_when_it_is_switched_on(self):
        client, extensions = await self.open("--deflate")
        self.assertEqual(extensions, "permessage-deflate; server_no_context_takeover; "
                                     "client_no_context_takeover")
        self.assertEqual(await client.login("user1", "password1"), harness.LOGGED_IN)
        # The same again, in both directions: no message leans on one before it.
        strange = "strange " * 50
        for _ in range(3):
            self.assertEqual(await client.ask({"type": strange}), harness.not_found(strange))
