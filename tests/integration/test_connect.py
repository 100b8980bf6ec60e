"""The command `heliograph connect`, against Python's ssl and against `heliograph serve`."""

import socket
import ssl
import subprocess
import threading
import unittest

import harness

EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_NOHOST, EX_UNAVAILABLE = 64, 65, 66, 68, 69
EX_PROTOCOL, EX_NOPERM, EX_CONFIG = 76, 77, 78


class PythonServer:
    """Answers one connection after the other by `answer`, which is given the TLS socket."""

    def __init__(self, test, folder, answer, certificate="server", client_ca=None):
        self.answer = answer
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(folder / f"{certificate}.crt", folder / f"{certificate}.key")
        if client_ca:
            self.context.load_verify_locations(client_ca)
            self.context.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.seen = []
        thread = threading.Thread(target=self._run)
        thread.start()
        test.addCleanup(thread.join)
        test.addCleanup(self.listener.close)
        test.addCleanup(self.listener.shutdown, socket.SHUT_RDWR)

    def _run(self):
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            raw.settimeout(harness.PATIENCE)
            with raw:
                try:
                    with self.context.wrap_socket(raw, server_side=True) as tls:
                        self.seen.append(tls.getpeercert())
                        self.answer(tls)
                except OSError:
                    pass


def echo(tls):
    while part := tls.recv(65536):
        tls.sendall(part)
    tls.unwrap()


def say(*parts):
    """Sends these and says close_notify."""

    def answer(tls):
        tls.recv(65536)
        for part in parts:
            tls.sendall(part)
        tls.unwrap()

    return answer


def hang_up(tls):
    tls.recv(65536)
    tls.sendall(b"HTTP/1.0 200 OK\r\n\r\nhal")
    tls.shutdown(socket.SHUT_RDWR)  # of TCP


class ConnectCase(unittest.TestCase):
    def setUp(self):
        self.folder = harness.Folder(self)
        for arguments in (("ca",), ("server", "localhost", "127.0.0.1"), ("client", "anna")):
            subprocess.run([harness.BINARY, "cert", *arguments], cwd=self.folder.path, check=True,
                           capture_output=True)

    def connect(self, url, *options, typed=b"", ca="ca.crt"):
        trusted = ("--ca", ca) if ca else ()
        return subprocess.run(
            [harness.BINARY, "connect", url, *trusted, *options], cwd=self.folder.path,
            env=harness.clean_environment(), input=typed, capture_output=True,
            timeout=harness.PATIENCE,
        )

    def succeed(self, *arguments, **options):
        done = self.connect(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def refuse(self, code, reason, *arguments, **options):
        done = self.connect(*arguments, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        last = done.stderr.decode().splitlines()[-1]
        self.assertRegex(last, f"^heliograph: .*{reason}")
        return done

    def python(self, answer, **options):
        server = PythonServer(self, self.folder, answer, **options)
        return server, f"localhost:{server.port}"


class Tls(ConnectCase):
    def test_what_is_typed_comes_back_from_an_echo_server(self):
        _, where = self.python(echo)
        self.assertEqual(self.succeed(f"tls://{where}", typed=b"over the mirror\n"),
                         b"over the mirror\n")

    def test_a_megabyte_comes_back_although_nobody_reads_in_between(self):
        _, where = self.python(echo)
        film = bytes(range(256)) * 4096
        self.assertEqual(self.succeed(f"tls://{where}", typed=film), film)

    def test_a_file_may_be_standard_input(self):
        _, where = self.python(echo)
        self.folder.write("text", "from a file\n")
        with open(self.folder / "text", "rb") as file:
            done = subprocess.run(
                [harness.BINARY, "connect", f"tls://{where}", "--ca", "ca.crt"], stdin=file,
                cwd=self.folder.path, capture_output=True, timeout=harness.PATIENCE,
            )
        self.assertEqual(done.stdout, b"from a file\n", done.stderr)

    def test_the_facts_are_told_on_standard_error(self):
        _, where = self.python(echo)
        done = self.connect(f"tls://{where}")
        facts = dict(line.split(":", 1) for line in done.stderr.decode().splitlines())
        facts = {name: value.strip() for name, value in facts.items()}
        self.assertEqual(facts, {
            "version": "TLS 1.3", "suite": facts["suite"], "group": "x25519",
            "signature": "ecdsa_secp256r1_sha256", "protocol": "none", "subject": "CN=localhost",
            "names": "localhost, 127.0.0.1", "verified": "yes",
        })
        self.assertRegex(facts["suite"], "^TLS_")

    def test_groups_and_protocols_are_those_that_were_asked_for(self):
        server, where = self.python(echo)
        server.context.set_alpn_protocols(["b"])
        done = self.connect(f"tls://{where}", "--groups", "secp384r1,x25519", "--alpn", "a,b")
        self.assertIn(b"secp384r1", done.stderr)
        self.assertRegex(done.stderr, rb"protocol: +b\n")

    def test_another_name_is_refused_unless_asked_for(self):
        _, where = self.python(echo)
        self.refuse(EX_NOPERM, "another name", f"tls://{where}", "--name", "other.example")
        self.succeed(f"tls://{where.replace('localhost', '127.0.0.1')}", "--name", "localhost")
        self.succeed(f"tls://{where.replace('localhost', '127.0.0.1')}")

    def test_an_unknown_authority_is_refused(self):
        _, where = self.python(echo)
        self.refuse(EX_NOPERM, "no trusted authority", f"tls://{where}", ca=None)

    def test_an_expired_certificate_is_refused(self):
        harness.openssl(self.folder, "req", "-new", *harness.KEY_TYPES["P-256"], "-nodes", "-subj",
                        "/CN=localhost", "-keyout", "old.key", "-out", "old.csr")
        self.folder.write("names", "subjectAltName=DNS:localhost")
        harness.openssl(self.folder, "x509", "-req", "-in", "old.csr", "-signkey", "old.key",
                        "-days", "-1", "-extfile", "names", "-out", "old.crt")
        _, where = self.python(echo, certificate="old")
        self.refuse(EX_NOPERM, "expired", f"tls://{where}", ca="old.crt")

    def test_without_verification_there_is_a_warning_and_the_reason(self):
        _, where = self.python(echo)
        done = self.connect(f"tls://{where}", "--insecure-no-verify", ca=None, typed=b"x")
        self.assertEqual((done.returncode, done.stdout), (0, b"x"))
        self.assertIn(b"WARNING", done.stderr)
        self.assertRegex(done.stderr, rb"verified: +NO: no trusted authority")

    def test_a_client_certificate_is_presented_to_a_server_that_asks(self):
        server, where = self.python(echo, client_ca=self.folder / "ca.crt")
        self.refuse(EX_PROTOCOL, "certificate_required", f"tls://{where}", typed=b"x")
        identity = ("--cert", "anna.crt", "--key", "anna.key")
        self.assertEqual(self.succeed(f"tls://{where}", *identity, typed=b"x"), b"x")
        self.assertIn(((("commonName", "anna"),),), [server.seen[-1]["subject"]])

    def test_the_key_log_is_that_of_the_server(self):
        server, where = self.python(echo)
        server.context.keylog_filename = str(self.folder / "theirs")
        self.succeed(f"tls://{where}", "--key-log", "ours")
        ours = (self.folder / "ours").read_text().splitlines()
        for line in (self.folder / "theirs").read_text().splitlines():
            if not line.startswith(("#", "EXPORTER")):
                self.assertIn(line, ours)
        self.assertEqual((self.folder / "ours").stat().st_mode & 0o777, 0o600)

    def test_an_end_without_close_notify_is_told(self):
        _, where = self.python(hang_up)
        done = self.refuse(EX_PROTOCOL, "without close_notify", f"tls://{where}", typed=b"x")
        self.assertTrue(done.stdout.endswith(b"hal"))


class Https(ConnectCase):
    def test_the_page_of_heliograph_is_printed(self):
        self.folder.write("users", "")
        server = harness.Server(self, folder=self.folder)
        page = self.succeed(f"https://localhost:{server.port}/")
        self.assertTrue(page.startswith(b"HTTP/1.1 200 OK\n"), page)
        self.assertTrue(page.endswith(b"\n\nOK"), page)

    def test_a_body_ends_with_its_length_or_with_close_notify(self):
        head = b"HTTP/1.0 200 OK\r\n"
        for parts in ((head, b"\r\nwhole"), (head + b"Content-Length: 5\r\n\r\nwh", b"ole")):
            _, where = self.python(say(*parts))
            self.assertTrue(self.succeed(f"https://{where}/").endswith(b"\n\nwhole"))

    def test_what_is_no_whole_response_is_refused(self):
        for reason, answer in (
            ("2 of 5 bytes", say(b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nwh")),
            ("without close_notify", hang_up),
            ("without a response", say()),
            ("status line|version", say(b"SSH-2.0-x\r\n\r\n")),
            ("Transfer-Encoding", say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")),
        ):
            with self.subTest(reason):
                _, where = self.python(answer)
                self.refuse(EX_PROTOCOL, reason, f"https://{where}/page")


class WebSocket(ConnectCase):
    def setUp(self):
        super().setUp()
        self.folder.write("users", "")

    def test_lines_are_messages_and_messages_are_lines(self):
        server = harness.Server(self, folder=self.folder)
        said = self.succeed(f"wss://localhost:{server.port}/", typed=b'{"type":"nothing"}\r\n{}')
        self.assertEqual(said.decode().splitlines(),
                         [harness.GREETING, harness.UNAUTHENTICATED, harness.UNAUTHENTICATED])

    def test_the_servers_reason_to_close_is_told(self):
        server = harness.Server(self, "--max-message", "1024", folder=self.folder)
        self.refuse(EX_PROTOCOL, "closed the WebSocket with 1009",
                    f"wss://localhost:{server.port}/", typed=b"x" * 2000 + b"\n")

    def test_what_is_not_utf_8_is_not_sent(self):
        server = harness.Server(self, folder=self.folder)
        self.refuse(EX_DATAERR, "not UTF-8", f"wss://localhost:{server.port}/", typed=b"\xff\n")

    def test_a_server_of_pages_is_refused(self):
        _, where = self.python(say(b"HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n"))
        self.refuse(EX_PROTOCOL, r"not followed \(status 301\)", f"wss://{where}/")


class Refusals(ConnectCase):
    def test_what_cannot_be_done_is_refused_with_one_line(self):
        closed = f"localhost:{harness.held_port(self)}"
        for code, reason, arguments in (
            (EX_USAGE, "expected tls://", ("ftp://localhost/",)),
            (EX_USAGE, "expected tls://", ("tls://localhost:0",)),
            (EX_USAGE, "expected tls://", ("tls://localhost/path",)),
            (EX_USAGE, "expected tls://", ("https://a b/",)),
            (EX_USAGE, "there is no 'p256'", (f"tls://{closed}", "--groups", "p256")),
            (EX_NOINPUT, "none.crt", (f"tls://{closed}", "--cert", "none.crt", "--key", "x")),
            (EX_CONFIG, "cannot use 'anna.crt' with 'ca.key'",
             (f"tls://{closed}", "--cert", "anna.crt", "--key", "ca.key")),
            (EX_NOHOST, "cannot find the address", ("tls://name.invalid",)),
            (EX_UNAVAILABLE, "Connection refused", (f"tls://{closed}",)),
        ):
            with self.subTest(arguments):
                done = self.refuse(code, reason, *arguments)
                self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_a_server_without_tls_is_refused(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def answer():
            plain, _ = listener.accept()
            with plain:
                plain.recv(65536)
                plain.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                plain.recv(65536)

        thread = threading.Thread(target=answer)
        thread.start()
        self.addCleanup(thread.join)
        self.refuse(EX_PROTOCOL, "", f"tls://localhost:{listener.getsockname()[1]}")
