"""The configuration: its file, its documentation, and what SIGHUP reads again."""

import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import unittest

import harness

ROOT = pathlib.Path(__file__).resolve().parents[2]
EX_USAGE, EX_NOINPUT = 64, 66


def heliograph(*arguments, folder, **environment):
    return subprocess.run(
        [harness.BINARY, *arguments], cwd=folder.path, stdin=subprocess.DEVNULL,
        env=harness.clean_environment(HOME=str(folder.path), **environment),
        capture_output=True, text=True, timeout=harness.PATIENCE)


class Documents(unittest.TestCase):
    maxDiff = None

    def test_tables_and_example_are_what_the_command_prints(self):
        done = subprocess.run(
            [ROOT / "script" / "docs", "--check", harness.BINARY], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, "run script/docs\n" + done.stdout + done.stderr)

    def test_every_option_of_every_command_is_documented(self):
        documented = (ROOT / "docs" / "configuration.md").read_text()
        for command in (["serve"], ["user", "add"], ["check"], ["cert", "ca"], ["cert", "server"],
                        ["cert", "client"], ["connect"], ["ticket"]):
            done = subprocess.run(
                [harness.BINARY, "help", *command], capture_output=True, text=True, check=True)
            options = set(re.findall(r"(?m)^ +(--[a-z-]+)", done.stdout))
            variables = set(re.findall(r"HELIOGRAPH_[A-Z_]+", done.stdout))
            self.assertTrue(options)
            for word in options | variables:
                if word not in documented:
                    self.fail(f"{command}: {word} is not in docs/configuration.md")

    def test_the_example_is_read_with_its_defaults(self):
        folder = harness.Folder(self)
        lines = (ROOT / "dist" / "heliograph.toml").read_text().splitlines()
        keys = [line[1:] for line in lines if re.match(r"#[a-z-]+ = ", line)]
        self.assertGreater(len(keys), 30)
        settled = [key for key in keys if not re.search(r'"(unix|[A-Z:\[\]|])+"', key)]
        config = folder.write("heliograph.toml", "\n".join(settled) + "\ndemo = true\n"
                              if "demo = false" not in settled else
                              "\n".join(settled).replace("demo = false", "demo = true"))
        server = harness.Server(self, "--config", config, "--demo", folder=folder)
        self.assertEqual(server.stop(), 0)


class File(unittest.TestCase):
    def setUp(self):
        self.folder = harness.Folder(self)

    def refusal(self, content):
        config = self.folder.write("heliograph.toml", content)
        done = heliograph("serve", "--demo", "--config", config, folder=self.folder)
        self.assertEqual(done.returncode, EX_USAGE, done.stderr)
        return done.stderr

    def test_what_is_wrong_is_refused_with_its_line(self):
        for line, content in (
            (1, "workers = 0"),
            (2, "# a comment\nworkers = 'many'"),
            (3, "\n\nlog-level = 'loud'"),
            (1, "lisen = '9090'"),
            (1, "listen = 'nonsense'"),
            (2, "ping-interval = 20\nping-interval = 30"),
            (1, "[serve]\nworkers = 2"),
            (1, "listen = 9090 9091"),
            (1, "listen = localhost"),
            (1, "listen = 'x"),
            (1, 'listen = "x'),
            (1, r'listen = "\x"'),
            (1, r'listen = "\ud800"'),
            (1, "workers"),
            (1, "= 2"),
            (3, "origin = [\n  'https://a.example',\n  'https://b.example' 'c'\n]"),
            (1, "origin = []"),
            (1, "config = 'other'"),
            (1, "workers = 010"),  # which would be eight
            (1, "workers = 00"),
            (1, "workers = 0x2"),
            (1, "workers = _1"),
            (1, "workers = 1_"),
            (1, "workers = 1__0"),
            (1, "workers = +"),
        ):
            with self.subTest(content):
                self.assertIn(f"heliograph.toml:{line}: ", self.refusal(content))

    def test_the_command_line_is_not_blamed_on_the_file(self):
        config = self.folder.write("heliograph.toml", "workers = 2\n")
        done = heliograph(
            "serve", "--demo", "--config", config, "--workers", "0", folder=self.folder)
        self.assertEqual(done.returncode, EX_USAGE)
        self.assertNotIn("heliograph.toml:", done.stderr)

    def test_a_variable_counts_before_the_file_and_is_named(self):
        config = self.folder.write("heliograph.toml", "workers = 999\n")
        serve = ("serve", "--demo", "--config", config)
        done = heliograph(*serve, folder=self.folder, HELIOGRAPH_WORKERS="888")
        self.assertEqual(done.returncode, EX_USAGE)
        self.assertIn("HELIOGRAPH_WORKERS: --workers: Value 888", done.stderr)
        done = heliograph(*serve, "--workers", "777", folder=self.folder, HELIOGRAPH_WORKERS="888")
        self.assertEqual(done.returncode, EX_USAGE)
        self.assertIn("heliograph: --workers: Value 777", done.stderr)
        server = harness.Server(self, *serve[1:], folder=self.folder,
                                environment={"HELIOGRAPH_WORKERS": "1"})
        self.assertEqual(server.stop(), 0)

    def test_a_variable_that_is_wrong_is_not_in_the_way_of_other_commands(self):
        done = heliograph("version", folder=self.folder, HELIOGRAPH_WORKERS="888")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_file_that_is_missing_is_named(self):
        done = heliograph("serve", "--demo", "--config", "missing.toml", folder=self.folder)
        self.assertEqual(done.returncode, EX_NOINPUT)
        self.assertIn("missing.toml", done.stderr)

    def test_every_kind_of_value_is_read(self):
        config = self.folder.write("heliograph.toml", "\r\n".join((
            "# comment", "workers = 1_0 # ten", "no-greeting=true",
            r'''origin = ["https:\u002f\u002fa.example", # one''', "  'https://b.example', ]",
            "log-level = 'debug'", 'users = "a # b, \\"c\\""')))
        server = harness.Server(self, "--config", config, "--demo", folder=self.folder)
        threads = f"/proc/{server.process.pid}/task"
        harness.wait_until(lambda: len(os.listdir(threads)) > 10, "ten workers and the main thread")
        self.assertNotIn("any_origin", server.log())


class Logs(harness.TestCase):
    async def test_json_lines_are_objects_that_no_name_can_forge(self):
        name = '\u00fc\\"},{"forged","level"'
        folder = harness.Folder(self)
        heliograph_user(folder, name)
        server = harness.Server(
            self, "--log-format", "json", "--log-level", "debug", folder=folder)
        await self.logged_in(server, name, "secret")
        self.assertEqual(server.stop(), 0)
        events = [json.loads(line) for line in server.log().splitlines()]
        for event in events:
            self.assertRegex(event["time"], r"^\d{4}-\d\d-\d\dT")
            self.assertIn(event["level"], ("debug", "info", "warning", "error"))
        logins = [event for event in events if event["event"] == "login"]
        self.assertEqual([(login["result"], login["user"]) for login in logins], [("ok", name)])
        self.assertNotIn("secret", server.log())


class Reload(harness.TestCase):
    USERS = 1000

    def reload(self, server, event, count=1):
        server.process.send_signal(signal.SIGHUP)
        harness.wait_until(
            lambda: server.log().count(f"event={event}") == count, f"{event} in the log")

    def certificate(self, server):
        return ssl.get_server_certificate(("127.0.0.1", server.port))

    async def test_a_thousand_users_stay_while_certificates_change_or_cannot(self):
        redis = harness.Redis(self)
        for number in range(self.USERS):
            redis.ask("SET", f"user{number}", "password")
        server = harness.Server(
            self, "--redis", redis.url, "--workers", "2", "--max-handshakes-per-address", "2000")
        users = [await self.logged_in(server, f"user{number}", "password")
                 for number in range(self.USERS)]
        old = self.certificate(server)

        harness.make_certificate(server.folder)
        self.reload(server, "reloaded")
        new = self.certificate(server)
        self.assertNotEqual(new, old)

        server.folder.write("server.crt", "broken")
        self.reload(server, "reload_failed")
        self.assertIn("--cert", server.log())
        self.assertIn("server.crt", server.log())
        self.assertEqual(self.certificate(server), new)
        for user in users:
            await user.fence()

    async def test_users_login_keys_limits_and_level_are_read_again(self):
        folder = harness.Folder(self)
        harness.make_certificate(folder)
        heliograph_user(folder, "anna")
        config = folder.write("heliograph.toml", "log-level = 'warn'\nworkers = 1\n")
        server = harness.Server(self, "--config", config, folder=folder)
        client = await self.connect(server)
        self.assertEqual(await client.login("ben", "secret"), harness.LOGIN_FAILED)

        heliograph_user(folder, "ben")
        folder.write("heliograph.toml", "log-level = 'info'\nworkers = 2\n")
        self.reload(server, "reloaded")
        self.assertRegex(server.log(), r"event=needs_restart option=--workers")
        self.assertEqual(await client.login("ben", "secret"), harness.LOGGED_IN)

    async def test_origins_times_sizes_and_the_drain_are_read_again(self):
        folder = harness.Folder(self)
        harness.make_certificate(folder)
        for name in ("anna", "ben"):
            heliograph_user(folder, name)
        config = folder.write("heliograph.toml", "origin = ['https://a.example']\n"
                              "drain-time = 3600\nping-interval = 20\n")
        server = harness.Server(self, "--config", config, folder=folder)
        old = await self.logged_in(server, "anna", "secret", origin="https://a.example")
        with self.assertRaises(harness.websockets.InvalidStatusCode):
            await self.connect(server, origin="https://b.example")

        folder.write("heliograph.toml", "origin = ['https://b.example']\ndrain-time = 0\n"
                     "ping-interval = 7\nidle-timeout = 15\nmax-message = 1024\n")
        self.reload(server, "reloaded")
        self.assertNotIn("needs_restart", server.log())
        with self.assertRaises(harness.websockets.InvalidStatusCode):
            await self.connect(server, origin="https://a.example")
        options = {"origin": "https://b.example", "greeted": False,
                   "subprotocols": ["heliograph.v1"]}
        new = await self.connect(server, **options)
        login = {"type": "login", "name": "ben", "password": "secret"}
        self.assertEqual(json.loads(await new.ask(login))["heartbeat"], 7)
        await new.send("x" * 1025)
        self.assertEqual(await new.closed_with(), 1009)
        await old.ask("x" * 60_000)

        # Sixteen would go at once in any case.
        others = [await self.connect(server, **options) for _ in range(40)]
        server.process.send_signal(signal.SIGTERM)
        for other in others:
            goaway = json.loads(await other.receive())
            self.assertEqual((goaway["type"], goaway["reconnect_after"]), ("goaway", 0))

    async def test_all_or_nothing_is_taken(self):
        folder = harness.Folder(self)
        harness.make_certificate(folder)
        heliograph_user(folder, "anna")
        config = folder.write("heliograph.toml", "")
        server = harness.Server(self, "--config", config, folder=folder)
        client = await self.connect(server)
        old = self.certificate(server)
        for count, (content, reason) in enumerate((
            ("\nlog-level = 'loud'\n", "heliograph.toml:2: --log-level"),
            ("login-key-file = 'missing'\n", "--login-key-file"),
            ("users = 'missing'\n", "missing"),
            ("client-ca = 'users'\n", "--client-ca"),
        ), 1):
            with self.subTest(content):
                harness.make_certificate(folder)
                folder.write("heliograph.toml", content)
                self.reload(server, "reload_failed", count)
                self.assertIn(reason, server.log().splitlines()[-1])
                self.assertEqual(self.certificate(server), old)
        self.assertEqual(await client.login("anna", "secret"), harness.LOGGED_IN)


def heliograph_user(folder, name):
    subprocess.run([harness.BINARY, "user", "add", name], cwd=folder.path, input="secret\n",
                   env=harness.clean_environment(), text=True, check=True, capture_output=True)
