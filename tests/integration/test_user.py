"""The command `heliograph user`, and logins with what it wrote."""

import subprocess

import harness
from harness import LOGGED_IN, LOGIN_FAILED

EX_UNAVAILABLE = 69


class UserCase(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = harness.Folder(self)

    def user(self, *arguments, password=""):
        return subprocess.run(
            [harness.BINARY, "user", *arguments], cwd=self.folder.path, input=password,
            env=harness.clean_environment(HOME=str(self.folder.path)),
            capture_output=True, text=True, timeout=harness.PATIENCE,
        )

    def succeed(self, *arguments, password=""):
        done = self.user(*arguments, password=password)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def refuse(self, *arguments, password=""):
        done = self.user(*arguments, password=password)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        return done.returncode


class UsersFile(UserCase):
    async def test_a_user_that_was_added_logs_in(self):
        users = str(self.folder / "users")
        self.succeed("add", "--users", users, "anna", password="secret\n")
        self.succeed("add", "--users", users, "ben:jamin", password="geheim\n")
        self.assertEqual(self.succeed("list", "--users", users).split(), ["anna", "ben:jamin"])
        content = (self.folder / "users").read_text()
        self.assertNotIn("secret", content)
        self.assertRegex(content, r"(?m)^anna:\$")
        self.assertEqual((self.folder / "users").stat().st_mode & 0o777, 0o600)

        server = harness.Server(self, "--users", users)
        client = await self.connect(server)
        self.assertEqual(await client.login("anna", "geheim"), LOGIN_FAILED)
        self.assertEqual(await client.login("nobody", "secret"), LOGIN_FAILED)
        self.assertEqual(await client.login("anna", "secret"), LOGGED_IN)
        other = await self.connect(server)
        self.assertEqual(await other.login("ben:jamin", "geheim"), LOGGED_IN)

    async def test_passwords_are_changed_and_users_removed(self):
        users = str(self.folder / "users")
        self.succeed("add", "--users", users, "anna", password="old\n")
        self.succeed("passwd", "--users", users, "anna", password="new\n")
        self.succeed("add", "--users", users, "ben", password="geheim\n")
        self.succeed("remove", "--users", users, "ben")
        server = harness.Server(self, "--users", users)
        client = await self.connect(server)
        self.assertEqual(await client.login("anna", "old"), LOGIN_FAILED)
        self.assertEqual(await client.login("ben", "geheim"), LOGIN_FAILED)
        self.assertEqual(await client.login("anna", "new"), LOGGED_IN)

    async def test_what_cannot_be_done_is_refused_with_one_line(self):
        users = str(self.folder / "users")
        self.succeed("add", "--users", users, "anna", password="secret\n")
        before = (self.folder / "users").read_text()
        self.refuse("add", "--users", users, "anna", password="other\n")
        self.refuse("passwd", "--users", users, "nobody", password="other\n")
        self.refuse("remove", "--users", users, "nobody")
        self.refuse("add", "--users", users, "ben", password="")
        self.refuse("add", "--users", users, "ben", password="\n")
        for name in ("", "a\nb", "a\x7fb", "n" * 129):
            with self.subTest(name):
                self.refuse("add", "--users", users, name, password="secret\n")
        self.assertEqual((self.folder / "users").read_text(), before)


class UsersInRedis(UserCase):
    async def test_a_user_that_was_added_logs_in(self):
        redis = harness.Redis(self)
        self.succeed("add", "--redis", redis.url, "anna", password="secret\n")
        self.assertTrue(redis.cli("GET", "anna").startswith("$"))
        server = harness.Server(self, "--redis", redis.url)
        client = await self.connect(server)
        self.assertEqual(await client.login("anna", "Secret"), LOGIN_FAILED)
        self.assertEqual(await client.login("anna", "secret"), LOGGED_IN)

    async def test_passwords_are_changed_and_users_removed(self):
        redis = harness.Redis(self)
        self.succeed("add", "--redis", redis.url, "anna", password="old\n")
        self.refuse("add", "--redis", redis.url, "anna", password="other\n")
        old = redis.cli("GET", "anna")
        self.succeed("passwd", "--redis", redis.url, "anna", password="new\n")
        self.assertNotEqual(redis.cli("GET", "anna"), old)
        self.assertIn("anna", self.succeed("list", "--redis", redis.url).split())
        self.succeed("remove", "--redis", redis.url, "anna")
        self.assertEqual(redis.cli("EXISTS", "anna"), "0")
        self.refuse("remove", "--redis", redis.url, "anna")

    async def test_a_redis_that_is_wrong_is_named_with_one_line(self):
        redis = harness.Redis(self, "--requirepass", "secret")
        self.refuse("list", "--redis", redis.url)
        self.refuse("list", "--redis", f"redis://:wrong@127.0.0.1:{redis.port}")
        redis.kill()
        self.assertEqual(self.refuse("list", "--redis", redis.url), EX_UNAVAILABLE)

    async def test_a_key_of_another_type_is_left_alone(self):
        redis = harness.Redis(self)
        redis.cli("LPUSH", "list", "x")
        self.refuse("passwd", "--redis", redis.url, "list", password="secret\n")
        self.assertEqual(redis.cli("TYPE", "list"), "list")
