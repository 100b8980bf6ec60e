"""What clients may cost: at the limits, and what those who are served notice of it."""

import asyncio
import resource
import socket
import time

import harness
from harness import LEAVE, LOGGED_IN
from heartbeat import Heart


def silent_connection(test, server, source="127.0.0.1"):
    connection = socket.create_connection(
        ("127.0.0.1", server.port), harness.PATIENCE, source_address=(source, 0))
    test.addCleanup(connection.close)
    return connection


def is_hung_up(connection):
    """Waits until the server has hung up."""
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


class Connections(harness.TestCase):
    async def refused(self, server, **options):
        try:
            await self.connect(server, **options)
        except (ConnectionError, EOFError, harness.websockets.InvalidMessage):
            return True
        return False

    async def test_of_one_address(self):
        server = harness.Server(self, "--demo", "--max-connections-per-address", "2")
        first = await self.connect(server)
        await self.connect(server)
        self.assertTrue(await self.refused(server))
        await self.connect(server, local_addr=("127.0.0.2", 0))
        await first.close()

        async def is_admitted():
            return not await self.refused(server)

        await harness.wait_until_async(is_admitted, "room for another one")

    async def test_in_all(self):
        server = harness.Server(self, "--demo", "--max-connections", "2", "--workers", "3")
        await self.connect(server)
        await self.connect(server, local_addr=("127.0.0.2", 0))
        self.assertTrue(await self.refused(server, local_addr=("127.0.0.3", 0)))
        # Who is refused is hung up on first.
        await asyncio.to_thread(
            harness.wait_until,
            lambda: 'event=refused reason="too many connections"' in server.log(), "it is logged")

    async def test_unfinished_handshakes_of_one_address(self):
        server = harness.Server(self, "--demo", "--max-handshakes-per-address", "3")
        for _ in range(3):
            silent_connection(self, server, "127.0.0.2")
        self.assertTrue(is_hung_up(silent_connection(self, server, "127.0.0.2")))
        await self.logged_in(server, "user1", "password1")

    async def test_beyond_the_unfinished_handshakes_in_all_the_oldest_makes_room(self):
        server = harness.Server(self, "--demo", "--max-handshakes", "3")
        silent = [silent_connection(self, server, f"127.0.0.{number}") for number in range(2, 12)]
        await self.logged_in(server, "user1", "password1")
        for connection in silent[:7]:
            self.assertTrue(is_hung_up(connection))
        await self.logged_in(server, "user2", "password2")


class Rates(harness.TestCase):
    async def test_who_sends_too_much_is_read_more_slowly_and_not_closed(self):
        server = harness.Server(self, "--demo", "--message-rate", "100")
        flood = await self.logged_in(server, "user1", "password1")
        other = await self.logged_in(server, "user2", "password2")
        started = time.monotonic()
        for _ in range(500):
            await flood.send('{"type":"candidate","candidate":1,"name":"nobody"}')
        for _ in range(10):
            await other.fence()
        others = time.monotonic() - started
        await flood.fence()
        took = time.monotonic() - started
        print(f"\n500 messages at 100 per second, 200 at once: {took:.2f} s; ten round trips of "
              f"somebody else beside it: {others:.2f} s")
        self.assertTrue(flood.socket.open)

    async def test_output_of_all_clients_together(self):
        redis = harness.Redis(self)
        names = [f"deaf{number}" for number in range(8)]
        redis.cli("MSET", "one", "password", *(text for name in names for text in (name, "password")))
        # What is kept of a sender who is slowed down would count too.
        server = harness.Server(self, "--redis", redis.url, "--max-buffered", "500000",
                                "--message-rate", "1000000", "--byte-rate", "1000000000",
                                "--log-level", "debug")
        one = await self.logged_in(server, "one", "password")
        for name in names:
            deaf_socket = socket.create_connection(("127.0.0.1", server.port))
            deaf_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf = harness.Client(await asyncio.wait_for(harness.websockets.connect(
                server.url, sock=deaf_socket, ssl=harness.trusting_context(),
                server_hostname="localhost", compression=None, ping_interval=None, max_queue=1),
                harness.PATIENCE))
            self.clients.append(deaf)
            await deaf.receive()
            self.assertEqual(await deaf.login(name, "password"), LOGGED_IN)
            await one.send('{"type":"offer","offer":1,"name":"%s"}' % name)
            await deaf.receive()
            deaf.socket.transport.pause_reading()

        before = server.resident_bytes()
        text = "x" * 30_000
        while "too much was buffered" not in server.log():
            for name in names:
                await one.send('{"type":"candidate","candidate":"%s","name":"%s"}' % (text, name))
        self.assertNotIn("too slow", server.log().split("too much was buffered")[0])
        self.assertEqual(await one.receive(), LEAVE)
        grown = server.resident_bytes() - before
        print(f"\nresident memory has grown by {grown >> 10} KiB")
        if not harness.sanitized():
            self.assertLess(grown, 16 << 20)
        answer = await one.ask({"type": "fence"})
        while answer == LEAVE:
            answer = await one.receive()
        self.assertEqual(answer, harness.not_found("fence"))


class LoginTime(harness.TestCase):
    async def test_a_heliograph_client_that_does_not_log_in_is_closed_and_a_page_may_wait(self):
        server = harness.Server(self, "--demo")
        page = await self.connect(server)
        client = await self.connect(server, greeted=False, subprotocols=["heliograph.v1"])
        self.assertEqual(await client.closed_with(), 1008)
        self.assertEqual(client.socket.close_reason, "login took too long")
        self.assertEqual(await page.login("user1", "password1"), LOGGED_IN)


class Descriptors(harness.TestCase):
    ATTEMPTS = 1000

    async def rush(self, server, sources):
        """Many connect at once and stay, from one address each hundred; what the server spent."""
        inside = await self.logged_in(server, "user1", "password1")
        heart = Heart(self, server)
        started, cpu = time.monotonic(), server.cpu_seconds()
        crowd = []
        for number in range(self.ATTEMPTS):
            raw = socket.socket()
            self.addCleanup(raw.close)
            raw.setblocking(False)
            raw.bind((sources[number % len(sources)], 0))
            raw.connect_ex(("127.0.0.1", server.port))
            crowd.append(raw)
        # Until those who were accepted have been given up: they say nothing for ten seconds.
        while "did not open in time" not in server.log():
            await inside.fence()
            await asyncio.sleep(0.1)
        wall, spent = time.monotonic() - started, server.cpu_seconds() - cpu
        beats, median, p99, most = heart.stop()
        print(f"\n{self.ATTEMPTS} attempts: {spent:.2f} s of processor time in {wall:.1f} s "
              f"({100 * spent / wall:.1f} %); {beats} pings: median {median:.2f} ms, p99 {p99:.2f} "
              f"ms, max {most:.2f} ms")
        self.assertLess(spent / wall, 0.5)
        for raw in crowd:
            raw.close()

    async def recovers(self, server):
        async def is_served():
            try:
                return await (await self.connect(server)).login("user2", "password2") == LOGGED_IN
            except (OSError, EOFError, harness.websockets.InvalidMessage):
                return False

        await harness.wait_until_async(is_served, "service for newcomers")

    async def test_with_few_of_them_clients_are_refused_before_they_are_spent(self):
        server = harness.Server(self, "--demo", "--log-level", "debug", descriptors=200)
        self.assertIn("event=limit connections=128", server.log())
        await self.rush(server, [f"127.3.0.{number}" for number in range(1, 11)])
        self.assertIn('reason="too many connections"', server.log())
        self.assertNotIn("event=accept_paused", server.log())
        await self.recovers(server)

    async def test_when_none_is_left_accepting_pauses_and_nothing_spins(self):
        if harness.sanitized():
            self.skipTest("the sanitizer itself needs descriptors, to look at memory")
        server = harness.Server(self, "--demo", "--log-level", "debug")
        soft, hard = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (200, hard))
        await self.rush(server, [f"127.3.0.{number}" for number in range(1, 11)])
        self.assertIn("event=accept_paused", server.log())
        await self.recovers(server)
        self.assertEqual(soft, hard)


if __name__ == "__main__":
    harness.unittest.main()
