"""The admin endpoint: health, metrics that agree with what clients did, users, kick and drain, and
who may ask."""

import asyncio
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import unittest
import urllib.error
import urllib.parse
import urllib.request

import harness
from harness import LOGGED_IN, LOGIN_FAILED

DOCS = pathlib.Path(__file__).parents[2] / "docs" / "metrics.md"


def connect(server):
    url = urllib.parse.urlsplit(server.admin)
    return http.client.HTTPConnection(url.hostname, url.port, timeout=harness.PATIENCE)


def call(server, path, method="GET", **fields):
    """Status, fields and text of an answer."""
    connection = connect(server)
    try:
        connection.request(method, path, headers={k.replace("_", "-"): v for k, v in fields.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def get(server, path):
    status, _, text = call(server, path)
    assert status == 200, (status, text)
    return text


def post(server, path):
    status, _, text = call(server, path, "POST", X_Heliograph_Admin="1")
    return status, text


class AdminCase(harness.TestCase):
    def serve(self, *options, **rest):
        return harness.Server(self, "--admin", "127.0.0.1:0", *options, **rest)

    async def until(self, server, **wanted):
        """Waits until the metrics say so; a worker counts at the end of its turn."""
        async def agree():
            seen = server.metrics()
            self.seen = {name: seen.get(name) for name in wanted}
            return self.seen == wanted
        try:
            await harness.wait_until_async(agree, wanted)
        except AssertionError:
            differing = {k: v for k, v in self.seen.items() if v != wanted[k]}
            self.assertEqual(differing, {})


class Counting(AdminCase):
    async def test_logins_messages_and_calls_are_counted_as_they_happened(self):
        server = self.serve("--demo")
        one = await self.connect(server)
        self.assertEqual(await one.login("user1", "wrong"), LOGIN_FAILED)
        self.assertEqual(await one.login("user1", "password1"), LOGGED_IN)
        self.assertEqual(await one.login("user1", "password1"), LOGGED_IN)
        two = await self.connect(server)
        self.assertEqual(await two.login("user1", "password1"), LOGIN_FAILED)
        self.assertEqual(await two.login("user2", "password2"), LOGGED_IN)
        await one.send('{"type":"offer","offer":1,"name":"user2"}')
        await two.receive()
        await self.until(server, heliograph_calls_active=1)
        await two.send('{"type":"answer","answer":1,"name":"user1"}')
        await one.receive()
        await one.send('{"type":"candidate","candidate":1,"name":"user2"}')
        await two.receive()
        await one.send('{"type":"leave","name":"user2"}')
        await two.receive()
        await self.until(server, heliograph_calls_active=0)
        await one.send('{"type":"offer","offer":1,"name":"nobody"}')
        await one.fence()
        await one.send('{"type":"offer","offer":1,"name":"user2"}')
        await two.receive()
        await one.close()
        self.assertEqual(await two.receive(), harness.LEAVE)
        await self.until(server, **{
            'heliograph_connections': 1,
            'heliograph_connections_total{result="accepted"}': 2,
            'heliograph_logins_total{result="ok"}': 3,
            'heliograph_logins_total{result="wrong"}': 1,
            'heliograph_logins_total{result="in_use"}': 1,
            'heliograph_messages_total{dir="in",type="login"}': 5,
            'heliograph_messages_total{dir="in",type="offer"}': 3,
            'heliograph_messages_total{dir="in",type="answer"}': 1,
            'heliograph_messages_total{dir="in",type="candidate"}': 1,
            'heliograph_messages_total{dir="in",type="leave"}': 1,
            'heliograph_messages_total{dir="in",type="unknown"}': 1,
            'heliograph_messages_total{dir="out",type="greeting"}': 2,
            'heliograph_messages_total{dir="out",type="login"}': 3,
            'heliograph_messages_total{dir="out",type="login_refused"}': 2,
            'heliograph_messages_total{dir="out",type="offer"}': 2,
            'heliograph_messages_total{dir="out",type="leave"}': 2,
            'heliograph_messages_total{dir="out",type="unknown_command"}': 1,
            'heliograph_relay_total{path="local"}': 6,
            'heliograph_relay_total{path="nobody"}': 1,
            'heliograph_calls_active': 0,
            'heliograph_calls_total{end="left"}': 1,
            'heliograph_calls_total{end="gone"}': 1,
            'heliograph_calls_total{end="unavailable"}': 1,
        })

    async def test_logins_that_are_held_are_counted(self):
        server = self.serve("--demo")
        client = await self.connect(server)

        async def held():  # sooner or later: each is held for longer than the one before
            self.assertEqual(await client.login("user1", "wrong"), LOGIN_FAILED)
            return server.metrics()["heliograph_auth_throttled_total"] > 0

        await harness.wait_until_async(held, "a login is held")

    async def test_bytes_of_messages_are_those_of_the_texts(self):
        server = self.serve("--demo")
        one = await self.connect(server)
        said = '{"type":"x","ä":1}'
        answer = await one.ask(said)
        await self.until(server, **{
            'heliograph_message_bytes_total{dir="in"}': len(said.encode()),
            'heliograph_message_bytes_total{dir="out"}':
                len(harness.GREETING) + len(answer.encode()),
        })

    async def test_of_two_offers_that_cross_one_gives_way(self):
        server = self.serve("--demo")
        one = await self.logged_in(server, "user1", "password1")
        two = await self.logged_in(server, "user2", "password2")
        await one.send('{"type":"offer","offer":1,"name":"user2"}')
        await two.receive()
        await two.send('{"type":"offer","offer":2,"name":"user1"}')
        await two.fence()
        await self.until(server, heliograph_glare_total=1)

    async def test_messages_between_workers_are_told_from_local_ones(self):
        redis = harness.Redis(self)
        server = self.serve("--redis", redis.url, "--workers", "2")
        users = []
        for number in range(8):
            redis.cli("SET", f"u{number}", "p")
            users.append(await self.logged_in(server, f"u{number}", "p"))
        for number in range(1, 8):
            await users[0].send('{"type":"offer","offer":1,"name":"u%d"}' % number)
            await users[number].receive()
        await self.until(server, heliograph_calls_active=7)
        seen = server.metrics()
        self.assertEqual(seen['heliograph_relay_total{path="local"}']
                         + seen['heliograph_relay_total{path="worker"}'], 7)
        self.assertEqual(seen['heliograph_redis_commands_total{cmd="get"}'], 8)
        self.assertEqual(seen['heliograph_redis_rtt_seconds_count'], 8)

    async def test_handshakes_are_counted_by_group_resumption_and_failure(self):
        server = self.serve("--demo")
        context = harness.trusting_context()
        session = None
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", server.port), harness.PATIENCE) as raw:
                with context.wrap_socket(raw, server_hostname="localhost", session=session) as tls:
                    tls.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    self.assertIn(b"200", tls.recv(4096))  # the tickets came before
                    session = tls.session
        context.set_ecdh_curve("secp384r1")
        with socket.create_connection(("127.0.0.1", server.port), harness.PATIENCE) as raw:
            with context.wrap_socket(raw, server_hostname="localhost"):
                pass
        with socket.create_connection(("127.0.0.1", server.port), harness.PATIENCE) as raw:
            raw.sendall(b"nonsense")
            raw.recv(4096)
        head = 'heliograph_tls_handshakes_total{version="1.3",result="ok",group='
        await self.until(server, **{
            head + '"x25519",resumed="no"}': 1,
            head + '"x25519",resumed="yes"}': 1,
            head + '"secp384r1",resumed="no"}': 1,
            'heliograph_tls_handshakes_total'
            '{version="none",result="failed",group="none",resumed="no"}': 1,
            'heliograph_tls_handshake_seconds_count': 3,
        })

    async def test_pings_are_measured(self):
        server = self.serve("--demo", "--ping-interval", "1")
        await self.connect(server)

        async def measured():
            return server.metrics()["heliograph_ping_rtt_seconds_count"] > 0

        await harness.wait_until_async(measured, "a pong")

    async def test_the_process_is_described(self):
        server = self.serve("--demo")
        # The endpoint answers as soon as it listens: before a worker has had its first turn, and
        # before a kernel that counts in ticks has seen the process use one.
        for name in ("heliograph_loop_turn_seconds_count", "process_cpu_seconds_total"):
            harness.wait_until(lambda: server.metrics()[name] > 0, name)
        seen = server.metrics()
        self.assertAlmostEqual(seen["process_resident_memory_bytes"], server.resident_bytes(),
                               delta=16 << 20)
        connection = connect(server)
        self.addCleanup(connection.close)

        def counted():  # while the connection that asks is open
            connection.request("GET", "/metrics")
            text = connection.getresponse().read().decode()
            open_fds = len(os.listdir(f"/proc/{server.process.pid}/fd"))
            return f"\nprocess_open_fds {open_fds}\n" in text

        harness.wait_until(counted, "those before have been closed")
        version = subprocess.run([harness.BINARY, "version"], capture_output=True, text=True)
        version = version.stdout.split()[-1]
        self.assertEqual(seen['heliograph_build_info{version="%s"}' % version], 1)


class Version1(AdminCase):
    async def test_resumed_sessions_keep_their_place_in_the_list(self):
        server = self.serve("--demo", "--workers", "2")
        client = await self.connect(server, greeted=False, subprotocols=["heliograph.v1"])
        login = {"type": "login", "name": "user1", "password": "password1"}
        token = json.loads(await client.ask(login))["resume"]["token"]
        client.reset()

        def user():
            return json.loads(get(server, "/admin/users"))["users"][0]

        await asyncio.to_thread(harness.wait_until, lambda: user()["address"] is None, "away")
        since = user()["since"]
        client = await self.connect(server, greeted=False, subprotocols=["heliograph.v1"])
        welcome = json.loads(await client.ask({"type": "resume", "token": token}))
        self.assertTrue(welcome["resumed"])
        self.assertEqual(user(), {"name": "user1", "since": since, "address": "127.0.0.1"})
        await self.until(server, **{
            "heliograph_sessions_resumed_total": 1,
            'heliograph_messages_total{dir="in",type="resume"}': 1,
            'heliograph_messages_total{dir="out",type="login"}': 2,
            'heliograph_logins_total{result="ok"}': 1,
        })
        self.assertEqual(post(server, "/admin/kick?user=user1"), (200, "kicked\n"))
        self.assertEqual(await client.closed_with(), 4500)

    async def test_who_is_away_is_kicked_for_good(self):
        server = self.serve("--demo")
        client = await self.connect(server, greeted=False, subprotocols=["heliograph.v1"])
        login = {"type": "login", "name": "user1", "password": "password1"}
        token = json.loads(await client.ask(login))["resume"]["token"]
        client.reset()

        def away():
            users = json.loads(get(server, "/admin/users"))["users"]
            return [user["address"] for user in users] == [None]

        await asyncio.to_thread(harness.wait_until, away, "away")
        self.assertEqual(post(server, "/admin/kick?user=user1"), (200, "kicked\n"))
        client = await self.connect(server, greeted=False, subprotocols=["heliograph.v1"])
        answer = json.loads(await client.ask({"type": "resume", "token": token}))
        self.assertEqual(answer["code"], "resume-failed")

    async def test_what_is_no_message_is_malformed(self):
        server = self.serve("--demo")
        client = await self.connect(server, greeted=False, subprotocols=["heliograph.v1"])
        await client.ask("nonsense")
        await client.ask({"type": "ping"})
        await self.until(server, **{
            'heliograph_messages_total{dir="in",type="malformed"}': 1,
            'heliograph_messages_total{dir="in",type="ping"}': 1,
            'heliograph_messages_total{dir="out",type="error"}': 1,
            'heliograph_messages_total{dir="out",type="pong"}': 1,
            'heliograph_messages_total{dir="out",type="greeting"}': 0,
        })


class Exposition(AdminCase):
    async def test_the_documentation_names_every_metric_with_its_type(self):
        redis = harness.Redis(self)
        server = self.serve("--redis", redis.url)
        written = re.findall(r"^# TYPE (\S+) (\S+)$", get(server, "/metrics"), re.M)
        documented = re.findall(r"^\| `(\w+)` \| (\w+) \| \d+\.\d+\.\d+ \| \S", DOCS.read_text(), re.M)
        self.assertEqual(sorted(written), sorted(documented))

    async def test_every_value_of_a_label_is_documented(self):
        redis = harness.Redis(self)
        server = self.serve("--redis", redis.url)
        text = DOCS.read_text()
        obvious = {"type", "version", "group", "resumed", "le", "cmd"}
        for line in server.metrics():
            for name, value in re.findall(r'(\w+)="([^"]*)"', line):
                if name not in obvious and not line.startswith("heliograph_tls"):
                    self.assertIn(f"`{value}`", text, line)

    async def test_promtool_finds_nothing_wrong(self):
        if not shutil.which("promtool"):
            self.skipTest("no promtool (Debian's prometheus)")
        redis = harness.Redis(self)
        server = self.serve("--redis", redis.url)
        done = subprocess.run(["promtool", "check", "metrics"], input=get(server, "/metrics"),
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    async def test_prometheus_scrapes_it(self):
        if not shutil.which("prometheus"):
            self.skipTest("no prometheus")
        server = self.serve("--demo")
        await self.connect(server)
        await self.connect(server)
        folder = harness.Folder(self)
        config = folder.write("prometheus.yml", (
            "global: {scrape_interval: 1s}\n"
            "scrape_configs:\n"
            "  - job_name: heliograph\n"
            "    static_configs:\n"
            f"      - targets: ['{urllib.parse.urlsplit(server.admin).netloc}']\n"))
        port = harness.held_port(self)
        log = open(folder / "log", "w")
        process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
             f"--web.listen-address=127.0.0.1:{port}"],
            cwd=folder.path, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def asked(path):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/{path}",
                                            timeout=harness.PATIENCE) as answer:
                    return json.load(answer)["data"]
            except (urllib.error.URLError, ConnectionError):
                return None

        def up():
            self.assertIsNone(process.poll(), (folder / "log").read_text())
            data = asked("targets")
            return data and [t["health"] for t in data["activeTargets"]] == ["up"]

        await asyncio.to_thread(harness.wait_until, up, "the target is up")
        data = asked("query?query=heliograph_connections")
        self.assertEqual([result["value"][1] for result in data["result"]], ["2"])


class Health(AdminCase):
    async def test_ready_follows_redis(self):
        redis = harness.Redis(self)
        server = self.serve("--redis", redis.url)

        async def ready():
            return call(server, "/ready")[0] == 200

        async def unready():
            return call(server, "/ready")[0] == 503

        await harness.wait_until_async(ready, "Redis is there")
        self.assertEqual(server.metrics()["heliograph_redis_up"], 1)
        redis.kill()
        await harness.wait_until_async(unready, "Redis is gone")
        self.assertIn("worker 0 cannot ask Redis", call(server, "/ready")[2])
        self.assertEqual(server.metrics()["heliograph_redis_up"], 0)
        self.assertEqual(call(server, "/live")[0], 200)
        redis.start()
        await harness.wait_until_async(ready, "Redis is back")
        self.assertEqual(server.metrics()["heliograph_redis_reconnects_total"], 1)

    async def test_a_redis_that_hangs_is_noticed(self):
        redis = harness.Redis(self)
        server = self.serve("--redis", redis.url)

        async def status(wanted):
            async def seen():
                return call(server, "/ready")[0] == wanted
            await harness.wait_until_async(seen, wanted)

        await status(200)
        redis.process.send_signal(signal.SIGSTOP)
        self.addCleanup(redis.process.send_signal, signal.SIGCONT)
        await status(503)
        redis.process.send_signal(signal.SIGCONT)
        await status(200)

    async def test_with_a_users_file_it_is_ready_at_once(self):
        server = self.serve("--demo")
        self.assertEqual(call(server, "/live")[::2], (200, "live\n"))
        self.assertEqual(call(server, "/ready")[::2], (200, "ready\n"))


class Users(AdminCase):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.redis = harness.Redis(self)
        self.server = self.serve("--redis", self.redis.url, "--workers", "3")

    async def log_in(self, *names):
        users = []
        for name in names:
            self.redis.cli("SET", name, "p")
            users.append(await self.logged_in(self.server, name, "p"))
        return users

    def listed(self, query=""):
        page = json.loads(get(self.server, "/admin/users" + query))
        return [user["name"] for user in page["users"]], page["next"]

    async def test_who_is_logged_in_is_listed_by_name(self):
        await self.connect(self.server)
        names = ["b", "a", "ä \"&", "c"]
        await self.log_in(*names)
        self.assertEqual(self.listed(), (sorted(names), None))
        user = json.loads(get(self.server, "/admin/users"))["users"][0]
        self.assertEqual(user["address"], "127.0.0.1")
        self.assertRegex(user["since"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    async def test_pages_follow_each_other_without_gap(self):
        names = [f"u{number}" for number in range(9)]
        users = await self.log_in(*names)
        self.assertEqual(self.listed("?limit=9"), (names, None))
        self.assertEqual(self.listed("?limit=4"), (names[:4], "u3"))
        self.assertEqual(self.listed("?limit=4&after=u3"), (names[4:8], "u7"))
        self.assertEqual(self.listed("?limit=4&after=u7"), (names[8:], None))
        await users[4].close()

        async def gone():
            return self.listed() == ([n for n in names if n != "u4"], None)

        await harness.wait_until_async(gone, "u4 is not listed")

    async def test_who_is_kicked_is_closed_with_4500_wherever_its_worker_is(self):
        names = ["a", "b", "c", "d", "e e&ä"]
        users = await self.log_in(*names)
        for name, user in zip(names, users):
            path = "/admin/kick?user=" + urllib.parse.quote(name)
            self.assertEqual(post(self.server, path), (200, "kicked\n"))
            self.assertEqual(await user.closed_with(), 4500)

            async def free():
                return post(self.server, path)[0] == 404

            await harness.wait_until_async(free, "the name is free")
        self.assertEqual(self.listed(), ([], None))

    async def test_whom_nobody_knows_is_not_kicked(self):
        self.assertEqual(post(self.server, "/admin/kick?user=nobody"),
                         (404, "nobody is logged in under this name\n"))


class Draining(AdminCase):
    async def test_drain_is_as_sigterm(self):
        server = self.serve("--demo")
        client = await self.logged_in(server, "user1", "password1")
        self.assertEqual(post(server, "/admin/drain"), (200, "draining\n"))
        self.assertEqual(await client.closed_with(), 1001)
        self.assertEqual(await asyncio.to_thread(server.process.wait, harness.PATIENCE), 0)
        self.assertIn("event=drain", server.log())

    async def test_neither_asking_again_nor_a_first_sigterm_cuts_a_drain_short(self):
        server = self.serve("--demo", "--drain-time", "3600")
        client = await self.logged_in(server, "user1", "password1")
        client.socket.transport.pause_reading()  # so that the server has to wait
        for _ in range(2):
            self.assertEqual(post(server, "/admin/drain"), (200, "draining\n"))
        server.process.send_signal(signal.SIGTERM)
        harness.wait_until(lambda: "signal=15" in server.log(), "the signal")
        self.assertNotIn("event=stop", server.log())
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(await asyncio.to_thread(server.process.wait, harness.PATIENCE), 0)
        self.assertIn("event=stop signal=15", server.log())
        self.assertEqual(server.log().count("asked for at the admin endpoint"), 1)

    async def test_who_drains_is_not_ready(self):
        server = self.serve("--demo")
        client = await self.logged_in(server, "user1", "password1")
        client.socket.transport.pause_reading()  # so that the server has to wait
        server.process.send_signal(signal.SIGTERM)

        async def draining():
            status, _, text = call(server, "/ready")
            return (status, text) == (503, "the server is draining\n")

        await harness.wait_until_async(draining, "draining")
        self.assertEqual(call(server, "/live")[0], 200)


class Access(AdminCase):
    async def test_a_foreign_host_is_refused(self):
        server = self.serve("--demo")
        for host in ("example.org", "example.org:80", "localhost.example.org", "192.0.2.1"):
            for path in ("/", "/metrics", "/admin/users", "/ready"):
                self.assertEqual(call(server, path, Host=host)[0], 403, (host, path))
        for host in ("localhost", "127.0.0.1:1", "[::1]"):
            self.assertEqual(call(server, "/live", Host=host)[0], 200, host)

    async def test_post_needs_the_field(self):
        server = self.serve("--demo")
        client = await self.logged_in(server, "user1", "password1")
        for path in ("/admin/kick?user=user1", "/admin/drain"):
            self.assertEqual(call(server, path, "POST")[0], 403)
            self.assertEqual(call(server, path, "POST", X_Heliograph_Admin="yes")[0], 403)
            self.assertEqual(call(server, path, X_Heliograph_Admin="1")[0], 405)
        await client.fence()

    async def test_a_page_of_another_site_is_not_let_in(self):
        server = self.serve("--demo")
        asked = {"Origin": "https://example.org", "Access_Control_Request_Method": "POST",
                 "Access_Control_Request_Headers": "x-heliograph-admin"}
        status, fields, _ = call(server, "/admin/drain", "OPTIONS", **asked)
        self.assertEqual(status, 405)
        for path in ("/admin/users", "/metrics", "/admin/status", "/"):
            _, fields, _ = call(server, path, Origin="https://example.org")
            self.assertNotIn("Access-Control-Allow-Origin", fields)
            self.assertEqual(fields["Cross-Origin-Resource-Policy"], "same-origin")

    async def test_what_a_browser_says_to_come_from_another_site_is_refused(self):
        server = self.serve("--demo")
        for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200),
                             ("none", 200)):
            self.assertEqual(call(server, "/metrics", Sec_Fetch_Site=site)[0], status, site)

    async def test_the_page_may_load_nothing_from_elsewhere(self):
        server = self.serve("--demo")
        _, fields, page = call(server, "/")
        self.assertTrue(fields["Content-Security-Policy"].startswith("default-src 'none'; "))
        self.assertNotIn("unsafe", fields["Content-Security-Policy"])
        for name in re.findall(r'(?:src|href)="([^"]+)"', page):
            self.assertEqual(call(server, urllib.parse.urljoin("/", name))[0], 200, name)

    async def test_pages_of_the_endpoint_are_not_among_the_demo_pages(self):
        server = self.serve("--demo")
        done = subprocess.run(
            ["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}",
             f"https://localhost:{server.port}/demo/admin/index.html"],
            capture_output=True, text=True)
        self.assertEqual(done.stdout, "404")

    async def test_a_head_that_is_too_long_and_a_body_are_refused(self):
        server = self.serve("--demo")
        self.assertEqual(call(server, "/live", X="y" * 9000)[0], 431)
        self.assertEqual(call(server, "/live", Content_Length="5")[0], 413)
        self.assertEqual(call(server, "/live")[0], 200)

    async def test_more_connections_than_there_may_be_are_closed(self):
        server = self.serve("--demo")
        url = urllib.parse.urlsplit(server.admin)
        address = (url.hostname, url.port)
        kept = []
        for _ in range(32):
            kept.append(socket.create_connection(address, harness.PATIENCE))
            self.addCleanup(kept[-1].close)
        kept[-1].sendall(b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertIn(b"200", kept[-1].recv(4096))
        with socket.create_connection(address, harness.PATIENCE) as refused:
            self.assertEqual(refused.recv(1), b"")


class UnixSocket(AdminCase):
    def ask(self, path):
        done = subprocess.run(
            ["curl", "-s", "--max-time", str(harness.PATIENCE), "--unix-socket", path,
             "http://localhost/ready"], capture_output=True, text=True)
        return done.stdout

    async def test_only_its_owner_may_connect_and_it_goes_with_the_server(self):
        folder = harness.Folder(self)
        path = str(folder / "admin.sock")
        server = harness.Server(self, "--demo", "--admin", f"unix:{path}")
        self.assertEqual(server.admin, f"unix:{path}")
        mode = os.stat(path).st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        self.assertEqual(self.ask(path), "ready\n")
        self.assertEqual(server.stop(), 0)
        self.assertFalse(os.path.exists(path))

    async def test_one_that_was_left_behind_is_replaced(self):
        folder = harness.Folder(self)
        path = str(folder / "admin.sock")
        server = harness.Server(self, "--demo", "--admin", f"unix:{path}")
        server.process.kill()
        server.process.wait()
        self.assertTrue(os.path.exists(path))
        harness.Server(self, "--demo", "--admin", f"unix:{path}")
        self.assertEqual(self.ask(path), "ready\n")


class Starting(unittest.TestCase):
    def refused(self, admin):
        folder = harness.Folder(self)
        done = subprocess.run(
            [harness.BINARY, "serve", "--demo", "--listen", "127.0.0.1:0", "--admin", admin],
            cwd=folder.path, capture_output=True, text=True, timeout=harness.PATIENCE,
            env=harness.clean_environment(HOME=str(folder.path), XDG_STATE_HOME=str(folder.path)))
        self.assertNotEqual(done.returncode, 0, admin)
        return done.stderr

    def test_what_is_no_address_is_refused_at_the_start(self):
        for admin in ("nonsense", "unix:", "127.0.0.1", "127.0.0.1:99999"):
            self.assertIn("--admin", self.refused(admin))

    def test_a_port_in_use_is_refused_at_the_start(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            self.assertIn("cannot listen", self.refused(f"127.0.0.1:{port}"))
            self.assertIn("cannot listen", self.refused(str(port)))  # this host alone
