"""Certificates, tickets and their reload: what operators configure about TLS."""

import signal
import socket
import ssl
import subprocess
import unittest

import harness

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
EX_USAGE, EX_NOINPUT, EX_CONFIG = 64, 66, 78


def trusting_nobody():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class CredentialCase(unittest.TestCase):
    def setUp(self):
        self.folder = harness.Folder(self)
        self.folder.write("users", "")

    def make(self, stem, name, *key_options):
        harness.openssl(
            self.folder, "req", "-x509", *key_options, "-nodes", "-days", "30",
            "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
            "-keyout", f"{stem}.key", "-out", f"{stem}.crt")

    def make_p256(self, stem, name):
        self.make(stem, name, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")

    def make_rsa(self, stem, name):
        self.make(stem, name, "-newkey", "rsa:2048")

    def presented(self, server, name):
        with socket.create_connection(("127.0.0.1", server.port), harness.PATIENCE) as raw:
            with trusting_nobody().wrap_socket(raw, server_hostname=name) as tls:
                return tls.getpeercert(binary_form=True)

    def der(self, stem):
        return ssl.PEM_cert_to_DER_cert((self.folder / f"{stem}.crt").read_text())

    def s_client(self, server, *options):
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-ign_eof", *options],
            input=REQUEST, capture_output=True, timeout=harness.PATIENCE, cwd=self.folder.path)
        self.assertIn(b"200 OK", done.stdout, done.stderr)
        return done.stdout.decode("latin-1")

    def refuse(self, code, *options, environment=None):
        done = subprocess.run(
            [harness.BINARY, "serve", "--listen", "127.0.0.1:0", *options], cwd=self.folder.path,
            env=harness.clean_environment(**(environment or {})), capture_output=True, text=True,
            timeout=harness.PATIENCE)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr


class SeveralCertificates(CredentialCase):
    def test_the_one_for_the_name_is_presented(self):
        self.make_p256("a", "a.test")
        self.make_p256("b", "b.test")
        self.make_p256("wild", "*.wild.test")
        server = harness.Server(self, "--cert", "a.crt,b.crt,wild.crt", "--key",
                                "a.key,b.key,wild.key", folder=self.folder)
        for name, stem in {"a.test": "a", "b.test": "b", "x.wild.test": "wild",
                           "y.x.wild.test": "a", "unknown.test": "a"}.items():
            self.assertEqual(self.presented(server, name), self.der(stem), name)

    def test_rsa_and_ecdsa_side_by_side(self):
        self.make_p256("ec", "localhost")
        self.make_rsa("rsa", "localhost")
        server = harness.Server(self, "--cert", "ec.crt", "--key", "ec.key", "--cert", "rsa.crt",
                                "--key", "rsa.key", folder=self.folder)
        both = self.s_client(server, "-servername", "localhost")
        self.assertIn("Peer signature type: ECDSA", both)
        only_rsa = self.s_client(server, "-sigalgs", "RSA-PSS+SHA256")
        self.assertIn("Peer signature type: RSA-PSS", only_rsa)

    def test_a_key_is_missing_or_fits_another_certificate(self):
        self.make_p256("a", "a.test")
        self.make_p256("b", "b.test")
        self.assertIn("--key", self.refuse(EX_USAGE, "--cert", "a.crt,b.crt", "--key", "a.key"))
        self.assertIn("b.key", self.refuse(EX_CONFIG, "--cert", "a.crt", "--key", "b.key"))


class Pkcs12(CredentialCase):
    def setUp(self):
        super().setUp()
        self.make_p256("server", "localhost")
        harness.openssl(self.folder, "pkcs12", "-export", "-in", "server.crt", "-inkey",
                        "server.key", "-passout", "pass:open sesame", "-out", "server.p12")

    def test_a_file_with_chain_and_key(self):
        server = harness.Server(self, "--cert", "server.p12", folder=self.folder,
                                environment={"HELIOGRAPH_KEY_PASSPHRASE": "open sesame"})
        self.assertEqual(self.presented(server, "localhost"), self.der("server"))

    def test_a_wrong_passphrase(self):
        said = self.refuse(EX_CONFIG, "--cert", "server.p12",
                           environment={"HELIOGRAPH_KEY_PASSPHRASE": "abracadabra"})
        self.assertIn("passphrase", said)
        self.assertNotIn("abracadabra", said)


class Stapling(CredentialCase):
    def test_the_response_is_stapled_for_those_who_ask(self):
        self.make_p256("server", "localhost")
        folder = self.folder
        folder.write("index.txt", "")
        serial = harness.openssl(folder, "x509", "-in", "server.crt", "-noout", "-serial")
        serial = serial.stdout.decode() if isinstance(serial.stdout, bytes) else serial.stdout
        folder.write("index.txt",
                     f"V\t401231235959Z\t\t{serial.strip().split('=')[1]}\tunknown\t/CN=localhost\n")
        harness.openssl(folder, "ocsp", "-issuer", "server.crt", "-cert", "server.crt", "-reqout",
                        "request.der")
        harness.openssl(folder, "ocsp", "-index", "index.txt", "-rsigner", "server.crt", "-rkey",
                        "server.key", "-CA", "server.crt", "-reqin", "request.der", "-respout",
                        "response.der", "-ndays", "1")
        server = harness.Server(self, "--ocsp", "response.der", folder=folder)
        self.assertIn("OCSP Response Status: successful", self.s_client(server, "-status"))
        self.assertNotIn("OCSP Response Status", self.s_client(server))


class Tickets(CredentialCase):
    def setUp(self):
        super().setUp()
        self.make_p256("server", "localhost")

    def resumes(self, first, second):
        self.s_client(first, "-servername", "localhost", "-sess_out", "session.pem")
        return "Reused, TLSv1.3" in self.s_client(second, "-servername", "localhost", "-sess_in",
                                                  "session.pem")

    def test_a_session_is_resumed(self):
        server = harness.Server(self, "--workers", "3", folder=self.folder)
        for _ in range(5):
            self.assertTrue(self.resumes(server, server))

    def test_servers_that_share_keys_resume_each_others_sessions(self):
        (self.folder / "tickets").write_bytes(bytes(range(144)))
        one, two = (harness.Server(self, "--ticket-keys", "tickets", folder=self.folder)
                    for _ in range(2))
        other = harness.Server(self, folder=self.folder)
        self.assertTrue(self.resumes(one, two))
        self.assertFalse(self.resumes(one, other))

    def test_keys_of_the_wrong_size(self):
        (self.folder / "tickets").write_bytes(bytes(100))
        self.assertIn("144", self.refuse(EX_CONFIG, "--ticket-keys", "tickets"))
        self.assertIn("nowhere", self.refuse(EX_NOINPUT, "--ticket-keys", "nowhere"))


class Reload(CredentialCase):
    def test_new_connections_see_the_new_certificate_and_a_broken_one_changes_nothing(self):
        self.make_p256("server", "localhost")
        server = harness.Server(self, folder=self.folder)
        first = self.der("server")
        raw = socket.create_connection(("127.0.0.1", server.port), harness.PATIENCE)
        with trusting_nobody().wrap_socket(raw, server_hostname="localhost") as old:
            self.assertEqual(old.getpeercert(binary_form=True), first)

            self.make_rsa("server", "localhost")
            second = self.der("server")
            server.process.send_signal(signal.SIGHUP)
            harness.wait_until(lambda: "event=reloaded" in server.log(), "the reload")
            harness.wait_until(lambda: self.presented(server, "localhost") == second,
                               "the new certificate")

            self.folder.write("server.crt", "not a certificate")
            server.process.send_signal(signal.SIGHUP)
            harness.wait_until(lambda: "event=reload_failed" in server.log(), "the refusal")
            self.assertIn("server.crt", server.log())
            self.assertEqual(self.presented(server, "localhost"), second)

            # The connection of before the first reload has seen nothing of all this.
            old.sendall(REQUEST)
            self.assertIn(b"200 OK", old.recv(65536))


if __name__ == "__main__":
    unittest.main()
