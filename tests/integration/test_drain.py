"""The server is asked to end: everybody goes in peace, not all at once, and in time."""

import asyncio
import json
import signal
import socket
import time

import harness

GOING_AWAY = 1001
USERS = 1000


class Drain(harness.TestCase):
    def start(self, *options, users=USERS):
        self.redis = harness.Redis(self)
        self.names = [f"name{number}" for number in range(users)]
        self.redis.cli("MSET", *(text for name in self.names for text in (name, "password")))
        return harness.Server(self, "--redis", self.redis.url, *options)

    async def log_everybody_in(self, server):
        gate = asyncio.Semaphore(50)

        async def log_in(name):
            async with gate:
                return await self.logged_in(server, name, "password")

        return await asyncio.gather(*(log_in(name) for name in self.names))

    async def ended(self, server):
        """The exit code, while the clients' own loop goes on."""
        return await asyncio.wait_for(
            asyncio.get_running_loop().run_in_executor(None, server.process.wait), harness.PATIENCE)

    async def test_a_thousand_users_are_told_to_go_a_few_at_a_time(self):
        server = self.start("--drain-time", "3", "--workers", "2")
        users = await self.log_everybody_in(server)
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)

        async def closed(user):
            code = await user.closed_with()
            return code, time.monotonic() - started

        ends = await asyncio.gather(*(closed(user) for user in users))
        self.assertEqual({code for code, _ in ends}, {GOING_AWAY})
        self.assertEqual(await self.ended(server), 0)
        took = time.monotonic() - started
        times = sorted(end for _, end in ends)
        print(f"\n{USERS} users: closed after {times[0]:.2f} s (first), {times[USERS // 2]:.2f} s "
              f"(half), {times[-1]:.2f} s (last); exit after {took:.2f} s")

    async def test_nobody_new_is_accepted_and_who_is_there_is_served_meanwhile(self):
        server = self.start("--drain-time", "3600", users=50)
        users = await self.log_everybody_in(server)
        server.process.send_signal(signal.SIGTERM)

        def refused():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", server.port)) != 0

        harness.wait_until(refused, "the end of accepting")

        async def some_have_gone():
            return any(user.socket.closed for user in users)

        await harness.wait_until_async(some_have_gone, "the first slice")
        left = [user for user in users if not user.socket.closed]
        self.assertTrue(left)
        # Their turn comes, at the latest when there are sixteen a slice.
        for code in await asyncio.gather(*(user.closed_with() for user in users)):
            self.assertEqual(code, GOING_AWAY)
        self.assertEqual(await self.ended(server), 0)

    async def test_peers_that_never_read_do_not_keep_it(self):
        server = self.start("--drain-time", "1", users=20)
        users = await self.log_everybody_in(server)
        for user in users:
            user.socket.transport.pause_reading()
        silent = socket.create_connection(("127.0.0.1", server.port))
        self.addCleanup(silent.close)
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(await self.ended(server), 0)
        print(f"\n20 deaf users and a silent connection: exit after "
              f"{time.monotonic() - started:.2f} s")

    async def test_a_second_signal_ends_at_once(self):
        server = self.start("--drain-time", "3600", users=300)
        users = await self.log_everybody_in(server)
        for user in users:
            user.socket.transport.pause_reading()
        server.process.send_signal(signal.SIGTERM)
        harness.wait_until(lambda: "event=drain" in server.log(), "the drain")
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(await self.ended(server), 0)
        self.assertIn("event=stop", server.log())

    async def test_clients_of_the_heliograph_dialect_learn_when_to_come_back(self):
        server = self.start("--drain-time", "2", users=100)
        await self.log_everybody_in(server)
        client = await self.connect(server, greeted=False, subprotocols=["heliograph.v1"])
        self.assertEqual(client.socket.subprotocol, "heliograph.v1")
        server.process.send_signal(signal.SIGTERM)
        said = json.loads(await client.receive())
        self.assertEqual(said["type"], "goaway")
        self.assertIn(said["reconnect_after"], range(2000))
        self.assertEqual(await client.closed_with(), GOING_AWAY)
        self.assertEqual(await self.ended(server), 0)


if __name__ == "__main__":
    harness.unittest.main()
