"""heliograph.v1: every message against its schema, every malformed form of every message, and calls
between the dialects (docs/protocol/heliograph.v1.md)."""

import asyncio
import base64
import copy
import hashlib
import hmac
import json
import ssl
import subprocess
import time
import unittest

import websockets.exceptions

import harness
from harness import LEAVE, LOGGED_IN
import heliograph_client
from heliograph_client import users_file, validator

# A message of each type that its schema allows.
SAMPLES = {
    "login": [
        {"name": "nobody", "password": "x"},
        {"ticket": "a.b.c.d"},
        {"certificate": True},
        {"certificate": True, "name": "nobody"},
    ],
    "resume": [{"token": "t"}, {"token": "t", "received": 0}],
    "logout": [{}],
    "offer": [{"to": "nobody", "call": "c", "offer": {"sdp": 1}}],
    "answer": [{"to": "nobody", "call": "c", "answer": None}],
    "candidate": [{"to": "nobody", "call": "c", "candidate": "x"}],
    "leave": [{"to": "nobody", "call": "c"}],
    "busy": [{"to": "nobody", "call": "c"}],
    "subscribe": [{"names": ["nobody"]}, {"names": []}],
    "unsubscribe": [{"names": ["nobody"]}],
    "join": [{"room": "r"}],
    "part": [{"room": "r"}],
    "ice": [{}],
    "ping": [{}],
}

UNREADABLE = {"bad-json", "bad-message", "unknown-type"}

# What the code is where it is not bad-message: for a string that the schema takes for too long or too
# short, by type (or all) and member.
OTHER_CODES = {
    ("offer", "to"): "bad-name",
    ("answer", "to"): "no-call",
    ("candidate", "to"): "no-call",
    ("leave", "to"): "no-call",
    ("busy", "to"): "no-call",
    ("login", "name"): "login-failed",
    ("join", "room"): "bad-name",
    ("part", "room"): "bad-name",
    ("subscribe", "names.items"): "bad-name",
    ("unsubscribe", "names.items"): "bad-name",
    ("subscribe", "names"): "too-many-names",
    ("unsubscribe", "names"): "too-many-names",
}


def wrong_types(schema):
    values = [5, None, [], {}, True, "text"]
    if schema.get("type") == "string":
        return [value for value in values if not isinstance(value, str)]
    if schema.get("type") == "integer":
        return [value for value in values if value != 5] + [-1, 0.5, 2**64]
    if schema.get("type") == "array":
        return [value for value in values if not isinstance(value, list)]
    if "const" in schema:
        return [value for value in values if value is not schema["const"]] + [False]
    return []  # anything goes


def wrong_sizes(schema):
    """Values of the right type, one past a limit."""
    if "pattern" in schema:
        yield from ("", "x" * 65, "a b", "\u00e4", "a.b")
    if "minLength" in schema:
        yield "x" * (schema["minLength"] - 1)
    if "maxLength" in schema:
        yield "x" * (schema["maxLength"] + 1)
    if "maxItems" in schema:
        yield ["x"] * (schema["maxItems"] + 1)


def malformed(type, sample):
    """All forms of a message that its schema does not allow, each with the code it is refused with."""
    schema = validator("client", type).schema
    message = {"type": type, **sample}

    def changed(**members):
        return {**copy.deepcopy(message), **members}

    for member in sample:
        properties = schema["properties"][member]
        if member in schema["required"] or (type == "login" and "name" not in member):
            yield {k: v for k, v in message.items() if k != member}, "bad-message"
        for value in wrong_types(properties):
            yield changed(**{member: value}), "bad-message"
        for value in wrong_sizes(properties):
            yield changed(**{member: value}), OTHER_CODES.get((type, member), "bad-message")
        if "items" in properties:
            for value in wrong_types(properties["items"]):
                yield changed(**{member: [value]}), "bad-message"
            for value in wrong_sizes(properties["items"]):
                yield changed(**{member: [value]}), OTHER_CODES[type, f"{member}.items"]
    for value in (5, None, [], {}, True):
        yield changed(type=value), "bad-message"
    if type == "login":
        for other in ({"ticket": "a.b.c.d"}, {"certificate": True}, {"name": "n", "password": "p"}):
            if not set(other) <= set(sample):
                yield changed(**other), "bad-message"


class Schemas(heliograph_client.TestCase):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        folder = harness.Folder(self)
        users_file(folder, "alice", "bob")
        self.server = harness.Server(self, "--users", "users", folder=folder)

    def test_there_is_a_sample_of_every_message(self):
        self.assertEqual(sorted(SAMPLES), heliograph_client.names("client"))
        for side in ("client", "server"):
            for name in heliograph_client.names(side):
                self.assertEqual(validator(side, name).schema["properties"]["type"]["const"], name)

    async def test_what_a_schema_allows_is_read(self):
        for type, samples in SAMPLES.items():
            for sample in samples:
                message = {"type": type, **sample}
                validator("client", type).validate(message)
                with self.subTest(message=message):
                    client = await self.user(self.server, "alice")
                    await client.send(message)
                    for answer in await client.heard():
                        self.assertNotIn(answer.get("code"), UNREADABLE, answer)
                    await client.close()

    async def test_members_that_are_not_known_mean_nothing(self):
        client = await self.user(self.server, "alice")
        for type, samples in SAMPLES.items():
            if type in ("login", "logout", "resume"):
                continue
            await client.send({"x": [1], "type": type, **samples[0], "y": {"type": "login"}})
            for answer in await client.heard():
                self.assertNotIn(answer.get("code"), UNREADABLE, answer)

    async def test_what_a_schema_does_not_allow_is_refused_with_its_code(self):
        client = await self.user(self.server, "alice")
        count = 0
        for type, samples in SAMPLES.items():
            for sample in samples:
                for message, code in malformed(type, sample):
                    count += 1
                    self.assertFalse(validator("client", type).is_valid(message), message)
                    with self.subTest(message=str(message)[:200]):
                        await client.send(message)
                        answers = await client.heard()
                        self.assertEqual([a.get("code") for a in answers], [code], answers)
        self.assertGreater(count, 200)

    async def test_malformed_messages_are_refused_as_such_before_a_login_too(self):
        client = await self.open(self.server)
        for message, code in [("{", "bad-json"), ("[]", "bad-json"), ("{}", "bad-message"),
                              ('{"type":"leave"}', "bad-message"),
                              ('{"type":"wat"}', "not-authenticated"),
                              ('{"type":"leave","to":"a","call":"c"}', "not-authenticated")]:
            await client.send(message)
            self.assertEqual([a.get("code") for a in await client.heard()], [code], message)

    async def test_unknown_types_and_no_json_have_codes_of_their_own(self):
        client = await self.user(self.server, "alice")
        for message, code in [('{"type":"wat"}', "unknown-type"), ("not json", "bad-json"),
                              ("", "bad-json"), ("null", "bad-json"), ('{"type":"ping"', "bad-json"),
                              (b"\x00", "bad-json")]:
            await client.send(message)
            self.assertEqual([a.get("code") for a in await client.heard()], [code], message)


class Opening(heliograph_client.TestCase):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        folder = harness.Folder(self)
        users_file(folder, "alice", "bob")
        self.server = harness.Server(self, "--users", "users", folder=folder)

    async def test_the_subprotocol_is_chosen_wherever_it_stands(self):
        for offered in (["heliograph.v1"], ["x", "heliograph.v1"], ["heliograph.v1", "y"]):
            client = await self.connect(self.server, greeted=False, subprotocols=offered)
            self.assertEqual(client.socket.subprotocol, "heliograph.v1")

    async def test_who_offers_others_speaks_the_tutorials_dialect(self):
        for offered in (["x"], ["heliograph.v2"], ["HELIOGRAPH.V1"], None):
            client = await self.connect(self.server, subprotocols=offered)
            self.assertIsNone(client.socket.subprotocol)

    async def test_bodies_are_relayed_byte_for_byte(self):
        one = await self.user(self.server, "alice")
        two = await self.user(self.server, "bob")
        for body in ('{ "a" : 1.0000000000000000001, "\\ud800":[ ] }', "-0.0", '"\\u0041"', "null"):
            await one.send('{"type":"offer","to":"bob","call":"c","offer": %s }' % body)
            self.assertEqual(
                await two.receive(),
                '{"type":"offer","from":"alice","call":"c","offer":%s,"polite":true}' % body)


class Side:
    """A user in either dialect, by the same verbs."""

    def __init__(self, client, name, is_tutorial):
        self.client = client
        self.name = name
        self.is_tutorial = is_tutorial
        self.call = None

    async def say(self, type, to, body="null", call=None):
        self.call = call or self.call
        if self.is_tutorial:
            await self.client.send('{"type":"%s","%s":%s,"name":"%s"}' % (type, type, body, to))
        elif type in ("leave", "busy"):
            await self.client.say(type, to=to, call=self.call)
        else:
            await self.client.send('{"type":"%s","to":"%s","call":"%s","%s":%s}'
                                   % (type, to, self.call, type, body))

    async def expect(self, test, type, sender, body="null", reason="left"):
        """Hears that, and nothing else before it."""
        raw = await self.client.receive()
        if self.is_tutorial:
            expected = {
                "offer": '{"type":"offer","offer":%s,"name":"%s"}' % (body, sender),
                "answer": '{"type":"answer","answer":%s}' % body,
                "candidate": '{"type":"candidate","candidate":%s}' % body,
            }.get(type, LEAVE)
            test.assertEqual(raw, expected)
            return
        message = json.loads(raw)
        validator("server", message["type"]).validate(message)
        test.assertEqual(message["type"], type, raw)
        test.assertEqual(message["from"], sender)
        if type == "offer":
            test.assertEqual(message["polite"], sender < self.name)
            self.call = message["call"]
        test.assertEqual(message["call"], self.call)
        if type in ("offer", "answer", "candidate"):
            test.assertIn('"%s":%s' % (type, body), raw)
        if type == "leave":
            test.assertEqual(message["reason"], reason)


class Matrix(heliograph_client.TestCase):
    """Every pair of dialects, on one worker and on three."""

    BODY = '{ "sdp" : "v=0\\r\\n", "n":1.0 }'

    async def asyncSetUp(self):
        await super().asyncSetUp()
        folder = harness.Folder(self)
        users_file(folder, *(f"{letter}{number}" for letter in "ab" for number in range(8)))
        harness.make_certificate(folder)
        self.servers = [harness.Server(self, "--users", "users", "--workers", str(workers),
                                       folder=folder) for workers in (1, 3)]

    async def side(self, server, name, is_tutorial):
        if is_tutorial:
            client = await self.logged_in(server, name, f"password of {name}")
        else:
            client = await self.user(server, name)
        return Side(client, name, is_tutorial)

    async def pairs(self):
        """Each has names of its own, so that none waits for the last one to be gone."""
        for server in self.servers:
            number = 0
            for caller_is_tutorial in (True, False):
                for callee_is_tutorial in (True, False):
                    for caller_name, callee_name in (("a", "b"), ("b", "a")):
                        caller = await self.side(
                            server, f"{caller_name}{number}", caller_is_tutorial)
                        callee = await self.side(
                            server, f"{callee_name}{number}", callee_is_tutorial)
                        number += 1
                        with self.subTest(caller=caller_is_tutorial, callee=callee_is_tutorial):
                            yield caller, callee

    async def connect_call(self, caller, callee):
        await caller.say("offer", callee.name, self.BODY, call="c-1")
        await callee.expect(self, "offer", caller.name, self.BODY)
        await callee.say("answer", caller.name, self.BODY)
        await caller.expect(self, "answer", callee.name, self.BODY)

    async def test_calls_are_offered_answered_and_left(self):
        async for caller, callee in self.pairs():
            await self.connect_call(caller, callee)
            for one, other in ((caller, callee), (callee, caller)):
                for number in range(5):
                    await one.say("candidate", other.name, str(number))
                for number in range(5):
                    await other.expect(self, "candidate", one.name, str(number))
            await callee.say("leave", caller.name)
            await caller.expect(self, "leave", callee.name)

    async def test_either_renegotiates(self):
        async for caller, callee in self.pairs():
            await self.connect_call(caller, callee)
            for one, other in ((callee, caller), (caller, callee)):
                await one.say("offer", other.name, "1")
                await other.expect(self, "offer", one.name, "1")
                await other.say("answer", one.name, "2")
                await one.expect(self, "answer", other.name, "2")

    async def test_a_refused_call_is_busy_or_left(self):
        async for caller, callee in self.pairs():
            await caller.say("offer", callee.name, "1", call="c-2")
            await callee.expect(self, "offer", caller.name, "1")
            if callee.is_tutorial:
                await callee.say("leave", caller.name)
                await caller.expect(self, "leave", callee.name)
            else:
                await callee.say("busy", caller.name)
                await caller.expect(self, "busy", callee.name)

    async def test_an_end_of_either_reaches_the_other(self):
        async for caller, callee in self.pairs():
            await self.connect_call(caller, callee)
            await callee.client.close()
            await caller.expect(self, "leave", callee.name, reason="gone")

    async def test_an_offer_to_nobody_is_unavailable_or_silent(self):
        for server in self.servers:
            one = await self.user(server, "a0")
            await one.say("offer", to="b0", call="c", offer=1)
            self.assertEqual(await one.hear(), {"type": "unavailable", "to": "b0", "call": "c"})
            two = await self.logged_in(server, "b0", "password of b0")
            await two.send('{"type":"offer","offer":1,"name":"nobody"}')
            await two.fence()


def make_ticket(key, user, expiry):
    def encode(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    text = f"{encode(user.encode())}.{expiry}.{encode(b'nonce')}"
    return f"{text}.{encode(hmac.new(key, text.encode(), hashlib.sha256).digest())}"


class Tickets(heliograph_client.TestCase):
    OLD, CURRENT = bytes(range(32)), bytes(range(32, 64))

    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.folder = harness.Folder(self)
        users_file(self.folder, "alice")
        self.folder.write("login.key", f"{self.CURRENT.hex()}\n{self.OLD.hex()}\n")
        self.server = harness.Server(
            self, "--users", "users", "--login-key-file", "login.key", folder=self.folder)

    async def login(self, ticket):
        client = await self.open(self.server)
        return await client.welcome(ticket=ticket)

    async def test_a_ticket_of_the_command_lets_its_user_in(self):
        made = subprocess.run(
            [harness.BINARY, "ticket", "b\u00f6b", "--login-key-file", "login.key", "--ttl", "60"],
            cwd=self.folder.path, capture_output=True, text=True, check=True)
        self.assertEqual((await self.login(made.stdout.strip()))["name"], "b\u00f6b")

    async def test_tickets_of_both_keys_let_in_and_others_do_not(self):
        soon = int(time.time()) + 300
        self.assertEqual((await self.login(make_ticket(self.CURRENT, "one", soon)))["name"], "one")
        self.assertEqual((await self.login(make_ticket(self.OLD, "two", soon)))["name"], "two")
        for ticket in (make_ticket(b"x" * 32, "one", soon),
                       make_ticket(self.CURRENT, "three", int(time.time()) - 1),
                       make_ticket(self.CURRENT, "", soon),
                       make_ticket(self.CURRENT, "hg:x", soon), "", "..."):
            self.assertEqual((await self.login(ticket)).get("code"), "login-failed", ticket)
        self.assertIn("result=bad_ticket", self.server.log())

    async def test_a_flood_of_bad_tickets_does_not_flood_the_log(self):
        tries = 300
        client = await self.open(self.server)
        client.say_at_once(*[{"type": "login", "ticket": "x"}] * tries)
        for _ in range(tries):
            self.assertEqual((await client.hear())["code"], "login-failed")
        # A hundred in ten seconds, which may have begun anew meanwhile.
        self.assertIn(self.server.log().count("result=bad_ticket"), range(1, 201))

    async def test_without_keys_no_ticket_lets_in(self):
        server = harness.Server(self, "--users", "users", folder=self.folder)
        client = await self.open(server)
        ticket = make_ticket(self.CURRENT, "one", int(time.time()) + 300)
        self.assertEqual((await client.welcome(ticket=ticket))["code"], "login-failed")

    def test_a_file_without_keys_is_refused_at_the_start(self):
        self.folder.write("bad.key", "secret\n")
        done = subprocess.run(
            [harness.BINARY, "ticket", "bob", "--login-key-file", "bad.key"],
            cwd=self.folder.path, capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("bad.key", done.stderr)
        self.assertNotIn("secret", done.stderr)


class Certificates(heliograph_client.TestCase):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.folder = harness.Folder(self)
        users_file(self.folder, "alice")
        self.cert("ca")
        self.server = harness.Server(
            self, "--users", "users", "--client-ca", "ca.crt", folder=self.folder)

    def cert(self, *arguments, folder="."):
        subprocess.run([harness.BINARY, "cert", *arguments, "--out", folder],
                       cwd=self.folder.path, check=True, capture_output=True)

    def context(self, name):
        context = harness.trusting_context()
        context.load_cert_chain(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        return context

    async def login(self, context, **members):
        client = await self.open_with(context)
        return await client.welcome(certificate=True, **members)

    async def open_with(self, context):
        connection = websockets.connect(
            self.server.url, host="127.0.0.1", port=self.server.port, ssl=context,
            server_hostname="localhost", compression=None, ping_interval=None,
            subprotocols=[heliograph_client.SUBPROTOCOL])
        client = heliograph_client.Client(await asyncio.wait_for(connection, harness.PATIENCE))
        self.clients.append(client)
        return client

    async def test_the_name_is_that_of_the_certificate(self):
        self.cert("client", "carol")
        self.cert("client", "dave@example.org")
        self.assertEqual((await self.login(self.context("carol")))["name"], "carol")
        self.assertEqual((await self.login(self.context("carol"), name="alice"))["code"],
                         "login-failed")
        self.assertEqual((await self.login(self.context("dave@example.org")))["name"],
                         "dave@example.org")

    async def test_after_a_resume_the_certificate_is_that_of_the_new_connection(self):
        for name in ("carol", "dave"):
            self.cert("client", name)
        for workers in ("1", "4"):
            self.server = harness.Server(self, "--users", "users", "--client-ca", "ca.crt",
                                         "--workers", workers, folder=self.folder)
            old = await self.open_with(self.context("carol"))
            token = (await old.welcome(certificate=True))["resume"]["token"]
            old.socket.transport.pause_reading()  # it does not go before this is over
            new = await self.open_with(self.context("dave"))
            await new.say("resume", token=token)
            self.assertTrue((await new.hear())["resumed"])
            await new.say("logout")
            self.assertEqual((await new.welcome(certificate=True))["name"], "dave")
            self.assertEqual((await new.welcome(certificate=True, name="carol"))["code"],
                             "login-failed")

    async def test_without_a_certificate_there_is_no_such_login(self):
        context = harness.trusting_context()
        self.assertEqual((await self.login(context))["code"], "login-failed")
        client = await self.open_with(context)
        welcome = await client.welcome(name="alice", password="password of alice")
        self.assertEqual(welcome["name"], "alice")

    async def test_a_certificate_of_another_authority_does_not_get_in(self):
        self.cert("ca", folder="other")
        self.cert("client", "carol", folder="other")
        context = harness.trusting_context()
        context.load_cert_chain(self.folder / "other/carol.crt", self.folder / "other/carol.key")
        with self.assertRaises(
                (ssl.SSLError, OSError, EOFError, websockets.exceptions.WebSocketException)):
            await self.login(context)
        self.assertTrue(self.server.alive())


if __name__ == "__main__":
    unittest.main()
