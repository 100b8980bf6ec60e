"""Starts that cannot work end with one clear line and a code of sysexits.h; ends are clean."""

import os
import pathlib
import socket
import subprocess
import unittest

import harness

EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_UNAVAILABLE, EX_CONFIG = 64, 65, 66, 69, 78


class StartCase(unittest.TestCase):
    def setUp(self):
        self.folder = harness.Folder(self)

    def fail_to_start(self, *options, environment=None):
        """The exit code and the only line on standard error of a server that cannot start."""
        if "--listen" not in options:
            options = ("--listen", "127.0.0.1:0", *options)
        done = subprocess.run(
            [harness.BINARY, "serve", *options],
            cwd=self.folder.path,
            env=harness.clean_environment(HOME=str(self.folder.path), **(environment or {})),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=harness.PATIENCE,
        )
        self.assertEqual(done.stdout, "")
        lines = [line for line in done.stderr.splitlines() if not line.startswith("time=")]
        self.assertEqual(len(lines), 1, done.stderr)
        return done.returncode, lines[0]


class BadStarts(StartCase):
    def test_a_missing_certificate_is_named(self):
        code, line = self.fail_to_start()
        self.assertEqual(code, EX_NOINPUT)
        self.assertIn("server.crt", line)

    def test_a_missing_key_is_named(self):
        harness.make_certificate(self.folder)
        (self.folder / "server.key").unlink()
        code, line = self.fail_to_start()
        self.assertEqual(code, EX_NOINPUT)
        self.assertIn("server.key", line)

    def test_a_folder_in_place_of_the_certificate_is_refused(self):
        (self.folder / "server.crt").mkdir()
        code, line = self.fail_to_start()
        self.assertEqual(code, EX_NOINPUT)
        self.assertIn("server.crt", line)

    @unittest.skipIf(os.geteuid() == 0, "root reads everything")
    def test_an_unreadable_key_is_named(self):
        harness.make_certificate(self.folder)
        (self.folder / "server.key").chmod(0)
        code, line = self.fail_to_start()
        self.assertEqual(code, EX_NOINPUT)
        self.assertIn("server.key", line)

    def test_a_key_that_belongs_to_another_certificate_is_refused(self):
        harness.make_certificate(self.folder)
        harness.make_certificate(self.folder, name="other")
        code, line = self.fail_to_start("--key", "other.key")
        self.assertEqual(code, EX_CONFIG)
        self.assertIn("other.key", line)

    def test_files_that_are_no_pem_are_refused(self):
        for content in ("", "certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n"):
            with self.subTest(content):
                harness.make_certificate(self.folder)
                self.folder.write("server.crt", content)
                code, line = self.fail_to_start()
                self.assertEqual(code, EX_CONFIG)
                self.assertIn("server.crt", line)

    def test_an_encrypted_key_asks_for_its_passphrase(self):
        harness.make_tutorial_certificate(self.folder)
        code, line = self.fail_to_start("--key", "server.pass.key")
        self.assertEqual(code, EX_CONFIG)
        self.assertIn("passphrase", line)

    def test_a_wrong_passphrase_is_refused(self):
        harness.make_tutorial_certificate(self.folder)
        wrong = self.folder.write("passphrase", "54321\n")
        code, line = self.fail_to_start(
            "--key", "server.pass.key", "--key-passphrase-file", wrong
        )
        self.assertEqual(code, EX_CONFIG)
        self.assertIn("passphrase", line)
        self.assertNotIn("54321", line)

    def test_a_missing_users_file_says_how_to_make_one(self):
        harness.make_certificate(self.folder)
        code, line = self.fail_to_start()
        self.assertEqual(code, EX_NOINPUT)
        self.assertIn("heliograph user add", line)

    def test_a_damaged_users_file_is_named_with_its_line(self):
        harness.make_certificate(self.folder)
        for content in ("user1\n", "user1:$scrypt$ln=99\n", ":x\n", "a:$scrypt$a\n"):
            with self.subTest(content):
                users = self.folder.write("users", content)
                code, line = self.fail_to_start("--users", users)
                self.assertEqual(code, EX_DATAERR)
                self.assertIn("users", line)
                self.assertIn("1", line)

    def test_a_port_in_use_is_named(self):
        harness.make_certificate(self.folder)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            code, line = self.fail_to_start("--listen", f"127.0.0.1:{port}", "--demo")
        self.assertEqual(code, EX_UNAVAILABLE)
        self.assertIn(str(port), line)
        self.assertRegex(line, "in use")

    def test_a_second_server_on_the_same_port_is_refused(self):
        first = harness.Server(self, "--demo")
        code, line = self.fail_to_start("--listen", f"127.0.0.1:{first.port}", "--demo")
        self.assertEqual(code, EX_UNAVAILABLE)
        self.assertRegex(line, "in use")


class BadOptions(StartCase):
    def fail_by_usage(self, *arguments):
        done = subprocess.run(
            [harness.BINARY, *arguments], cwd=self.folder.path, stdin=subprocess.DEVNULL,
            env=harness.clean_environment(HOME=str(self.folder.path)),
            capture_output=True, text=True, timeout=harness.PATIENCE,
        )
        self.assertEqual(done.returncode, EX_USAGE, done.stderr)
        return done.stderr

    def test_wrong_values_are_refused(self):
        for options in (
            ("--listen", "nonsense"), ("--listen", "127.0.0.1:70000"), ("--listen", ":"),
            ("--workers", "0"), ("--workers", "many"), ("--max-message", "-1"),
            ("--log-level", "loud"), ("--redis", "http://localhost"), ("--origin", "nonsense"),
            ("--idle-timeout", "0"), ("--unknown",),
        ):
            with self.subTest(options):
                text = self.fail_by_usage("serve", "--demo", *options)
                self.assertIn(options[0], text)

    def test_no_command_or_an_unknown_one_is_refused(self):
        self.fail_by_usage()
        self.fail_by_usage("nonsense")

    def test_an_unknown_key_in_the_configuration_is_refused(self):
        config = self.folder.write("heliograph.toml", "lisen = '9090'\n")
        self.assertIn("lisen", self.fail_by_usage("serve", "--demo", "--config", config))


class GoodStarts(StartCase):
    def test_the_encrypted_key_of_the_tutorial_is_loaded_with_its_passphrase(self):
        harness.make_tutorial_certificate(self.folder)
        passphrase = self.folder.write("passphrase", "12345\n")
        self.folder.write("users", "")
        for options, environment in (
            (("--key-passphrase-file", passphrase), {}),
            ((), {"HELIOGRAPH_KEY_PASSPHRASE": "12345"}),
        ):
            server = harness.Server(
                self, "--key", "server.pass.key", *options,
                folder=self.folder, environment=environment,
            )
            self.assertEqual(server.stop(), 0)

    def test_options_come_from_a_file_and_from_the_environment(self):
        harness.make_certificate(self.folder, name="site")
        self.folder.write("users", "")
        config = self.folder.write("heliograph.toml", 'cert = "site.crt"\nkey = "site.key"\n')
        harness.make_certificate(self.folder)  # would be the default
        (self.folder / "server.key").unlink()
        server = harness.Server(self, "--config", config, folder=self.folder)
        self.assertEqual(server.stop(), 0)
        server = harness.Server(
            self, folder=self.folder,
            environment={"HELIOGRAPH_CERT": "site.crt", "HELIOGRAPH_KEY": "site.key"},
        )
        self.assertEqual(server.stop(), 0)

    def test_the_demo_keeps_its_certificate(self):
        def fingerprint(server):
            return harness.ssl.get_server_certificate(("127.0.0.1", server.port))

        first = harness.Server(self, "--demo", folder=self.folder)
        certificate = fingerprint(first)
        self.assertEqual(first.stop(), 0)
        second = harness.Server(self, "--demo", folder=self.folder)
        self.assertEqual(fingerprint(second), certificate)
        for key in pathlib.Path(self.folder.path).rglob("*.key"):
            self.assertEqual(key.stat().st_mode & 0o777, 0o600)

    def test_version_and_help_are_printed(self):
        for arguments in (("version",), ("--version",), ("--help",), ("serve", "--help")):
            done = subprocess.run(
                [harness.BINARY, *arguments], capture_output=True, text=True, check=True
            )
            self.assertIn("heliograph" if "serve" not in arguments else "--listen", done.stdout)


class Ends(harness.TestCase):
    async def test_a_terminated_server_says_goodbye_with_1001_and_exits_with_0(self):
        server = harness.Server(self, "--demo")
        client = await self.logged_in(server, "user1", "password1")
        server.process.send_signal(harness.signal.SIGTERM)
        self.assertEqual(await client.closed_with(), 1001)
        self.assertEqual(server.process.wait(harness.PATIENCE), 0)

    async def test_an_interrupted_server_exits_with_0_while_clients_are_connected(self):
        server = harness.Server(self, "--demo", "--workers", "3")
        for _ in range(5):
            await self.connect(server)
        server.process.send_signal(harness.signal.SIGINT)
        self.assertEqual(server.process.wait(harness.PATIENCE), 0)

    async def test_a_second_signal_ends_a_server_whose_client_does_not_close(self):
        server = harness.Server(self, "--demo")
        client = await self.connect(server)
        client.socket.transport.pause_reading()
        server.process.send_signal(harness.signal.SIGTERM)
        harness.wait_until(lambda: "drain" in server.log(), "the server drains")
        server.process.send_signal(harness.signal.SIGTERM)
        self.assertEqual(server.process.wait(harness.PATIENCE), 0)
