"""TURN credentials, as the coturn of the distribution judges them."""

import base64
import hashlib
import hmac
import shutil
import socket
import subprocess
import time
import unittest

import harness
import heliograph_client

SECRET = "north"
PROGRAMS = ("turnserver", "turnutils_uclient")


def credential(secret, username):
    return base64.b64encode(hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest())


@unittest.skipUnless(all(map(shutil.which, PROGRAMS)),
                     "coturn is not installed (script/bootstrap --test): turnserver is missing")
class Turn(heliograph_client.TestCase):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.folder = harness.Folder(self)
        self.port = harness.held_port(self)
        log = open(self.folder / "turn.log", "w")
        self.turn = subprocess.Popen(
            ["turnserver", "-n", "-L", "127.0.0.1", "-E", "127.0.0.1", "-p", str(self.port),
             "--no-tls", "--no-dtls", "--no-cli", "--allow-loopback-peers", "-r", "heliograph",
             "--use-auth-secret", f"--static-auth-secret={SECRET}", "--pidfile", "turn.pid",
             "--userdb", "turn.db", "--log-file", "stdout"],
            cwd=self.folder.path, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        self.addCleanup(self.turn.wait)
        self.addCleanup(self.turn.kill)
        harness.wait_until(self.listens, "turnserver")

    def listens(self):
        self.assertIsNone(self.turn.poll(), (self.folder / "turn.log").read_text())
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def relays(self, username, password):
        """Whether a client of coturn gets a message through the relay with this credential."""
        done = subprocess.run(
            ["turnutils_uclient", "-u", username, "-w", password, "-p", str(self.port), "-y", "-c",
             "-n", "1", "-L", "127.0.0.1", "127.0.0.1"],
            cwd=self.folder.path, capture_output=True, text=True, timeout=harness.PATIENCE)
        if done.returncode == 0:
            self.assertIn("Total lost packets 0", done.stdout)
        else:
            self.assertIn("Cannot complete Allocation", done.stdout)
        return done.returncode == 0

    def start(self, secret, *options):
        heliograph_client.users_file(self.folder, "alice")
        self.folder.write("turn.secret", f"{secret}\n")
        return harness.Server(
            self, "--users", "users", "--ice-server", f"stun:127.0.0.1:{self.port}",
            "--ice-server", f"turn:127.0.0.1:{self.port}?transport=udp",
            "--turn-secret-file", "turn.secret", *options, folder=self.folder)

    async def given(self, server):
        """The TURN server that a client is told to use."""
        client = await self.open(server)
        welcome = await client.welcome(name="alice", password="password of alice")
        stun, turn = welcome["ice_servers"]
        self.assertEqual(stun, {"urls": [f"stun:127.0.0.1:{self.port}"]})
        self.assertEqual(turn["urls"], [f"turn:127.0.0.1:{self.port}?transport=udp"])
        return client, welcome, turn

    async def test_what_a_client_is_given_opens_the_relay(self):
        client, welcome, turn = await self.given(self.start(SECRET))
        self.assertTrue(self.relays(turn["username"], turn["credential"]))
        self.assertEqual(welcome["ice_ttl"], 3600)
        # Another one is given for the asking.
        await client.say("ice")
        again = await client.hear()
        self.assertEqual(again["type"], "ice")
        self.assertTrue(self.relays(again["ice_servers"][1]["username"],
                                    again["ice_servers"][1]["credential"]))

    async def test_a_wrong_secret_a_changed_name_and_an_expired_credential_do_not(self):
        _, _, turn = await self.given(self.start("south"))
        self.assertFalse(self.relays(turn["username"], turn["credential"]))
        right = credential(SECRET, turn["username"]).decode()
        self.assertTrue(self.relays(turn["username"], right))
        self.assertFalse(self.relays(turn["username"] + "x", right))
        old = f"{int(time.time()) - 60}:alice"
        self.assertFalse(self.relays(old, credential(SECRET, old).decode()))

    async def test_the_credential_expires_after_the_time_that_was_asked_for(self):
        before = int(time.time())
        _, welcome, turn = await self.given(self.start(SECRET, "--turn-ttl", "60"))
        expiry, user = turn["username"].split(":")
        self.assertEqual(user, "alice")
        self.assertEqual(welcome["ice_ttl"], 60)
        self.assertGreaterEqual(int(expiry), before + 60)
        self.assertLessEqual(int(expiry), int(time.time()) + 60)


class Start(unittest.TestCase):
    def test_turn_without_secret_and_strange_urls_are_refused(self):
        for options in (["--ice-server", "turn:turn.example.org"],
                        ["--ice-server", "https://example.org"]):
            folder = harness.Folder(self)
            harness.make_certificate(folder)
            heliograph_client.users_file(folder, "alice")
            done = subprocess.run(
                [harness.BINARY, "serve", "--users", "users", "--listen", "127.0.0.1:0", *options],
                cwd=folder.path, capture_output=True, text=True, timeout=harness.PATIENCE,
                env=harness.clean_environment())
            self.assertEqual(done.returncode, 78)
            self.assertIn("--ice-server", done.stderr)


if __name__ == "__main__":
    unittest.main()
