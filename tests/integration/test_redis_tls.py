"""Redis over TLS: whom we believe, and who we are."""

import subprocess

import harness
from harness import LOGGED_IN, LOGIN_FAILED
from redis_sets import MASTERS, Cluster, Sentinels

EX_NOPERM = 77


class TlsTestCase(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = harness.Folder(self)
        self.make("ca")

    def make(self, *arguments):
        subprocess.run([harness.BINARY, "cert", *arguments], cwd=self.folder.path, check=True,
                       capture_output=True, timeout=harness.PATIENCE)

    def path(self, name):
        return str(self.folder / name)

    def certificate(self, *names):
        """What a Redis is told that shall have a certificate for `names`."""
        self.make("server", *names)
        return ("--tls-cert-file", self.path("server.crt"), "--tls-key-file",
                self.path("server.key"), "--tls-ca-cert-file", self.path("ca.crt"))

    def check_url(self, url, *options):
        return subprocess.run(
            [harness.BINARY, "check", "--redis", url, *options], cwd=harness.Folder(self).path,
            env=harness.clean_environment(), capture_output=True, text=True,
            timeout=harness.PATIENCE)

    async def login(self, server):
        client = await self.connect(server)
        return await client.login("user1", "password1")


class RedisOverTls(TlsTestCase):
    def redis(self, *names, clients="no"):
        redis = harness.Redis(self, *self.certificate(*names), "--tls-auth-clients", clients,
                              tls=True)
        redis.cli("SET", "user1", "password1")
        return redis

    def server(self, redis, *options, host="localhost"):
        return harness.Server(self, "--redis", f"rediss://{host}:{redis.port}", *options)

    def check(self, redis, *options, host="localhost"):
        return self.check_url(f"rediss://{host}:{redis.port}", *options)

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


class ManyServersOverTls(TlsTestCase):
    """All talk among the servers is over TLS as well."""

    AMONG_THEM = ("--tls-auth-clients", "no", "--tls-replication", "yes")

    async def test_a_fail_over_is_followed_and_a_wrong_name_refused(self):
        sentinels = Sentinels(self, *self.certificate("127.0.0.1"), *self.AMONG_THEM, tls=True)
        sentinels.master.ask("SET", "user1", "password1")
        self.assertEqual(sentinels.master.ask("WAIT", 2, harness.PATIENCE * 1000), 2)
        options = (sentinels.url, "--redis-ca", self.path("ca.crt"))
        await self.refused(*options, "--redis-name", "redis.test")
        checked = self.check_url(*options)
        self.assertEqual(checked.returncode, 0, checked.stdout)
        self.assertIn("certificate for 127.0.0.1", checked.stdout)
        server = harness.Server(self, "--redis", *options)
        client = await self.logged_in(server, "user1", "password1")
        old = sentinels.master.port
        sentinels.master.kill()

        async def another_master_lets_in():
            return (sentinels.known_master() != old
                    and await client.login("user1", "password1") == LOGGED_IN)

        await harness.wait_until_async(another_master_lets_in, "logins after the fail-over")

    async def test_a_slot_that_moves_is_followed_and_a_wrong_name_refused(self):
        self.make("client", "node")
        cluster = Cluster(self, *self.certificate("redis.test"), *self.AMONG_THEM,
                          "--tls-client-cert-file", self.path("node.crt"), "--tls-client-key-file",
                          self.path("node.key"), "--tls-cluster", "yes", tls=True)
        cluster.set("user1", "password1")
        options = (cluster.url, "--redis-ca", self.path("ca.crt"))
        await self.refused(*options)
        options += ("--redis-name", "redis.test")
        checked = self.check_url(*options)
        self.assertEqual(checked.returncode, 0, checked.stdout)
        server = harness.Server(self, "--redis", *options)
        client = await self.logged_in(server, "user1", "password1")
        slot = cluster.slot_of("user1")
        for _ in cluster.moves(slot, (cluster.owners[slot] + 1) % MASTERS):
            self.assertEqual(await client.login("user1", "password1"), LOGGED_IN)

    async def refused(self, url, *options):
        self.assertEqual(self.check_url(url, *options).returncode, EX_NOPERM)
        server = harness.Server(self, "--redis", url, *options)
        self.assertEqual(await self.login(server), LOGIN_FAILED)
        harness.wait_until(lambda: "redis_down" in server.log() and "name" in server.log(),
                           "the reason in the log")
