"""Redis over TLS: whom we believe, and who we are."""

import subprocess

import harness
from harness import LOGGED_IN, LOGIN_FAILED

EX_NOPERM = 77


class RedisOverTls(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = harness.Folder(self)
        self.make("ca")

    def make(self, *arguments):
        subprocess.run([harness.BINARY, "cert", *arguments], cwd=self.folder.path, check=True,
                       capture_output=True, timeout=harness.PATIENCE)

    def path(self, name):
        return str(self.folder / name)

    def redis(self, *names, clients="no"):
        self.make("server", *names)
        redis = harness.Redis(
            self, "--tls-cert-file", self.path("server.crt"), "--tls-key-file",
            self.path("server.key"), "--tls-ca-cert-file", self.path("ca.crt"),
            "--tls-auth-clients", clients, tls=True)
        redis.cli("SET", "user1", "password1")
        return redis

    def server(self, redis, *options, host="localhost"):
        return harness.Server(self, "--redis", f"rediss://{host}:{redis.port}", *options)

    def check(self, redis, *options, host="localhost"):
        return subprocess.run(
            [harness.BINARY, "check", "--redis", f"rediss://{host}:{redis.port}", *options],
            cwd=harness.Folder(self).path, env=harness.clean_environment(), capture_output=True,
            text=True, timeout=harness.PATIENCE)

    async def login(self, server):
        client = await self.connect(server)
        return await client.login("user1", "password1")

    async def test_a_server_of_a_private_authority_is_believed_if_that_is_named(self):
        redis = self.redis("localhost", "127.0.0.1")
        ca = ("--redis-ca", self.path("ca.crt"))
        for host in ("localhost", "127.0.0.1"):
            self.assertEqual(await self.login(self.server(redis, *ca, host=host)), LOGGED_IN)
        stranger = self.server(redis)
        self.assertEqual(await self.login(stranger), LOGIN_FAILED)
        harness.wait_until(lambda: "redis_down" in stranger.log(), "the reason in the log")
        self.assertIn("TLS", stranger.log())
        checked = self.check(redis, *ca)
        self.assertEqual(checked.returncode, 0, checked.stdout)
        self.assertRegex(checked.stdout, r"TLS 1\.3, TLS_\w+, certificate for localhost, 127\.0\.0\.1")
        self.assertEqual(self.check(redis).returncode, EX_NOPERM)

    async def test_a_server_with_another_name_is_refused_unless_that_name_is_given(self):
        redis = self.redis("redis.test")
        ca = ("--redis-ca", self.path("ca.crt"))
        wrong = self.server(redis, *ca)
        self.assertEqual(await self.login(wrong), LOGIN_FAILED)
        harness.wait_until(lambda: "name" in wrong.log(), "the reason in the log")
        self.assertEqual(self.check(redis, *ca).returncode, EX_NOPERM)
        right = self.server(redis, *ca, "--redis-name", "redis.test")
        self.assertEqual(await self.login(right), LOGGED_IN)

    async def test_a_server_that_asks_for_a_certificate_gets_ours(self):
        redis = self.redis("localhost", clients="yes")
        self.make("client", "heliograph")
        ca = ("--redis-ca", self.path("ca.crt"))
        own = ("--redis-cert", self.path("heliograph.crt"), "--redis-key",
               self.path("heliograph.key"))
        self.assertEqual(await self.login(self.server(redis, *ca, *own)), LOGGED_IN)
        nobody = self.server(redis, *ca)
        self.assertEqual(await self.login(nobody), LOGIN_FAILED)
        harness.wait_until(lambda: "redis_down" in nobody.log(), "the reason in the log")

    async def test_users_are_managed_over_tls_and_a_restart_costs_no_login(self):
        redis = self.redis("localhost")
        redis_options = ("--redis", f"rediss://localhost:{redis.port}", "--redis-ca",
                         self.path("ca.crt"))
        subprocess.run([harness.BINARY, "user", "add", "anna", *redis_options], input="secret\n",
                       env=harness.clean_environment(), check=True, capture_output=True, text=True,
                       timeout=harness.PATIENCE)
        server = harness.Server(self, *redis_options)
        client = await self.connect(server)
        self.assertEqual(await client.login("anna", "secret"), LOGGED_IN)
        for _ in range(3):
            redis.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            self.assertEqual(await client.login("user1", "password1"), LOGGED_IN)
