"""Users in Redis, and Redis that goes away, comes back, or is not what it should be."""

import base64
import hashlib
import os
import subprocess
import tempfile

import harness
from harness import LEAVE, LOGGED_IN, LOGIN_FAILED

EX_UNAVAILABLE = 69


def scrypt_phc(password):
    """A PHC string whose hash Python has computed."""

    def text(value):
        return base64.b64encode(value).rstrip(b"=").decode()

    salt = b"SodiumChloride"
    cost = {"n": 1 << 14, "r": 8, "p": 1, "maxmem": 1 << 26}
    key = hashlib.scrypt(password.encode(), salt=salt, dklen=32, **cost)
    return f"$scrypt$ln=14,r=8,p=1${text(salt)}${text(key)}"


class UsersInRedis(harness.TestCase):
    async def test_the_tutorial_works_with_its_own_certificate_and_users(self):
        folder = harness.Folder(self)
        harness.make_tutorial_certificate(folder)
        redis = harness.Redis(self)
        server = harness.Server(self, "--redis", redis.url, folder=folder)
        redis.cli("SET", "user1", "password1")
        redis.cli("SET", "user2", "password2")
        one = await self.logged_in(server, "user1", "password1")
        two = await self.logged_in(server, "user2", "password2")
        await one.send('{"type":"offer","offer":1,"name":"user2"}')
        self.assertEqual(await two.receive(), '{"type":"offer","offer":1,"name":"user1"}')

    async def test_a_changed_password_counts_at_once(self):
        redis = harness.Redis(self)
        server = harness.Server(self, "--redis", redis.url)
        redis.cli("SET", "user1", "old")
        client = await self.logged_in(server, "user1", "old")
        await client.close()
        redis.cli("SET", "user1", "new")
        client = await self.connect(server)
        self.assertEqual(await client.login("user1", "old"), LOGIN_FAILED)
        self.assertEqual(await client.login("user1", "new"), LOGGED_IN)

    async def test_passwords_of_any_bytes_are_compared_whole(self):
        redis = harness.Redis(self)
        server = harness.Server(self, "--redis", redis.url)
        for password in ("p w", "pässwörd", "密码", "quo\"te", "x" * 1000, "$ecret$"):
            redis.cli("SET", "user1", password)
            client = await self.connect(server)
            self.assertEqual(await client.login("user1", password[:-1]), LOGIN_FAILED)
            self.assertEqual(await client.login("user1", password + "x"), LOGIN_FAILED)
            self.assertEqual(await client.login("user1", password), LOGGED_IN)
            await client.close()

    async def test_hashed_passwords_are_verified_and_damaged_hashes_refused(self):
        redis = harness.Redis(self)
        server = harness.Server(self, "--redis", redis.url)
        phc = scrypt_phc("pleaseletmein")
        client = await self.connect(server)
        redis.cli("SET", "user1", phc)
        self.assertEqual(await client.login("user1", "pleaseletmeout"), LOGIN_FAILED)
        self.assertEqual(await client.login("user1", phc), LOGIN_FAILED)
        self.assertEqual(await client.login("user1", "pleaseletmein"), LOGGED_IN)
        half = "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$"
        for damaged in (half, "$scrypt$", "$argon2id$v=19$a$b"):
            redis.cli("SET", "user2", damaged)
            self.assertEqual(await client.login("user2", damaged), LOGIN_FAILED)

    async def test_a_password_database_and_unix_socket_are_used(self):
        redis = harness.Redis(self, "--requirepass", "secret")
        redis.cli("-a", "secret", "--no-auth-warning", "-n", "3", "SET", "user1", "password1")
        folder = harness.Folder(self)
        secret = folder.write("redis.password", "secret\n")
        for options in (
            ("--redis", f"redis://:secret@127.0.0.1:{redis.port}/3"),
            ("--redis", f"{redis.url}/3", "--redis-password-file", secret),
        ):
            with self.subTest(options):
                server = harness.Server(self, *options)
                await self.logged_in(server, "user1", "password1")

    async def test_users_can_be_hashes_with_the_password_in_a_field(self):
        redis = harness.Redis(self)
        redis.cli("HSET", "user:anna", "password", "secret", "mail", "anna@example.org")
        redis.cli("SET", "user:ben", "secret")
        server = harness.Server(self, "--redis", redis.url, "--redis-prefix", "user:",
                                "--redis-field", "password")
        client = await self.connect(server)
        self.assertEqual(await client.login("anna", "anna@example.org"), LOGIN_FAILED)
        self.assertEqual(await client.login("ben", "secret"), LOGIN_FAILED)
        self.assertEqual(await client.login("nobody", "secret"), LOGIN_FAILED)
        self.assertEqual(await client.login("anna", "secret"), LOGGED_IN)

    async def test_a_unix_socket_is_found_by_its_path(self):
        redis = harness.Redis(self)
        redis.cli("SET", "user1", "password1")
        server = harness.Server(self, "--redis", f"unix:{redis.socket_path}")
        await self.logged_in(server, "user1", "password1")

    async def test_our_own_keys_are_no_users(self):
        redis = harness.Redis(self)
        server = harness.Server(self, "--redis", redis.url)
        redis.cli("SET", "hg:user", "password")
        client = await self.connect(server)
        self.assertEqual(await client.login("hg:user", "password"), LOGIN_FAILED)


class RedisGoesAway(harness.TestCase):
    async def test_users_and_calls_survive_and_logins_work_again_afterwards(self):
        redis = harness.Redis(self)
        server = harness.Server(self, "--redis", redis.url)
        for user in ("1", "2", "3"):
            redis.cli("SET", "user" + user, "password" + user)
        one = await self.logged_in(server, "user1", "password1")
        two = await self.logged_in(server, "user2", "password2")
        await one.send('{"type":"offer","offer":1,"name":"user2"}')
        self.assertEqual(await two.receive(), '{"type":"offer","offer":1,"name":"user1"}')

        redis.kill()
        three = await self.connect(server)
        self.assertEqual(await three.login("user3", "password3"), LOGIN_FAILED)
        await two.send('{"type":"answer","answer":2,"name":"user1"}')
        self.assertEqual(await one.receive(), '{"type":"answer","answer":2}')

        redis.start()
        redis.cli("SET", "user3", "password3")

        async def logins_work():
            return await three.login("user3", "password3") == LOGGED_IN

        await harness.wait_until_async(logins_work, "logins after Redis came back")
        await one.send('{"type":"candidate","candidate":3,"name":"user2"}')
        self.assertEqual(await two.receive(), '{"type":"candidate","candidate":3}')
        await one.send('{"type":"leave","name":"user2"}')
        self.assertEqual(await two.receive(), LEAVE)

    async def test_the_server_starts_without_redis_and_finds_it_later(self):
        redis = harness.Redis(self)
        redis.kill()
        server = harness.Server(self, "--redis", redis.url)
        client = await self.connect(server)
        self.assertEqual(await client.login("user1", "password1"), LOGIN_FAILED)
        harness.wait_until(lambda: "redis_down" in server.log(), "a line about Redis in the log")
        redis.start()
        redis.cli("SET", "user1", "password1")

        async def logins_work():
            return await client.login("user1", "password1") == LOGGED_IN

        await harness.wait_until_async(logins_work, "logins after Redis came up")

    async def test_a_frozen_redis_fails_logins_and_nothing_else(self):
        redis = harness.Redis(self)
        redis.cli("SET", "user1", "password1")
        redis.cli("SET", "user2", "password2")
        server = harness.Server(self, "--redis", redis.url)
        one = await self.logged_in(server, "user1", "password1")
        freezer = await self.connect(server)
        redis.process.send_signal(harness.signal.SIGSTOP)
        try:
            self.assertEqual(await freezer.login("user2", "password2"), LOGIN_FAILED)
            await one.fence()
        finally:
            redis.process.send_signal(harness.signal.SIGCONT)

        async def logins_work():
            return await freezer.login("user2", "password2") == LOGGED_IN

        await harness.wait_until_async(logins_work, "logins after Redis thawed")

    async def test_connections_that_redis_closes_cost_no_login(self):
        redis = harness.Redis(self)
        redis.cli("SET", "user1", "password1")
        server = harness.Server(self, "--redis", redis.url)
        client = await self.connect(server)
        for _ in range(3):  # further attempts to connect are put off
            redis.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            self.assertEqual(await client.login("user1", "password1"), LOGGED_IN)

    async def test_emptied_databases_refuse_new_logins_and_leave_those_that_are_in(self):
        redis = harness.Redis(self)
        redis.cli("SET", "user1", "password1")
        server = harness.Server(self, "--redis", redis.url)
        one = await self.logged_in(server, "user1", "password1")
        redis.cli("FLUSHALL")
        two = await self.connect(server)
        self.assertEqual(await two.login("user2", "password2"), LOGIN_FAILED)
        await one.fence()
        redis.cli("SET", "user2", "password2")
        self.assertEqual(await two.login("user2", "password2"), LOGGED_IN)

    async def test_a_full_redis_refuses_logins_until_it_has_room(self):
        redis = harness.Redis(self)
        redis.cli("SET", "user1", "password1")
        server = harness.Server(self, "--redis", redis.url)
        client = await self.logged_in(server, "user1", "password1")
        redis.ask("CONFIG", "SET", "maxclients", "1")
        redis.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        other = await self.connect(server)
        self.assertEqual(await other.login("user1", "password1"), LOGIN_FAILED)
        await client.fence()
        redis.ask("CONFIG", "SET", "maxclients", "100")
        await client.close()

        async def logins_work():
            return await other.login("user1", "password1") == LOGGED_IN

        await harness.wait_until_async(logins_work, "logins once there is room")


class RedisIsWrong(harness.TestCase):
    async def test_rights_that_are_missing_fail_logins_and_say_so_in_the_log(self):
        redis = harness.Redis(self)
        redis.cli("SET", "user1", "password1")
        redis.cli("ACL", "SETUSER", "reader", "on", ">secret", "~other:*", "+get")
        server = harness.Server(self, "--redis", f"redis://reader:secret@127.0.0.1:{redis.port}")
        client = await self.connect(server)
        self.assertEqual(await client.login("user1", "password1"), LOGIN_FAILED)
        harness.wait_until(lambda: "NOPERM" in server.log(), "the reason in the log")
        redis.cli("ACL", "SETUSER", "reader", "~user*")
        self.assertEqual(await client.login("user1", "password1"), LOGGED_IN)

    async def refuses_writes_and_logs_in(self, redis):
        server = harness.Server(self, "--redis", redis.url)
        await self.logged_in(server, "user1", "password1")
        added = self.add_user(redis)
        self.assertEqual(added.returncode, EX_UNAVAILABLE)
        self.assertIn("MISCONF", added.stderr)
        client = await self.connect(server)
        self.assertEqual(await client.login("anna", "secret"), LOGIN_FAILED)

    def add_user(self, redis):
        return subprocess.run([harness.BINARY, "user", "add", "anna", "--redis", redis.url],
                              input="secret\n", capture_output=True, text=True,
                              env=harness.clean_environment(), timeout=harness.PATIENCE)

    def small_disk(self, *options):
        """A Redis with a disk of its own, of one mebibyte, which nobody but it can see."""
        within = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
                  'mount -t tmpfs -o size=1m tmpfs data && exec "$@"', "sh")
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "data"))
            tried = subprocess.run([*within, "true"], cwd=folder, capture_output=True, text=True)
        if tried.returncode != 0:
            self.skipTest(f"no file systems of one's own here: {tried.stderr.strip()}")
        make_folder = ("sh", "-c", 'mkdir data; exec "$@"', "sh")
        redis = harness.Redis(self, "--dir", "data", *options, within=(*make_folder, *within))
        redis.cli("SET", "user1", "password1")
        return redis

    async def test_a_disk_without_room_for_a_snapshot_stops_no_login(self):
        redis = self.small_disk("--save", "3600 1000000", "--rdbcompression", "no")
        redis.cli("SETRANGE", "large", str(2 << 20), "x")
        redis.cli("BGSAVE")
        harness.wait_until(lambda: "last_bgsave_status:err" in redis.cli("INFO", "persistence"),
                           "a failed save")
        await self.refuses_writes_and_logs_in(redis)
        redis.cli("CONFIG", "SET", "rdbcompression", "yes")
        redis.cli("BGSAVE")
        harness.wait_until(lambda: "last_bgsave_status:ok" in redis.cli("INFO", "persistence"),
                           "a save that has room")
        added = self.add_user(redis)
        self.assertEqual(added.returncode, 0, added.stderr)

    async def test_a_disk_that_is_full_of_appended_commands_stops_no_login(self):
        redis = self.small_disk("--appendonly", "yes", "--appendfsync", "everysec")
        redis.ask("SET", "large", "x" * (2 << 20))
        harness.wait_until(lambda: "aof_last_write_status:err" in redis.cli("INFO", "persistence"),
                           "a failed write")
        await self.refuses_writes_and_logs_in(redis)

    async def test_a_folder_that_is_gone_stops_no_login(self):
        redis = harness.Redis(self, "--save", "3600 1000000", "--enable-protected-configs", "yes")
        redis.cli("SET", "user1", "password1")
        redis.folder.path.joinpath("data").mkdir()
        redis.cli("CONFIG", "SET", "dir", str(redis.folder / "data"))
        redis.folder.path.joinpath("data").rmdir()
        redis.cli("BGSAVE")
        harness.wait_until(lambda: "last_bgsave_status:err" in redis.cli("INFO", "persistence"),
                           "a failed save")
        await self.refuses_writes_and_logs_in(redis)

    async def test_values_that_are_no_passwords_cost_neither_memory_nor_other_logins(self):
        redis = harness.Redis(self)
        redis.cli("SET", "user1", "password1")
        redis.cli("SETRANGE", "huge", str((64 << 20) - 1), "x")
        redis.cli("RPUSH", "list", "x")
        server = harness.Server(self, "--redis", redis.url)
        one = await self.logged_in(server, "user1", "password1")
        before = server.resident_bytes()
        two = await self.connect(server)
        self.assertEqual(await two.login("list", "x"), LOGIN_FAILED)
        self.assertEqual(await two.login("huge", "x"), LOGIN_FAILED)
        self.assertEqual(await one.login("user1", "password1"), LOGGED_IN)
        self.assertLess(server.resident_bytes() - before, 16 << 20)

    async def test_a_wrong_password_fails_logins_and_says_so_in_the_log(self):
        redis = harness.Redis(self, "--requirepass", "secret")
        server = harness.Server(self, "--redis", f"redis://:wrong@127.0.0.1:{redis.port}")
        client = await self.connect(server)
        self.assertEqual(await client.login("user1", "password1"), LOGIN_FAILED)
        harness.wait_until(lambda: "WRONGPASS" in server.log(), "the reason in the log")
        self.assertNotIn("secret", server.log())

    async def test_a_server_that_is_no_redis_fails_logins_and_says_so_in_the_log(self):
        other = harness.Server(self, "--demo")
        server = harness.Server(self, "--redis", f"redis://127.0.0.1:{other.port}")
        client = await self.connect(server)
        self.assertEqual(await client.login("user1", "password1"), LOGIN_FAILED)
        harness.wait_until(lambda: "redis_down" in server.log(), "the reason in the log")
