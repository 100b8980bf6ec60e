"""The programs in examples/, with each other and with OpenSSL, curl and Node.js."""

import shutil
import socket
import ssl
import subprocess
import unittest

import harness

PROGRAMS = harness.PROGRAMS
ASK = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

# The client of Node.js's documentation: connects, says whether it is authorized, and pipes.
NODE_CLIENT = """
const fs = require('fs');
const [port, ca, cert, key] = process.argv.slice(1);
const read = (file) => fs.readFileSync(file);
const socket = require('tls').connect(
  { port, host: 'localhost', ca: read(ca), cert: read(cert), key: read(key) },
  () => {
    console.error(socket.authorized ? 'authorized' : 'unauthorized');
    process.stdin.pipe(socket);
  },
);
socket.pipe(process.stdout);
"""

# Its server.
NODE_SERVER = """
const fs = require('fs');
const [ca, cert, key] = process.argv.slice(1).map((file) => fs.readFileSync(file));
const server = require('tls').createServer(
  { ca, cert, key, requestCert: true, rejectUnauthorized: false },
  (socket) => {
    socket.write((socket.authorized ? 'authorized' : 'unauthorized') + '\\n');
    socket.pipe(socket);
  },
);
server.listen(0, 'localhost', () => console.log(server.address().port));
"""


class ExampleCase(unittest.TestCase):
    def setUp(self):
        self.folder = harness.Folder(self)
        (self.folder / "strange").mkdir()
        for arguments in (("ca",), ("server", "localhost"), ("client", "anna"),
                          ("ca", "--out", "strange"), ("client", "eve", "--out", "strange")):
            self.run_program("heliograph", "cert", *arguments)

    def run_program(self, program, *arguments, typed="", code=0):
        path = PROGRAMS / program
        done = subprocess.run(
            [path if path.exists() else program, *map(str, arguments)], cwd=self.folder.path,
            input=typed, capture_output=True, text=True, timeout=harness.PATIENCE,
            env=harness.clean_environment(),
        )
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def example(self, name, *options):
        return harness.Example(self, name, *options, folder=self.folder)

    def start(self, *command):
        """A program that says in its first line that it listens."""
        process = subprocess.Popen(
            [str(part) for part in command], cwd=self.folder.path, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, process.stdout.readline().strip()


class MutualTls(ExampleCase):
    def setUp(self):
        super().setUp()
        self.server = self.example("tls_echo_server", harness.held_port(self), "server.crt",
                                   "server.key", "ca.crt")
        self.port = self.server.port

    def heard(self):
        return self.server.line()

    def client(self, *identity, ca="ca.crt", host="localhost", typed="over the mirror\n", code=0):
        return self.run_program("tls_client", host, self.port, ca, *identity, typed=typed,
                                code=code)

    def test_a_client_of_the_authority_is_authorized(self):
        done = self.client("anna.crt", "anna.key")
        self.assertEqual(done.stdout, "welcome!\nover the mirror\n")
        self.assertEqual(done.stderr, "authorized\n")
        self.assertEqual(self.heard(), "authorized CN=anna")

    def test_others_are_told_apart(self):
        self.assertEqual(self.client().stdout, "welcome!\nover the mirror\n")
        self.assertEqual(self.heard(), "unauthorized: no certificate")
        self.client("strange/eve.crt", "strange/eve.key")
        self.assertRegex(self.heard(), "^unauthorized: no trusted authority")

    def test_a_server_that_is_not_believed_gets_nothing(self):
        done = self.client(ca="strange/ca.crt", code=1)
        self.assertRegex(done.stderr, "^tls_client: unauthorized: no trusted authority")
        done = self.client(host="127.0.0.1", code=1)
        self.assertRegex(done.stderr, "^tls_client: unauthorized: .* another name")
        self.assertEqual(done.stdout, "")

    def test_clients_are_served_at_the_same_time(self):
        context = ssl.create_default_context(cafile=self.folder / "ca.crt")
        clients = []
        for _ in range(3):
            raw = socket.create_connection(("localhost", self.port), harness.PATIENCE)
            clients.append(context.wrap_socket(raw, server_hostname="localhost"))
            self.addCleanup(clients[-1].close)
        for client in reversed(clients):
            self.assertEqual(client.recv(100), b"welcome!\n")
            client.sendall(b"x")
            self.assertEqual(client.recv(100), b"x")

    def test_it_outlives_what_is_no_tls(self):
        for garbage in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05hello", bytes(4096), b""):
            with socket.create_connection(("localhost", self.port), harness.PATIENCE) as plain:
                plain.sendall(garbage)
                plain.shutdown(socket.SHUT_WR)
                while plain.recv(4096):
                    pass
        self.assertEqual(self.client().stdout, "welcome!\nover the mirror\n")

    @unittest.skipUnless(shutil.which("node"), "no Node.js")
    def test_the_client_of_node_is_authorized(self):
        done = self.run_program("node", "-e", NODE_CLIENT, self.port, "ca.crt", "anna.crt",
                                "anna.key", typed="over the mirror\n")
        self.assertEqual(done.stdout, "welcome!\nover the mirror\n")
        self.assertEqual(done.stderr, "authorized\n")
        self.assertEqual(self.heard(), "authorized CN=anna")

    def test_a_client_that_resumes_is_still_authorized(self):
        context = ssl.create_default_context(cafile=self.folder / "ca.crt")
        context.load_cert_chain(self.folder / "anna.crt", self.folder / "anna.key")
        session = None
        for resumed in (False, True):
            raw = socket.create_connection(("localhost", self.port), harness.PATIENCE)
            with context.wrap_socket(raw, server_hostname="localhost", session=session) as tls:
                self.assertEqual(tls.recv(100), b"welcome!\n")
                self.assertEqual(tls.session_reused, resumed)
                session = tls.session
            self.assertEqual(self.heard(), "authorized CN=anna")


@unittest.skipUnless(shutil.which("node"), "no Node.js")
class NodeServer(ExampleCase):
    def test_our_client_is_authorized(self):
        _, port = self.start("node", "-e", NODE_SERVER, "ca.crt", "server.crt", "server.key")
        for identity, welcome in ((("anna.crt", "anna.key"), "authorized"), ((), "unauthorized")):
            done = self.run_program("tls_client", "localhost", port, "ca.crt", *identity,
                                    typed="over the mirror\n")
            self.assertEqual(done.stdout, f"{welcome}\nover the mirror\n")


class Https(ExampleCase):
    def serve(self, *options):
        return self.example("https_server", harness.held_port(self), "server.crt", "server.key",
                            *options).port

    def get(self, port, *options, ca="ca.crt", code=0):
        return self.run_program("https_client", f"https://localhost:{port}/", "--ca", ca, *options,
                                code=code)

    def test_our_client_gets_our_page(self):
        head, page = self.get(self.serve()).stdout.split("\n\n", 1)
        self.assertEqual(head.splitlines()[0], "HTTP/1.1 200 OK")
        self.assertEqual(page, "TLS_AES_128_GCM_SHA256 x25519\n")

    def test_our_client_takes_a_url_apart(self):
        where = f"https://localhost:{self.serve()}"
        for rest in ("", "/", "?a=b", "/a?b#c", "#/keyupdate"):
            done = self.run_program("https_client", where + rest, "--ca", "ca.crt")
            self.assertTrue(done.stdout.startswith("HTTP/1.1 200 OK\n"), done.stdout)
        for url in ("http://localhost", "https://", "https:///path", "localhost", "",
                    "https://localhost/a b", "https://localhost/\r\nX: y"):
            done = self.run_program("https_client", url, "--ca", "ca.crt", code=1)
            self.assertRegex(done.stderr, "^https_client: expected https://HOST")
        for host in ("[::1", "::1", "anna@localhost", "[localhost]x"):
            done = self.run_program("https_client", f"https://{host}/", "--ca", "ca.crt", code=1)
            self.assertRegex(done.stderr, "neither a DNS name nor an IP address|name is empty")

    def test_a_server_that_is_not_believed_is_refused(self):
        done = self.get(self.serve(), ca="strange/ca.crt", code=1)
        self.assertRegex(done.stderr, "^https_client: no trusted authority")

    def test_our_client_gets_the_page_of_openssl(self):
        port = harness.held_port(self)
        self.start("openssl", "s_server", "-accept", port, "-www", "-tls1_3", "-cert",
                   "server.crt", "-key", "server.key")
        self.assertIn("s_server", self.get(port).stdout)

    def test_curl_keeps_the_connection_and_changes_keys(self):
        port = self.serve()
        where = f"https://localhost:{port}/"
        done = self.run_program("curl", "--silent", "--verbose", "--cacert", "ca.crt", where,
                                where + "keyupdate", where)
        self.assertEqual(done.stdout, "TLS_AES_128_GCM_SHA256 x25519\n" * 3)
        self.assertIn("Re-using existing connection", done.stderr)

    def test_curl_resumes_if_there_are_tickets(self):
        for options, resumed in (((), False), (("--tickets",), True)):
            where = f"https://localhost:{self.serve(*options)}/"
            done = self.run_program("curl", "--silent", "--cacert", "ca.crt", "--header",
                                    "Connection: close", where, where)
            self.assertEqual("resumed" in done.stdout, resumed)

    def test_only_clients_of_the_authority_are_served(self):
        port = self.serve("--client-ca", "ca.crt")
        identity = ("--cert", "anna.crt", "--key", "anna.key")
        ask = ("--silent", "--cacert", "ca.crt", f"https://localhost:{port}/")
        self.assertIn("client CN=anna", self.run_program("curl", *ask, *identity).stdout)
        self.run_program("curl", *ask, code=56)

    def test_the_certificate_is_of_the_kind_that_the_client_takes(self):
        harness.make_certificate(self.folder, "RSA-2048", "rsa")
        port = self.serve("--credential", "rsa.crt", "rsa.key")
        for schemes, kind in (("ecdsa_secp256r1_sha256", "ECDSA"),
                              ("rsa_pss_rsae_sha256", "RSA-PSS")):
            done = self.run_program("openssl", "s_client", "-connect", f"localhost:{port}",
                                    "-sigalgs", schemes)
            self.assertIn(f"Peer signature type: {kind}", done.stdout)

    def test_the_key_log_is_that_of_the_client(self):
        port = self.serve("--key-log", "ours")
        context = ssl.create_default_context(cafile=self.folder / "ca.crt")
        context.keylog_filename = str(self.folder / "theirs")
        with socket.create_connection(("localhost", port), harness.PATIENCE) as raw:
            with context.wrap_socket(raw, server_hostname="localhost") as tls:
                tls.sendall(ASK.encode())
                tls.recv(4096)
        ours = (self.folder / "ours").read_text().splitlines()
        for line in (self.folder / "theirs").read_text().splitlines():
            if not line.startswith(("#", "EXPORTER")):
                self.assertIn(line, ours)
        self.assertEqual((self.folder / "ours").stat().st_mode & 0o777, 0o600)

    def test_what_is_not_a_get_is_answered_and_the_connection_closed(self):
        port = self.serve()
        context = ssl.create_default_context(cafile=self.folder / "ca.crt")
        for request, status in (
            (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", b"501"),
            (b"GET /\r\n\r\n", b"400"),
            (b"GET / HTTP/1.1\r\n\r\n", b"400"),
            (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 9000 + b"\r\n\r\n", b"431"),
            (b"\x00" * 100, b"400"),
        ):
            with self.subTest(request[:40]):
                raw = socket.create_connection(("localhost", port), harness.PATIENCE)
                with context.wrap_socket(raw, server_hostname="localhost") as tls:
                    tls.sendall(request)
                    received = b""
                    while part := tls.recv(4096):  # raises unless close_notify came
                        received += part
                self.assertTrue(received.startswith(b"HTTP/1.1 " + status), received)


class WebSocket(ExampleCase):
    def serve(self, *options):
        scheme = "wss" if "--tls" in options else "ws"
        port = self.example("ws_echo_server", "--port", 0, *options).port
        return f"{scheme}://localhost:{port}/"

    def serve_tls(self, *options):
        return self.serve("--tls", "--cert", "server.crt", "--key", "server.key", *options)

    def client(self, url, *options, code=0):
        """Types nothing, and closes."""
        return self.run_program("ws_client", url, *options, code=code)

    def converse(self, url, *options, lines):
        """Types each line when the one before it has come back, and then closes."""
        process = subprocess.Popen(
            [PROGRAMS / "ws_client", url, *options], cwd=self.folder.path, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        with process:
            for line in lines:
                process.stdin.write(line + b"\n")
                process.stdin.flush()
                self.assertEqual(process.stdout.readline(), line + b"\n")
            process.stdin.close()
            said = process.stderr.read().decode()
        self.assertEqual(process.returncode, 0, said)
        return said

    LINES = ("Grüße, 你好".encode(), b"", b"\xff is no UTF-8", b"x" * 65536)

    def test_what_is_typed_comes_back(self):
        for url, options in ((self.serve(), ()), (self.serve_tls(), ("--ca", "ca.crt"))):
            with self.subTest(url):
                said = self.converse(url, *options, lines=self.LINES)
                self.assertEqual(said, "open\nclosed 1000\n")

    def test_it_comes_back_compressed_if_both_want_that(self):
        said = self.converse(self.serve("--deflate"), "--deflate", lines=self.LINES)
        self.assertEqual(said.splitlines()[0], "open permessage-deflate")
        self.assertEqual(self.client(self.serve(), "--deflate").stderr.splitlines()[0], "open")
        self.assertEqual(self.client(self.serve("--deflate")).stderr.splitlines()[0], "open")

    def test_the_client_gets_the_first_of_its_subprotocols_that_the_server_has(self):
        url = self.serve("--subprotocol", "one", "--subprotocol", "two")
        ask = ("--subprotocol", "three", "--subprotocol", "two", "--subprotocol", "one")
        self.assertEqual(self.client(url, *ask).stderr.splitlines()[0], "open two")

    def test_a_server_that_is_not_believed_is_refused(self):
        url = self.serve_tls()
        done = self.client(url, "--ca", "strange/ca.crt", code=1)
        self.assertRegex(done.stderr, "^ws_client: no trusted authority")
        done = self.client(url.replace("localhost", "127.0.0.1"), "--ca", "ca.crt", code=1)
        self.assertRegex(done.stderr, "^ws_client: .* another name")

    def test_a_page_is_no_websocket(self):
        port = self.example("https_server", harness.held_port(self), "server.crt", "server.key").port
        done = self.client(f"wss://localhost:{port}/", "--ca", "ca.crt", code=1)
        self.assertRegex(done.stderr, "^ws_client: the server does not open a WebSocket there")
        done = self.client(f"https://localhost:{port}/", "--ca", "ca.crt", code=1)
        self.assertRegex(done.stderr, "^ws_client: ws:// or wss:// only")

    def test_a_message_at_the_limit_comes_back_and_one_past_it_ends_the_connection(self):
        url = self.serve("--max-message", 1000)
        self.converse(url, lines=[b"x" * 1000])
        process = subprocess.run([PROGRAMS / "ws_client", url], input=b"x" * 1001 + b"\n",
                                 capture_output=True, timeout=harness.PATIENCE)
        self.assertEqual(process.returncode, 1)
        self.assertIn(b"closed 1009 the message is too big", process.stderr)
