"""The TLS machine against other people's clients: OpenSSL, GnuTLS and Python's ssl."""

import os
import re
import socket
import ssl
import subprocess
import unittest

import harness

SUITES = {
    "TLS_AES_128_GCM_SHA256": "AES-128-GCM",
    "TLS_AES_256_GCM_SHA384": "AES-256-GCM",
    "TLS_CHACHA20_POLY1305_SHA256": "CHACHA20-POLY1305",
}
# As s_client names a group when asked for it, and when it reports the key exchange.
GROUPS = {
    "X25519": "X25519, 253 bits",
    "P-256": "prime256v1, 256 bits",
    "P-384": "secp384r1, 384 bits",
}
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class TlsCase(unittest.TestCase):
    key_type = "P-256"

    def setUp(self):
        self.folder = harness.Folder(self)
        harness.make_certificate(self.folder, self.key_type)
        self.folder.write("users", "")
        self.server = harness.Server(self, folder=self.folder)

    def s_client(self, *options, succeeds=True):
        """What s_client says about a connection on which it asks for / and reads the answer."""
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.server.port}",
             "-servername", "localhost", "-CAfile", str(self.folder / "server.crt"),
             "-verify_return_error", "-verify_hostname", "localhost", "-ign_eof", *options],
            input=REQUEST, capture_output=True, timeout=harness.PATIENCE,
        )
        text = (done.stdout + done.stderr).decode("latin-1")
        self.assertEqual(done.returncode == 0, succeeds, text)
        if succeeds:
            self.assertIn("Verify return code: 0 (ok)", text)
            self.assertRegex(text, r"HTTP/1\.1 200 [^\0]*OK")
        return text

    def gnutls(self, priority, *options):
        done = subprocess.run(
            ["gnutls-cli", "--port", str(self.server.port), "--x509cafile",
             str(self.folder / "server.crt"), "--priority", priority, "--logfile",
             str(self.folder / "gnutls.log"), *options, "localhost"],
            input=REQUEST, capture_output=True, timeout=harness.PATIENCE,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, rb"HTTP/1\.1 200 [^\0]*OK")
        return (self.folder / "gnutls.log").read_text()


class OpenSsl(TlsCase):
    def test_every_suite_with_every_group(self):
        for suite in SUITES:
            for group, shown in GROUPS.items():
                with self.subTest(f"{suite} {group}"):
                    text = self.s_client("-tls1_3", "-ciphersuites", suite, "-groups", group)
                    self.assertIn(f"Cipher is {suite}", text)
                    self.assertIn(shown, text)

    def test_a_share_for_an_unknown_group_is_answered_by_hello_retry_request(self):
        for group, shown in GROUPS.items():
            with self.subTest(group):
                text = self.s_client("-groups", f"X448:{group}", "-msg")
                self.assertEqual(text.count(">>> TLS 1.3, Handshake"), 3, text)
                self.assertEqual(text.count("ClientHello"), 2)
                self.assertIn(shown, text)

    def test_no_common_group_is_a_handshake_failure(self):
        self.assertIn("alert handshake failure", self.s_client("-groups", "X448", succeeds=False))

    def test_no_common_signature_scheme_is_a_handshake_failure(self):
        text = self.s_client("-sigalgs", "ed448", succeeds=False)
        self.assertIn("alert handshake failure", text)

    def test_tls_1_2_alone_is_refused_as_a_protocol_version(self):
        text = self.s_client("-tls1_2", succeeds=False)
        self.assertRegex(text, "alert protocol version|alert number 70")

    def test_http_1_1_is_negotiated_and_others_are_refused(self):
        self.assertIn("ALPN protocol: http/1.1", self.s_client("-alpn", "h2,http/1.1"))
        self.assertIn("No ALPN negotiated", self.s_client())
        text = self.s_client("-alpn", "h2", succeeds=False)
        self.assertIn("no application protocol", text)

    def test_without_middlebox_compatibility(self):
        self.s_client("-no_middlebox")

    def test_a_client_hello_of_many_kilobytes(self):
        names = ",".join(f"protocol-{number:05}" for number in range(1000))
        self.s_client("-alpn", names + ",http/1.1")

    def test_short_records(self):
        self.s_client("-max_send_frag", "512", "-split_send_frag", "16")

    def test_key_updates_both_ways(self):
        client = subprocess.Popen(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.server.port}", "-msg"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0,
        )
        self.addCleanup(client.wait)
        self.addCleanup(client.stdout.close)
        self.addCleanup(client.kill)
        seen = b""

        def read_until(pattern):
            nonlocal seen
            while not re.search(pattern, seen):
                part = os.read(client.stdout.fileno(), 65536)
                self.assertTrue(part, seen.decode("latin-1"))
                seen += part

        read_until(rb"---\n[^\n]*\n?$|Verify return code")
        # A line K asks the server for an update of its keys too.
        client.stdin.write(b"K\n")
        read_until(rb">>> TLS 1.3, Handshake [^\n]*KeyUpdate")
        client.stdin.write(REQUEST.replace(b"\r\nConnection: close", b""))
        read_until(rb"<<< TLS 1.3, Handshake [^\n]*KeyUpdate")
        read_until(rb"HTTP/1\.1 200 [^\0]*OK")
        client.stdin.close()


class Rsa2048(TlsCase):
    key_type = "RSA-2048"

    def test_every_suite(self):
        for suite in SUITES:
            with self.subTest(suite):
                self.assertIn("Peer signature type: RSA-PSS", self.s_client("-ciphersuites", suite))

    def test_every_hash_that_a_client_offers(self):
        for size in ("256", "384", "512"):
            with self.subTest(size):
                text = self.s_client("-sigalgs", f"rsa_pss_rsae_sha{size}")
                self.assertIn(f"Peer signing digest: SHA{size}", text)


class Rsa4096(TlsCase):
    key_type = "RSA-4096"

    def test_a_handshake(self):
        self.assertIn("Peer signature type: RSA-PSS", self.s_client())


class P384(TlsCase):
    key_type = "P-384"

    def test_a_handshake(self):
        self.assertIn("Peer signature type: ECDSA", self.s_client())


class Ed25519(TlsCase):
    key_type = "Ed25519"

    def test_a_handshake(self):
        self.assertIn("Peer signature type: ed25519", self.s_client())


class TutorialCertificate(TlsCase):
    def setUp(self):
        self.folder = harness.Folder(self)
        harness.make_tutorial_certificate(self.folder)
        self.folder.write("users", "")
        self.server = harness.Server(self, folder=self.folder)

    def test_the_certificate_of_version_1_is_sent_as_it_is(self):
        sent = ssl.get_server_certificate(("127.0.0.1", self.server.port))
        kept = (self.folder / "server.crt").read_text()
        self.assertEqual(
            ssl.PEM_cert_to_DER_cert(sent), ssl.PEM_cert_to_DER_cert(kept)
        )
        shown = subprocess.run(
            ["openssl", "x509", "-noout", "-text"], input=sent, capture_output=True, text=True
        )
        self.assertIn("Version: 1 (0x0)", shown.stdout)


class GnuTls(TlsCase):
    VERSION = "NORMAL:-VERS-ALL:+VERS-TLS1.3"

    def test_every_suite(self):
        for suite in SUITES.values():
            with self.subTest(suite):
                log = self.gnutls(f"{self.VERSION}:-CIPHER-ALL:+{suite}")
                self.assertIn(suite, log)

    def test_every_group(self):
        for group in ("X25519", "SECP256R1", "SECP384R1"):
            with self.subTest(group):
                self.assertIn(group, self.gnutls(f"{self.VERSION}:-GROUP-ALL:+GROUP-{group}"))

    def test_a_share_for_an_unknown_group_is_answered_by_hello_retry_request(self):
        groups = "-GROUP-ALL:+GROUP-FFDHE2048:+GROUP-SECP256R1"
        self.assertIn(
            "SECP256R1", self.gnutls(f"{self.VERSION}:{groups}", "--single-key-share")
        )


class PythonSsl(TlsCase):
    def connect(self, context):
        raw = socket.create_connection(("127.0.0.1", self.server.port), harness.PATIENCE)
        self.addCleanup(raw.close)
        return context.wrap_socket(raw, server_hostname="localhost")

    def trusting_the_server(self):
        return ssl.create_default_context(cafile=self.folder / "server.crt")

    def test_the_connection_is_verified_and_closed_with_close_notify(self):
        with self.connect(self.trusting_the_server()) as tls:
            self.assertEqual(tls.version(), "TLSv1.3")
            tls.sendall(REQUEST)
            received = b""
            while part := tls.recv(65536):  # raises unless close_notify came
                received += part
        self.assertTrue(received.endswith(b"OK"))

    def test_a_half_closed_connection_still_gets_its_answer(self):
        with self.connect(self.trusting_the_server()) as tls:
            tls.sendall(REQUEST)
            socket.socket.shutdown(tls, socket.SHUT_WR)
            self.assertIn(b"200", tls.recv(65536))

    def test_the_key_log_holds_the_secrets_of_the_session(self):
        log = self.folder / "keys"
        server = harness.Server(self, "--key-log", str(log), folder=self.folder)
        ours = self.folder / "client-keys"
        context = self.trusting_the_server()
        context.keylog_filename = str(ours)
        raw = socket.create_connection(("127.0.0.1", server.port), harness.PATIENCE)
        with context.wrap_socket(raw, server_hostname="localhost") as tls:
            tls.sendall(REQUEST)
            tls.recv(65536)
        written = set(log.read_text().splitlines())
        for line in ours.read_text().splitlines():
            if not line.startswith(("#", "EXPORTER")):
                self.assertIn(line, written)
        self.assertEqual(log.stat().st_mode & 0o777, 0o600)
