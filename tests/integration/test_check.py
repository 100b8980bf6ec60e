"""The command `heliograph check`."""

import socket
import socketserver
import subprocess
import threading
import unittest

import harness

EX_NOINPUT, EX_UNAVAILABLE, EX_NOPERM, EX_CONFIG = 66, 69, 77, 78


class FakeRedis:
    """A server that gives each command the RESP2 answer that `answer(words)` returns."""

    def __init__(self, test, answer):
        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                while line := self.rfile.readline():
                    words = []
                    for _ in range(int(line[1:])):
                        size = int(self.rfile.readline()[1:])
                        words.append(self.rfile.read(size + 2)[:-2].decode())
                    # Without HELLO, RESP2 is spoken.
                    unknown = b"-ERR unknown command\r\n"
                    self.wfile.write(unknown if words[0] == "HELLO" else answer(words))

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        server = Server(("127.0.0.1", 0), Handler)
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        test.addCleanup(server.server_close)
        test.addCleanup(thread.join)
        test.addCleanup(server.shutdown)


def bulk(text):
    return b"$%d\r\n%b\r\n" % (len(text), text)


class Check(unittest.TestCase):
    def setUp(self):
        self.folder = harness.Folder(self)

    def check(self, *options, status=0):
        done = subprocess.run(
            [harness.BINARY, "check", *options], cwd=self.folder.path,
            env=harness.clean_environment(), capture_output=True, text=True,
            timeout=harness.PATIENCE)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        for line in done.stdout.splitlines():
            self.assertRegex(line, r"^(ok   |hint |FAIL ) [a-z]+: ")
        self.assertEqual("FAIL" in done.stdout, status != 0)
        return done.stdout

    def test_certificate_and_users_file(self):
        said = self.check(status=EX_NOINPUT)
        self.assertIn("server.crt", said)
        self.assertIn("users", said)
        harness.make_certificate(self.folder)
        self.folder.write("users", "")
        said = self.check()
        self.assertIn("server.crt is for localhost, 127.0.0.1", said)
        self.assertRegex(said, r"valid until \d{4}-\d\d-\d\d")
        self.assertIn("0 in 'users'", said)
        harness.make_certificate(self.folder, name="other")
        self.check("--cert", "server.crt", "--key", "other.key", status=EX_CONFIG)

    def test_the_admin_address(self):
        harness.make_certificate(self.folder)
        self.folder.write("users", "")
        path = self.folder / "admin"
        self.assertIn(f"can listen on unix:{path}", self.check("--admin", f"unix:{path}"))
        self.assertFalse(path.exists())
        self.assertIn("can listen on http://127.0.0.1:", self.check("--admin", "0"))
        self.assertNotIn("admin", self.check())
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            said = self.check("--admin", str(port))
            self.assertRegex(said, r"hint  admin: .*in use.*, unless by this server itself")
        with socket.socket(socket.AF_UNIX) as taken:
            taken.bind(str(path))
            taken.listen()
            self.assertIn("in use", self.check("--admin", f"unix:{path}"))
            self.assertTrue(path.exists())
        self.assertIn("cannot listen on 192.0.2.1:9091",
                      self.check("--admin", "192.0.2.1:9091", status=EX_UNAVAILABLE))
        self.assertIn("its folder must be there",
                      self.check("--admin", f"unix:{self.folder / 'missing' / 'admin'}"))
        self.check("--admin", "unix:/sys/admin", status=EX_NOPERM)

    def test_what_a_redis_is_and_holds(self):
        redis = harness.Redis(self)
        redis.cli("SET", "user:anna", "plain")
        redis.cli("SET", "user:ben", "$scrypt$ln=15,r=8,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA")
        redis.cli("SET", "other", "plain")
        redis.cli("RPUSH", "user:list", "x")
        said = self.check("--redis", redis.url, "--redis-prefix", "user:")
        for words in ("reached, RESP3, as default", "version", "role master", "latency",
                      "GET is allowed", "2 users found", "1 password in plain text"):
            self.assertIn(words, said)
        self.assertNotIn("plain\n", said)

    def test_a_redis_that_is_away_or_refuses(self):
        redis = harness.Redis(self, "--requirepass", "secret")
        self.assertIn("NOAUTH", self.check("--redis", redis.url, status=EX_UNAVAILABLE))
        redis.kill()
        self.assertIn("refused", self.check("--redis", redis.url, status=EX_UNAVAILABLE))

    def test_rights_that_are_missing(self):
        redis = harness.Redis(self)
        redis.cli("ACL", "SETUSER", "reader", "on", ">secret", "~user:*", "+get", "+ping")
        url = f"redis://reader:secret@127.0.0.1:{redis.port}"
        said = self.check("--redis", url, "--redis-prefix", "user:")
        self.assertIn("GET is allowed on keys under 'user:'", said)
        self.assertIn("users cannot be counted", said)
        said = self.check("--redis", url, status=EX_NOPERM)
        self.assertIn("GET is not allowed on keys under ''", said)

    def test_hashes_instead_of_strings(self):
        redis = harness.Redis(self)
        redis.cli("HSET", "user:anna", "password", "plain", "mail", "anna@example.org")
        redis.cli("HSET", "user:ben", "mail", "ben@example.org")
        said = self.check("--redis", redis.url, "--redis-prefix", "user:", "--redis-field",
                          "password")
        self.assertIn("1 user found", said)
        self.assertIn("HGET is allowed", said)

    def test_a_sentinel_that_names_a_master_that_is_gone(self):
        port = str(harness.held_port(self)).encode()
        master = b"*2\r\n" + bulk(b"127.0.0.1") + bulk(port)

        def answer(words):
            return master if words[0] == "SENTINEL" else b"+OK\r\n"

        url = f"redis-sentinel://127.0.0.1:{FakeRedis(self, answer).port}/main"
        said = self.check("--redis", url, status=EX_UNAVAILABLE)
        self.assertRegex(said, "Redis at .*: (Connection refused|it does not answer)")

    def test_what_a_redis_says_stays_in_its_line(self):
        evil = b"evil\n\x1b[2J\x9b\rok    redis: fine"

        def answer(words):
            if words[0] == "INFO":
                return bulk(b"redis_version:" + evil + b"\r\n")
            if words[0] == "ACL":
                return bulk(evil)
            if words[0] in ("ROLE", "GET"):
                return b"-ERR \x1b[2J\r\n"
            return b"+PONG\r\n" if words[0] == "PING" else b"+OK\r\n"

        url = f"redis://127.0.0.1:{FakeRedis(self, answer).port}"
        said = self.check("--redis", url, status=EX_UNAVAILABLE)
        self.assertIn(r"as evil\x0a\x1b", said)
        self.assertIn(r"ERR \x1b[2J", said)
        self.assertIn(r"version evil\x0a\x1b[2J\x9b\x0dok    redis: fine", said)
        self.assertNotIn("\x1b", said)

    def test_a_cluster_whose_slots_are_none(self):
        asked = []

        def slots(last):
            server = b"*2\r\n" + bulk(b"127.0.0.1") + b":%d\r\n" % redis.port
            return b"*1\r\n*3\r\n:0\r\n:%d\r\n" % last + server

        def answer(words):
            if words[0] != "CLUSTER":
                return b"+OK\r\n"
            asked.append(words)
            return slots(16383 if len(asked) == 1 else 2**63 - 1)

        redis = FakeRedis(self, answer)
        said = self.check("--redis", f"redis-cluster://127.0.0.1:{redis.port}",
                          status=EX_UNAVAILABLE)
        self.assertIn("a malformed description of where the data is", said)

    def test_users_without_end(self):
        names = [b"name%d" % number for number in range(20_000)]
        pages = {
            "endless": b"*2\r\n" + bulk(b"1") + b"*20000\r\n" + b"".join(map(bulk, names)),
            "none": b"+OK\r\n",
        }
        for kind, words in (("endless", "more than 1000000 users"), ("none", "SCAN is none")):
            with self.subTest(kind):
                redis = FakeRedis(
                    self, lambda asked: pages[kind] if asked[0] == "SCAN" else b"+OK\r\n")
                done = subprocess.run(
                    [harness.BINARY, "user", "list", "--redis", f"redis://127.0.0.1:{redis.port}"],
                    env=harness.clean_environment(), capture_output=True, text=True,
                    timeout=harness.PATIENCE)
                self.assertEqual(done.returncode, EX_UNAVAILABLE, done.stderr)
                self.assertIn(words, done.stderr)
                self.assertEqual(done.stdout, "")
