"""Many clients, and clients that behave badly: nobody else notices."""

import asyncio
import contextlib
import socket

import harness
from harness import LEAVE, LOGGED_IN

MEBIBYTE = 1 << 20


class ManyNames(harness.TestCase):
    async def test_a_thousand_names_come_and_go_and_every_one_is_free_again(self):
        redis = harness.Redis(self)
        names = [f"name{number}" for number in range(1000)]
        redis.cli("MSET", *(text for name in names for text in (name, "password")))
        server = harness.Server(self, "--redis", redis.url)
        gate = asyncio.Semaphore(50)

        async def come_and_go(name):
            async with gate:
                client = await harness.Client.logged_in(server, name, "password")
                await client.fence()
                client.reset() if name.endswith("5") else await client.close()

        await asyncio.gather(*(come_and_go(name) for name in names))

        async def is_free(name):
            client = await harness.Client.connect(server)
            answer = await client.login(name, "password")
            await client.close()
            return answer == LOGGED_IN

        for name in names[::50] + names[5::50]:
            await harness.wait_until_async(lambda: is_free(name), f"{name} is free")


class BadNeighbours(harness.TestCase):
    async def test_a_client_that_never_reads_is_bounded_and_harms_nobody(self):
        server = harness.Server(self, "--demo", "--byte-rate", "1000000000")
        deaf_socket = socket.create_connection(("127.0.0.1", server.port))
        deaf_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf = harness.websockets.connect(
            server.url, sock=deaf_socket, ssl=harness.trusting_context(),
            server_hostname="localhost", compression=None, ping_interval=None, max_queue=1,
        )
        deaf = harness.Client(await asyncio.wait_for(deaf, harness.PATIENCE))
        self.clients.append(deaf)
        self.assertEqual(await deaf.receive(), harness.GREETING)
        self.assertEqual(await deaf.login("user2", "password2"), LOGGED_IN)
        one = await self.logged_in(server, "user1", "password1")
        await one.send('{"type":"offer","offer":1,"name":"user2"}')
        await deaf.receive()

        before = server.resident_bytes()
        deaf.socket.transport.pause_reading()
        message = '{"type":"candidate","candidate":"%s","name":"user2"}' % ("x" * 60_000)
        for _ in range(1000):
            await one.send(message)

        # Sixty megabytes for somebody who does not read: the server gives that client up.
        self.assertEqual(await one.receive(), LEAVE)
        await one.fence()
        if not harness.sanitized():
            self.assertLess(server.resident_bytes() - before, 24 * MEBIBYTE)
        await self.logged_in(server, "user2", "password2")

    async def test_half_a_handshake_ends_by_its_deadline_and_harms_nobody(self):
        server = harness.Server(self, "--demo")
        stuck = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
        for connection in stuck:
            self.addCleanup(connection.close)
            connection.settimeout(harness.PATIENCE)
            connection.sendall(b"\x16\x03\x01\x02\x00\x01")
        await self.logged_in(server, "user1", "password1")
        for connection in stuck:
            with contextlib.suppress(ConnectionError):
                connection.recv(4096)  # returns or fails when the server has hung up
        await self.logged_in(server, "user2", "password2")

    async def test_a_message_in_single_bytes_is_understood(self):
        server = harness.Server(self, "--demo")
        client = await self.connect(server)
        raw = client.socket.transport.get_extra_info("socket")
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        message = '{"type":"login","name":"user1","password":"password1"}'
        await asyncio.wait_for(client.socket.send(list(message)), harness.PATIENCE)
        self.assertEqual(await client.receive(), LOGGED_IN)

    async def test_a_flood_of_small_messages_shuts_nobody_out(self):
        server = harness.Server(self, "--demo", "--message-rate", "1000000")
        flood = await self.logged_in(server, "user1", "password1")
        other = await self.logged_in(server, "user2", "password2")
        served = False

        async def pour():
            while not served:
                await flood.send('{"type":"candidate","candidate":1,"name":"nobody"}')

        pouring = asyncio.ensure_future(pour())
        for _ in range(200):
            await other.fence()
        served = True
        await pouring
        await flood.fence()

    async def test_a_violation_of_the_framing_ends_the_offender_alone(self):
        server = harness.Server(self, "--demo")
        other = await self.logged_in(server, "user2", "password2")
        for frame, code in (
            (b"\x83\x80\0\0\0\0", 1002),  # reserved opcode
            (b"\xc1\x80\0\0\0\0", 1002),  # RSV1 without an extension
            (b"\x81\x00", 1002),  # not masked
            (b"\x09\x80\0\0\0\0", 1002),  # ping in fragments
            (b"\x80\x80\0\0\0\0", 1002),  # continuation of nothing
            (b"\x81\x81\0\0\0\0\xff", 1007),  # not UTF-8
            (b"\x88\x81\0\0\0\0\x03", 1002),  # close with half a code
            (b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 1009),
        ):
            with self.subTest(frame):
                client = await self.connect(server)
                client.socket.transport.write(frame)
                self.assertEqual(await client.closed_with(), code)
        await other.fence()
