"""Several workers: users meet no matter which of them serves their connection."""

import asyncio

import harness
from harness import LEAVE, LOGGED_IN, LOGIN_FAILED

WORKERS = 3
USERS = 12


class Workers(harness.TestCase):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.redis = harness.Redis(self)
        for number in range(USERS):
            self.redis.cli("SET", f"u{number}", "password")
        self.server = harness.Server(
            self, "--redis", self.redis.url, "--workers", str(WORKERS)
        )

    async def test_everybody_calls_everybody_across_workers(self):
        users = [await self.logged_in(self.server, f"u{n}", "password") for n in range(USERS)]
        for caller in range(USERS):
            for callee in range(caller):
                await users[caller].send(
                    '{"type":"offer","offer":%d,"name":"u%d"}' % (caller, callee)
                )
                for candidate in range(5):
                    await users[caller].send(
                        '{"type":"candidate","candidate":%d,"name":"u%d"}' % (candidate, callee)
                    )
                self.assertEqual(
                    await users[callee].receive(),
                    '{"type":"offer","offer":%d,"name":"u%d"}' % (caller, caller),
                )
                for candidate in range(5):
                    self.assertEqual(
                        await users[callee].receive(),
                        '{"type":"candidate","candidate":%d}' % candidate,
                    )
                await users[callee].send('{"type":"answer","answer":1,"name":"u%d"}' % caller)
                self.assertEqual(await users[caller].receive(), '{"type":"answer","answer":1}')
                await users[callee].send('{"type":"leave","name":"u%d"}' % caller)
                self.assertEqual(await users[caller].receive(), LEAVE)

    async def test_of_many_logins_at_once_exactly_one_wins(self):
        for name in ("u0", "u1", "u2", "u3"):
            clients = [await self.connect(self.server) for _ in range(9)]
            answers = await asyncio.gather(*(c.login(name, "password") for c in clients))
            self.assertEqual(sorted(answers), [LOGIN_FAILED] * 8 + [LOGGED_IN])

    async def test_a_closed_connection_leaves_its_calls_on_every_worker(self):
        users = [await self.logged_in(self.server, f"u{n}", "password") for n in range(USERS)]
        for number in range(1, USERS):
            await users[0].send('{"type":"offer","offer":0,"name":"u%d"}' % number)
            self.assertEqual(
                await users[number].receive(), '{"type":"offer","offer":0,"name":"u0"}'
            )
        users[0].reset()
        for user in users[1:]:
            self.assertEqual(await user.receive(), LEAVE)
        await self.logged_in(self.server, "u0", "password")

    async def test_names_taken_in_turn_by_connections_of_all_workers_never_get_lost(self):
        async def take_and_leave(number):
            for _ in range(10):
                client = await self.connect(self.server)

                async def taken():
                    return await client.login(f"u{number}", "password") == LOGGED_IN

                await harness.wait_until_async(taken, f"u{number} is free")
                await client.close()

        await asyncio.gather(*(take_and_leave(number % 6) for number in range(USERS)))
