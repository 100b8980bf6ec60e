"""The wire protocol of the tutorial, byte for byte, row by row (docs/protocol/tutorial.md)."""

import asyncio

import harness
from harness import LEAVE, LOGGED_IN, LOGIN_FAILED, UNAUTHENTICATED, not_found


class DialectCase(harness.TestCase):
    """Users 1 and 2 with passwords in a Redis, as the tutorial has them."""

    options = ()

    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.redis = harness.Redis(self)
        for user in ("1", "2", "3"):
            self.redis.cli("SET", "user" + user, "password" + user)
        self.server = harness.Server(self, "--redis", self.redis.url, *self.options)

    async def user(self, number):
        return await self.logged_in(self.server, f"user{number}", f"password{number}")

    async def two_users(self):
        return await self.user(1), await self.user(2)

    async def call(self, caller, callee, names=("user1", "user2")):
        await caller.send('{"type":"offer","offer":1,"name":"%s"}' % names[1])
        self.assertEqual(
            await callee.receive(), '{"type":"offer","offer":1,"name":"%s"}' % names[0]
        )
        await callee.send('{"type":"answer","answer":2,"name":"%s"}' % names[0])
        self.assertEqual(await caller.receive(), '{"type":"answer","answer":2}')


class Transcript(DialectCase):
    async def test_the_golden_transcript_of_a_call(self):
        one = await self.connect(self.server)
        two = await self.connect(self.server)
        self.assertEqual(await one.login("user1", "password1"), LOGGED_IN)
        self.assertEqual(await two.login("user2", "password2"), LOGGED_IN)
        await one.send({"type": "offer", "offer": {"type": "offer", "sdp": "o"}, "name": "user2"})
        self.assertEqual(
            await two.receive(),
            '{"type":"offer","offer":{"type": "offer", "sdp": "o"},"name":"user1"}',
        )
        await two.send('{"type":"answer","answer":{"type":"answer","sdp":"a"},"name":"user1"}')
        self.assertEqual(
            await one.receive(), '{"type":"answer","answer":{"type":"answer","sdp":"a"}}'
        )
        await two.send('{"type":"candidate","candidate":{"candidate":"c2"},"name":"user1"}')
        self.assertEqual(
            await one.receive(), '{"type":"candidate","candidate":{"candidate":"c2"}}'
        )
        await one.send('{"type":"candidate","candidate":{"candidate":"c1"},"name":"user2"}')
        self.assertEqual(
            await two.receive(), '{"type":"candidate","candidate":{"candidate":"c1"}}'
        )
        await one.send('{"type":"leave","name":"user2"}')
        self.assertEqual(await two.receive(), LEAVE)
        await one.fence()
        await two.fence()


class BeforeTheLogin(DialectCase):
    async def test_everything_but_a_login_is_unauthenticated(self):
        client = await self.connect(self.server)
        for message in (
            '{"type":"offer","offer":1,"name":"user2"}', '{"type":"leave"}', '{"type":5}', "{}",
            "[]", "[1,2]", "5", '"login"', "null", "true", "no JSON", '{"type":"login"', "",
        ):
            with self.subTest(message):
                self.assertEqual(await client.ask(message), UNAUTHENTICATED)
        self.assertEqual(await client.login("user1", "password1"), LOGGED_IN)

    async def test_json_is_taken_from_binary_frames(self):
        client = await self.connect(self.server)
        message = b'{"type":"login","name":"user1","password":"password1"}'
        self.assertEqual(await client.ask(message), LOGGED_IN)


class Logins(DialectCase):
    async def test_refusals_are_all_the_same_bytes(self):
        self.redis.cli("LPUSH", "list", "password")
        self.redis.cli("SET", "empty", "")
        client = await self.connect(self.server)
        for fields in (
            '"name":"user1","password":"password2"', '"name":"user1","password":""',
            '"name":"nobody","password":"password1"', '"name":"nobody","password":null',
            '"name":"nobody"', '"name":"user1"', '"name":"user1","password":null',
            '"name":"user1","password":1', '"name":"user1","password":{}',
            '"name":"user1","password":["password1"]', '"name":"list"',
            '"name":"list","password":"password"', '"name":"list","password":null',
            '"password":"password1"', '"name":"","password":""', '"name":null,"password":null',
            '"name":["user1"],"password":"password1"', '"name":5,"password":"password1"',
            '"name":"user1\\u0000","password":"password1"',
            '"name":"user\\n1","password":"password1"',
            '"name":"%s","password":"x"' % ("n" * 129),
        ):
            with self.subTest(fields):
                self.assertEqual(await client.ask('{"type":"login",%s}' % fields), LOGIN_FAILED)
        self.assertEqual(await client.login("user1", "password1"), LOGGED_IN)

    async def test_a_name_of_128_bytes_is_a_name(self):
        self.redis.cli("SET", "n" * 128, "password")
        client = await self.connect(self.server)
        self.assertEqual(await client.login("n" * 128, "password"), LOGGED_IN)

    async def test_names_that_javascript_objects_have_are_ordinary(self):
        for name in ("toString", "__proto__", "constructor", "hasOwnProperty"):
            with self.subTest(name):
                client = await self.connect(self.server)
                self.assertEqual(await client.login(name, "password"), LOGIN_FAILED)
                self.redis.cli("SET", name, "password")
                self.assertEqual(await client.login(name, "password"), LOGGED_IN)
                await client.send({"type": "offer", "offer": 1, "name": "valueOf"})
                await client.fence()

    async def test_a_name_in_use_is_refused(self):
        await self.user(1)
        other = await self.connect(self.server)
        self.assertEqual(await other.login("user1", "password1"), LOGIN_FAILED)

    async def test_of_two_logins_at_once_exactly_one_wins(self):
        clients = [await self.connect(self.server) for _ in range(8)]
        answers = await asyncio.gather(*(c.login("user1", "password1") for c in clients))
        self.assertEqual(sorted(answers), [LOGIN_FAILED] * 7 + [LOGGED_IN])

    async def test_a_second_login_releases_the_first_name(self):
        client = await self.user(1)
        self.assertEqual(await client.login("user2", "password2"), LOGGED_IN)
        other = await self.connect(self.server)
        self.assertEqual(await other.login("user2", "password2"), LOGIN_FAILED)
        self.assertEqual(await other.login("user1", "password1"), LOGGED_IN)

    async def test_a_failed_second_login_changes_nothing(self):
        one, two = await self.two_users()
        await self.call(one, two)
        self.assertEqual(await one.login("user3", "wrong"), LOGIN_FAILED)
        await one.send('{"type":"candidate","candidate":1,"name":"user2"}')
        self.assertEqual(await two.receive(), '{"type":"candidate","candidate":1}')

    async def test_messages_sent_with_the_login_wait_for_it_in_order(self):
        two = await self.user(2)
        client = await self.connect(self.server)
        for message in (
            '{"type":"login","name":"user1","password":"password1"}',
            '{"type":"offer","offer":1,"name":"user2"}',
            '{"type":"candidate","candidate":2,"name":"user2"}',
            '{"type":"candidate","candidate":3,"name":"user2"}',
        ):
            await client.send(message)
        self.assertEqual(await client.receive(), LOGGED_IN)
        self.assertEqual(await two.receive(), '{"type":"offer","offer":1,"name":"user1"}')
        self.assertEqual(await two.receive(), '{"type":"candidate","candidate":2}')
        self.assertEqual(await two.receive(), '{"type":"candidate","candidate":3}')

    async def test_a_socket_closed_during_its_login_leaves_the_name_free(self):
        for _ in range(20):
            client = await self.connect(self.server)
            await client.send('{"type":"login","name":"user1","password":"password1"}')
            client.reset()

        async def free():
            client = await self.connect(self.server)
            return await client.login("user1", "password1") == LOGGED_IN

        await harness.wait_until_async(free, "the name is free")


class Relay(DialectCase):
    async def test_payloads_are_relayed_verbatim(self):
        one, two = await self.two_users()
        await self.call(one, two)
        for payload in (
            "1e400", "-0.0", "12345678901234567890.123456789012345678901234567890", "null", "true",
            '"\\ud800 \\u0041 \\/ \\\\ \\u00e9 é 你 😀"', '{"b":1,"a":2,"b":3}',
            '{ "white" :\t[ 1 ,\r\n 2 ] }', "[]", "{}", '""', '"</script>"',
        ):
            with self.subTest(payload):
                await one.send('{"type":"candidate","candidate":%s,"name":"user2"}' % payload)
                self.assertEqual(
                    await two.receive(), '{"type":"candidate","candidate":%s}' % payload
                )

    async def test_an_absent_payload_stays_absent(self):
        one, two = await self.two_users()
        await one.send('{"type":"offer","name":"user2"}')
        self.assertEqual(await two.receive(), '{"type":"offer","name":"user1"}')
        await two.send('{"type":"answer","name":"user1"}')
        self.assertEqual(await one.receive(), '{"type":"answer"}')
        await two.send('{"type":"candidate","name":"user1"}')
        self.assertEqual(await one.receive(), '{"type":"candidate"}')

    async def test_of_duplicate_members_the_last_counts(self):
        one, two = await self.two_users()
        await one.send(
            '{"name":"x","type":"leave","offer":1,"offer":2,"type":"offer","name":"user2"}'
        )
        self.assertEqual(await two.receive(), '{"type":"offer","offer":2,"name":"user1"}')

    async def test_a_name_with_quotes_arrives_escaped(self):
        name = 'quo"te\\d'
        self.redis.cli("SET", name, "password")
        two = await self.user(2)
        caller = await self.logged_in(self.server, name, "password")
        await caller.send('{"type":"offer","offer":1,"name":"user2"}')
        self.assertEqual(
            await two.receive(), '{"type":"offer","offer":1,"name":"quo\\"te\\\\d"}'
        )

    async def test_unknown_types_are_named_as_javascript_writes_them(self):
        client = await self.user(1)
        for message, shown in (
            ('{"type":"hello"}', "hello"), ("{}", "undefined"), ("no JSON", "undefined"),
            ("null", "undefined"), ("[1]", "undefined"), ("5", "undefined"),
            ('"text"', "undefined"), ('{"type":null}', "null"), ('{"type":5}', "5"),
            ('{"type":true}', "true"), ('{"type":[1,2]}', "1,2"),
            ('{"type":{}}', "[object Object]"), ('{"type":""}', ""), ('{"type":1.50}', "1.5"),
            ('{"type":"quo\\"te"}', 'quo\\"te'),
        ):
            with self.subTest(message):
                self.assertEqual(await client.ask(message), not_found(shown))

    async def test_an_offer_to_nobody_is_answered_by_silence(self):
        client = await self.user(1)
        for message in (
            '{"type":"offer","offer":1,"name":"nobody"}', '{"type":"offer","offer":1}',
            '{"type":"offer","offer":1,"name":5}', '{"type":"offer","offer":1,"name":null}',
        ):
            await client.send(message)
        await client.fence()

    async def test_an_offer_to_oneself_comes_back(self):
        client = await self.user(1)
        await client.send('{"type":"offer","offer":1,"name":"user1"}')
        self.assertEqual(await client.receive(), '{"type":"offer","offer":1,"name":"user1"}')

    async def test_without_a_call_nothing_is_relayed(self):
        one, two = await self.two_users()
        for message in (
            '{"type":"answer","answer":1,"name":"user2"}',
            '{"type":"candidate","candidate":1,"name":"user2"}', '{"type":"leave","name":"user2"}',
        ):
            await one.send(message)
        await one.fence()
        await two.fence()

    async def test_a_leave_to_nobody_is_ignored(self):
        client = await self.user(1)
        for message in (
            '{"type":"leave"}', '{"type":"leave","name":"nobody"}', '{"type":"leave","name":null}',
            '{"type":"leave","name":"toString"}',
        ):
            await client.send(message)
        await client.fence()

    async def test_when_both_call_at_once_one_offer_is_dropped(self):
        one, two = await self.two_users()
        await one.send('{"type":"offer","offer":1,"name":"user2"}')
        self.assertEqual(await two.receive(), '{"type":"offer","offer":1,"name":"user1"}')
        # user2 has not seen it yet when it calls:
        await two.send('{"type":"offer","offer":2,"name":"user1"}')
        await two.send('{"type":"candidate","candidate":2,"name":"user1"}')
        await two.send('{"type":"answer","answer":3,"name":"user1"}')
        self.assertEqual(await one.receive(), '{"type":"answer","answer":3}')
        await one.fence()


class EndsOfCalls(DialectCase):
    async def test_hanging_up_tells_the_other_and_a_new_call_works(self):
        one, two = await self.two_users()
        for _ in range(2):
            await self.call(one, two)
            await two.send('{"type":"leave","name":"user1"}')
            self.assertEqual(await one.receive(), LEAVE)

    async def test_a_closed_socket_tells_the_other_and_frees_the_name(self):
        one, two = await self.two_users()
        await self.call(one, two)
        await two.close()
        self.assertEqual(await one.receive(), LEAVE)
        await self.user(2)

    async def test_a_reset_socket_tells_the_other_and_frees_the_name(self):
        one, two = await self.two_users()
        await self.call(one, two)
        two.reset()
        self.assertEqual(await one.receive(), LEAVE)
        await self.user(2)

    async def test_the_caller_of_an_unanswered_call_that_closes_tells_the_other(self):
        one, two = await self.two_users()
        await one.send('{"type":"offer","offer":1,"name":"user2"}')
        self.assertEqual(await two.receive(), '{"type":"offer","offer":1,"name":"user1"}')
        await one.close()
        self.assertEqual(await two.receive(), LEAVE)

    async def test_somebody_called_who_closes_without_an_answer_tells_the_caller(self):
        one, two = await self.two_users()
        await one.send('{"type":"offer","offer":1,"name":"user2"}')
        await two.receive()
        await two.close()
        self.assertEqual(await one.receive(), LEAVE)

    async def test_a_second_login_in_a_call_tells_the_other(self):
        one, two = await self.two_users()
        await self.call(one, two)
        self.assertEqual(await one.login("user3", "password3"), LOGGED_IN)
        self.assertEqual(await two.receive(), LEAVE)


class Limits(DialectCase):
    options = ("--max-message", "4096")

    async def test_a_message_at_the_limit_is_served_and_one_past_it_closes_its_sender(self):
        one, two = await self.two_users()
        frame = '{"type":"offer","offer":"%s","name":"user2"}'
        room = 4096 - len(frame % "")
        await one.send(frame % ("x" * room))
        self.assertEqual(len(await two.receive()), 4096)
        await one.send(frame % ("x" * (room + 1)))
        self.assertEqual(await one.closed_with(), 1009)
        self.assertEqual(await two.receive(), LEAVE)
        await two.fence()

    async def test_json_nested_too_deep_harms_nobody(self):
        client = await self.user(1)
        deep = "[" * 1500 + "]" * 1500
        self.assertEqual(
            await client.ask('{"type":"offer","offer":%s,"name":"user1"}' % deep),
            not_found("undefined"),
        )
        await client.fence()


class OpenRelay(DialectCase):
    options = ("--open-relay",)

    async def test_messages_are_relayed_without_a_call(self):
        one, two = await self.two_users()
        await one.send('{"type":"candidate","candidate":1,"name":"user2"}')
        self.assertEqual(await two.receive(), '{"type":"candidate","candidate":1}')
        await one.send('{"type":"leave","name":"user2"}')
        self.assertEqual(await two.receive(), LEAVE)


class NoGreeting(DialectCase):
    options = ("--no-greeting",)

    async def test_the_first_message_is_the_answer_to_the_login(self):
        client = await self.connect(self.server, greeted=False)
        self.assertEqual(await client.login("user1", "password1"), LOGGED_IN)
