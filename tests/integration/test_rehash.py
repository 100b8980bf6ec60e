"""Passwords in Redis become hashes when their users log in, if that is asked for."""

import base64
import hashlib

import harness
from harness import LOGGED_IN, LOGIN_FAILED


def scrypt_phc(password, log2_n):
    salt = b"0123456789abcdef"
    derived = hashlib.scrypt(password.encode(), salt=salt, n=1 << log2_n, r=8, p=1, dklen=32,
                             maxmem=1 << 28)
    texts = (base64.b64encode(bytes).decode().rstrip("=") for bytes in (salt, derived))
    return f"$scrypt$ln={log2_n},r=8,p=1$" + "$".join(texts)


class Rehash(harness.TestCase):
    def start(self, *options):
        self.redis = harness.Redis(self)
        return harness.Server(self, "--redis", self.redis.url, *options)

    async def log_in(self, server, name, password):
        client = await self.connect(server)
        answer = await client.login(name, password)
        await client.close()
        return answer

    def outcomes(self, server):
        return server.log().count("event=rehash")

    def wait_for_outcome(self, server, number=1):
        harness.wait_until(lambda: self.outcomes(server) >= number, "the outcome of a rehash")

    async def test_a_password_in_the_clear_is_replaced_and_stays_the_password(self):
        server = self.start("--rehash", "--redis-prefix", "user:")
        self.redis.ask("SET", "user:anna", "pass word", "EX", "1000")
        self.assertEqual(await self.log_in(server, "anna", "wrong"), LOGIN_FAILED)
        self.assertEqual(self.redis.ask("GET", "user:anna"), "pass word")
        self.assertEqual(await self.log_in(server, "anna", "pass word"), LOGGED_IN)
        self.wait_for_outcome(server)
        self.assertIn("event=rehash result=replaced user=anna", server.log().replace('"', ""))
        stored = self.redis.ask("GET", "user:anna")
        self.assertTrue(stored.startswith("$scrypt$ln=15,r=8,p=1$"), stored)
        self.assertGreater(self.redis.ask("TTL", "user:anna"), 0)
        self.assertEqual(await self.log_in(server, "anna", "pass word"), LOGGED_IN)
        self.assertEqual(await self.log_in(server, "anna", stored), LOGIN_FAILED)
        self.assertEqual(self.redis.ask("GET", "user:anna"), stored)
        self.assertEqual(self.outcomes(server), 1)

    async def test_nothing_changes_unless_it_is_asked_for(self):
        server = self.start()
        self.redis.ask("SET", "anna", "password")
        self.assertEqual(await self.log_in(server, "anna", "password"), LOGGED_IN)
        self.assertEqual(await self.log_in(server, "anna", "password"), LOGGED_IN)
        self.assertEqual(self.redis.ask("GET", "anna"), "password")

    async def test_a_field_of_a_hash_is_replaced_and_the_others_are_not(self):
        server = self.start("--rehash", "--redis-field", "password")
        self.redis.ask("HSET", "anna", "password", "secret", "mail", "anna@example.org")
        self.assertEqual(await self.log_in(server, "anna", "secret"), LOGGED_IN)
        self.wait_for_outcome(server)
        self.assertTrue(self.redis.ask("HGET", "anna", "password").startswith("$scrypt$"))
        self.assertEqual(self.redis.ask("HGET", "anna", "mail"), "anna@example.org")
        self.assertEqual(await self.log_in(server, "anna", "secret"), LOGGED_IN)

    async def test_a_weak_hash_is_replaced_and_a_strong_one_is_not(self):
        server = self.start("--rehash")
        strong = scrypt_phc("password", 15)
        self.redis.ask("SET", "strong", strong)
        self.redis.ask("SET", "weak", scrypt_phc("password", 10))
        self.assertEqual(await self.log_in(server, "strong", "password"), LOGGED_IN)
        self.assertEqual(await self.log_in(server, "weak", "password"), LOGGED_IN)
        self.wait_for_outcome(server)
        self.assertTrue(self.redis.ask("GET", "weak").startswith("$scrypt$ln=15,"))
        self.assertEqual(self.redis.ask("GET", "strong"), strong)
        self.assertEqual(self.outcomes(server), 1)
        self.assertEqual(await self.log_in(server, "weak", "password"), LOGGED_IN)

    async def test_a_password_that_was_changed_meanwhile_stays(self):
        server = self.start("--rehash")
        # A derivation takes longer than the way to Redis; where it does not, the next one may.
        for attempt in range(1, 50):
            self.redis.ask("SET", "anna", "password")
            client = await self.connect(server)
            self.assertEqual(await client.login("anna", "password"), LOGGED_IN)
            self.redis.ask("SET", "anna", "changed")
            self.wait_for_outcome(server, attempt)
            self.assertEqual(self.redis.ask("GET", "anna"), "changed")
            await client.close()
            if "result=changed_meanwhile" in server.log():
                return
        self.fail("the change always came too late")

    async def test_a_user_who_is_removed_meanwhile_stays_removed(self):
        server = self.start("--rehash")
        for attempt in range(1, 50):
            self.redis.ask("SET", "anna", "password")
            client = await self.connect(server)
            self.assertEqual(await client.login("anna", "password"), LOGGED_IN)
            self.redis.ask("DEL", "anna")
            self.wait_for_outcome(server, attempt)
            self.assertIsNone(self.redis.ask("GET", "anna"))
            await client.close()
            if "result=changed_meanwhile" in server.log():
                return
        self.fail("the change always came too late")

    async def test_a_redis_that_does_not_allow_it_refuses_no_login(self):
        server = self.start("--rehash")
        self.redis.ask("ACL", "SETUSER", "default", "-@scripting")
        self.redis.ask("SET", "anna", "password")
        self.assertEqual(await self.log_in(server, "anna", "password"), LOGGED_IN)
        self.wait_for_outcome(server)
        self.assertIn("event=rehash result=failed", server.log())
        self.assertEqual(self.redis.ask("GET", "anna"), "password")
        self.assertEqual(await self.log_in(server, "anna", "password"), LOGGED_IN)

    async def test_no_password_is_logged_where_redis_repeats_what_it_was_sent(self):
        self.redis = harness.Redis(
            self, "--rename-command", "EVAL", "", "--rename-command", "EVALSHA", "")
        server = harness.Server(self, "--redis", self.redis.url, "--rehash")
        self.redis.ask("SET", "anna", "open sesame")
        with self.assertRaisesRegex(RuntimeError, "open sesame"):
            self.redis.ask("EVALSHA", "digest", 1, "anna", "open sesame")
        self.assertEqual(await self.log_in(server, "anna", "open sesame"), LOGGED_IN)
        self.wait_for_outcome(server)
        self.assertIn("event=rehash result=failed", server.log())
        self.assertNotIn("open sesame", server.log())

    async def test_redis_keeps_the_script_under_the_digest_that_we_ask_for(self):
        server = self.start("--rehash")
        self.redis.ask("CONFIG", "RESETSTAT")
        for name in ("anna", "bert", "carl"):
            self.redis.ask("SET", name, "password")
            self.assertEqual(await self.log_in(server, name, "password"), LOGGED_IN)
            self.wait_for_outcome(server, self.redis.ask("DBSIZE"))
        calls = self.redis.cli("INFO", "commandstats")
        self.assertIn("cmdstat_eval:calls=1,", calls)
        self.assertIn("cmdstat_evalsha:calls=3,", calls)


if __name__ == "__main__":
    harness.unittest.main()
