"""The command `heliograph cert`: what it makes is what OpenSSL and Python's ssl expect."""

import socket
import ssl
import subprocess
import unittest

import harness

EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_CANTCREAT, EX_CONFIG = 64, 65, 66, 73, 78
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class CertCase(unittest.TestCase):
    def setUp(self):
        self.folder = harness.Folder(self)

    def cert(self, *arguments, environment=None):
        return subprocess.run(
            [harness.BINARY, "cert", *arguments], cwd=self.folder.path,
            env=harness.clean_environment(**(environment or {})),
            capture_output=True, text=True, timeout=harness.PATIENCE,
        )

    def succeed(self, *arguments, **options):
        done = self.cert(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def refuse(self, code, *arguments):
        before = self.content()
        done = self.cert(*arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(self.content(), before)
        if code != EX_USAGE:
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def content(self):
        return {path: path.read_bytes() for path in self.folder.path.rglob("*") if path.is_file()}

    def mode(self, name):
        return (self.folder / name).stat().st_mode & 0o777

    def verifies(self, name, purpose, *options):
        done = subprocess.run(
            ["openssl", "verify", "-x509_strict", "-purpose", purpose, *options, "-CAfile",
             "ca.crt", name],
            cwd=self.folder.path, capture_output=True, text=True,
        )
        return done.returncode == 0


class Made(CertCase):
    def setUp(self):
        super().setUp()
        self.succeed("ca")
        self.succeed("server", "localhost", "127.0.0.1")
        self.succeed("client", "anna@example.org")

    def test_openssl_verifies_each_for_its_purpose_only(self):
        self.assertTrue(self.verifies("server.crt", "sslserver", "-verify_hostname", "localhost"))
        self.assertTrue(self.verifies("server.crt", "sslserver", "-verify_ip", "127.0.0.1"))
        self.assertFalse(self.verifies("server.crt", "sslserver", "-verify_hostname", "example"))
        self.assertFalse(self.verifies("server.crt", "sslclient"))
        user = "anna@example.org.crt"
        self.assertTrue(self.verifies(user, "sslclient", "-verify_email", "anna@example.org"))
        self.assertFalse(self.verifies(user, "sslserver"))

    def test_only_the_owner_reads_the_keys(self):
        for name in ("ca", "server", "anna@example.org"):
            self.assertEqual(self.mode(f"{name}.key"), 0o600)
            self.assertEqual(self.mode(f"{name}.crt"), 0o644)

    def test_existing_files_are_replaced_by_force_only(self):
        for arguments in (("ca",), ("server", "localhost"), ("client", "anna@example.org")):
            with self.subTest(arguments):
                self.refuse(EX_CANTCREAT, *arguments)
        before = self.content()
        self.succeed("server", "other.example", "--force")
        changed = {path.name for path, bytes in self.content().items() if before[path] != bytes}
        self.assertEqual(changed, {"server.crt", "server.key"})
        self.assertEqual(self.mode("server.key"), 0o600)
        self.assertTrue(
            self.verifies("server.crt", "sslserver", "-verify_hostname", "other.example")
        )

    def test_a_client_that_trusts_the_authority_connects(self):
        self.folder.write("users", "")
        server = harness.Server(self, folder=self.folder)
        context = ssl.create_default_context(cafile=self.folder / "ca.crt")
        for name in ("localhost", "127.0.0.1"):
            raw = socket.create_connection(("127.0.0.1", server.port), harness.PATIENCE)
            with context.wrap_socket(raw, server_hostname=name) as tls:
                tls.sendall(REQUEST)
                self.assertIn(b"200", tls.recv(65536))
        raw = socket.create_connection(("127.0.0.1", server.port), harness.PATIENCE)
        with raw, self.assertRaises(ssl.SSLCertVerificationError):
            context.wrap_socket(raw, server_hostname="other.example")

    def test_what_cannot_be_done_is_refused_with_one_line(self):
        for code, arguments in (
            (EX_USAGE, ("server",)),
            (EX_USAGE, ("server", "localhost", "--days", "0")),
            (EX_USAGE, ("server", "localhost", "--days", "3651")),
            (EX_USAGE, ("server", "localhost", "--ca", "ca.crt")),
            (EX_DATAERR, ("server", "two words", "--force")),
            (EX_DATAERR, ("client", "../anna")),
            (EX_DATAERR, ("client", "ca", "--force")),
            (EX_DATAERR, ("client", "x" * 65)),
            (EX_CONFIG, ("client", "ben", "--ca", "ca.crt", "--ca-key", "server.key")),
            (EX_NOINPUT, ("client", "ben", "--ca", "none.crt", "--ca-key", "ca.key")),
            (EX_DATAERR, ("client", "ben", "--ca", "server.crt", "--ca-key", "server.key")),
            (EX_CANTCREAT, ("client", "ben", "--ca", "ca.crt", "--ca-key", "ca.key",
                            "--out", "ca.crt")),
        ):
            with self.subTest(arguments):
                self.refuse(code, *arguments)


class Options(CertCase):
    def test_without_an_authority_nothing_is_issued(self):
        self.refuse(EX_NOINPUT, "server", "localhost")

    def test_files_are_where_and_what_was_asked_for(self):
        out = self.succeed("ca", "--out", "a/b", "--name", "Our CA", "--days", "10")
        self.assertEqual([line.split(":")[0] for line in out.splitlines()],
                         ["a/b/ca.crt", "a/b/ca.key"])
        self.succeed("server", "--out", "a/b", "--name", "x.example", "--name", "y.example")
        shown = subprocess.run(
            ["openssl", "x509", "-noout", "-issuer", "-ext", "subjectAltName", "-in",
             "a/b/server.crt"],
            cwd=self.folder.path, check=True, capture_output=True, text=True,
        ).stdout
        self.assertIn("CN = Our CA", shown)
        self.assertIn("DNS:x.example, DNS:y.example", shown)

    def test_the_key_of_the_authority_may_be_encrypted(self):
        self.succeed("ca")
        harness.openssl(self.folder, "pkcs8", "-topk8", "-in", "ca.key", "-out", "locked.key",
                        "-passout", "pass:secret")
        ca = ("--ca", "ca.crt", "--ca-key", "locked.key")
        self.refuse(EX_CONFIG, "client", "anna", *ca)
        word = self.folder.write("word", "secret\n")
        self.succeed("client", "anna", *ca, "--ca-key-passphrase-file", word)
        self.succeed("client", "ben", *ca, environment={"HELIOGRAPH_CA_KEY_PASSPHRASE": "secret"})
