"""heliograph.v1: sessions that outlive their connection, presence and rooms, on one worker and on
four, which all accept connections."""

import asyncio
import base64
import ctypes
import http.client
import itertools
import json
import os
import random
import socket
import struct
import subprocess
import sys
import time
import unittest
import urllib.parse

import websockets.exceptions

import harness
import heliograph_client
from heliograph_client import frame, users_file, validator

WORKERS = (1, 4)
SCHEDULES = 1000
PAIRS = 20
KEPT_MESSAGES = 64
KICKS = 200


class Party:
    """A user who counts messages, and goes on where it was after its connection was cut."""

    def __init__(self, test, server, name):
        self.test = test
        self.server = server
        self.name = name
        self.said = []  # since the login
        self.heard = []
        self.client = None
        self.reader = None
        self.more = asyncio.Event()

    async def log_in(self, **options):
        self.client = await self.test.open(self.server, **options)
        welcome = await self.client.welcome(
            name=self.name, password=f"password of {self.name}")
        assert welcome["type"] == "welcome" and not welcome["resumed"], welcome
        self.token = welcome.get("resume", {}).get("token")
        self.read()
        return self

    def read(self):
        self.reader = asyncio.ensure_future(self.keep_reading(self.client))

    async def keep_reading(self, client):
        try:
            while True:
                message = json.loads(await client.socket.recv())
                validator("server", message["type"]).validate(message)
                self.heard.append(message)
                self.more.set()
        except websockets.exceptions.ConnectionClosed:
            pass

    async def say(self, type, **members):
        self.said.append({"type": type, **members})
        try:
            await self.client.send(self.said[-1])
        except websockets.exceptions.ConnectionClosed:
            pass  # it is said again after the resume

    async def hears(self, what, condition):
        """Waits until what was heard fulfils the condition."""
        async def wait():
            while not condition(self.heard):
                self.more.clear()
                await self.more.wait()
        try:
            await asyncio.wait_for(wait(), harness.PATIENCE)
        except asyncio.TimeoutError:
            raise AssertionError(f"{self.name} waited in vain for {what}: {self.heard[-5:]}")

    async def hear(self, **members):
        """Waits for a message with these members, and returns it."""
        def matching(heard):
            return [m for m in heard if members.items() <= m.items()]
        await self.hears(members, matching)
        return matching(self.heard)[-1]

    def candidates(self):
        return [m["candidate"] for m in self.heard if m["type"] == "candidate"]

    async def stop_reading(self):
        self.reader.cancel()
        await asyncio.gather(self.reader, return_exceptions=True)

    async def cut(self, how="reset"):
        await self.stop_reading()
        if how == "reset":
            self.client.reset()
        elif how == "silent":  # nothing is read or answered any more, but the socket stays
            self.client.socket.transport.pause_reading()
        elif how == "page left":
            await self.client.socket.close(code=1001)

    async def resume(self, **members):
        """The welcome, or what was answered instead."""
        self.client = await self.test.open(self.server)
        await self.client.say(
            "resume", token=self.token, **{"received": len(self.heard), **members})
        answer = await self.client.hear()
        if answer["type"] == "welcome":
            assert answer["resumed"] and answer["name"] == self.name, answer
            self.token = answer["resume"]["token"]
            for message in self.said[answer["received"]:]:
                await self.client.send(message)
            self.read()
        return answer


class TestCase(heliograph_client.TestCase):
    NAMES = ["alice", "bob", "carol"]

    def start(self, workers, *options):
        folder = harness.Folder(self)
        users_file(folder, *self.NAMES)
        return harness.Server(
            self, "--users", "users", "--workers", str(workers), *options, folder=folder)

    async def party(self, server, name):
        return await Party(self, server, name).log_in()

    async def call(self, server):
        """Two in a call: alice, who has called, and bob."""
        alice = await self.party(server, "alice")
        bob = await self.party(server, "bob")
        await alice.say("offer", to="bob", call="c", offer=1)
        await bob.hear(type="offer")
        await bob.say("answer", to="alice", call="c", answer=2)
        await alice.hear(type="answer")
        return alice, bob

    def ask_admin(self, server, method, path):
        """The answer of the admin endpoint."""
        url = urllib.parse.urlsplit(server.admin)
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=harness.PATIENCE)
        try:
            connection.request(method, path, headers={"X-Heliograph-Admin": "1"})
            answer = connection.getresponse()
            text = answer.read().decode()
            self.assertEqual(answer.status, 200, text)
            return text
        finally:
            connection.close()

    async def away(self, server, name):
        """Waits until the server knows that its client is gone."""
        await asyncio.to_thread(
            harness.wait_until, lambda: f'event=away user="{name}"' in server.log(), name)


class Resume(TestCase):
    async def test_a_call_goes_on_and_nothing_is_lost_when_a_connection_is_reset(self):
        for workers in WORKERS:
            server = self.start(workers)
            alice, bob = await self.call(server)
            for round in range(5):
                await bob.cut()
                for number in range(10):
                    await alice.say("candidate", to="bob", call="c", candidate=10 * round + number)
                answer = await bob.resume()
                self.assertEqual(answer["type"], "welcome", answer)
                await bob.hears("all", lambda _: len(bob.candidates()) >= 10 * (round + 1))
                await bob.say("candidate", to="alice", call="c", candidate=round)
                await alice.hear(type="candidate", candidate=round)
            self.assertEqual(bob.candidates(), list(range(50)))
            self.assertEqual(alice.candidates(), list(range(5)))

    async def test_what_waited_comes_in_order_to_a_client_that_does_not_count(self):
        for workers in WORKERS:
            server = self.start(workers)
            alice, bob = await self.call(server)
            await bob.cut()
            await self.away(server, "bob")
            for number in range(20):
                await alice.say("candidate", to="bob", call="c", candidate=number)
            client = await self.open(server)
            await client.say("resume", token=bob.token)
            self.assertTrue((await client.hear())["resumed"])
            self.assertEqual([(await client.hear())["candidate"] for _ in range(20)],
                             list(range(20)))

    async def test_a_connection_that_falls_silent_is_given_up_but_its_session_is_not(self):
        for workers in WORKERS:
            server = self.start(workers, "--idle-timeout", "2", "--ping-interval", "1")
            alice, bob = await self.call(server)
            await bob.cut("silent")
            for number in range(10):
                await alice.say("candidate", to="bob", call="c", candidate=number)
            await self.away(server, "bob")
            for number in range(10, 20):
                await alice.say("candidate", to="bob", call="c", candidate=number)
            await bob.resume()
            await bob.hears("all", lambda _: len(bob.candidates()) >= 20)
            self.assertEqual(bob.candidates(), list(range(20)))

    async def test_a_resume_takes_over_a_connection_that_looks_alive(self):
        for workers in WORKERS:
            server = self.start(workers)
            alice, bob = await self.call(server)
            old = bob.client
            await bob.stop_reading()
            await bob.resume()
            await alice.say("candidate", to="bob", call="c", candidate=1)
            await bob.hear(type="candidate")
            self.assertEqual(await old.closed_with(), 4501)
            with self.assertRaises(websockets.exceptions.ConnectionClosed):
                self.fail(await old.hear())

    async def test_a_page_that_is_left_may_come_back_and_one_that_closes_may_not(self):
        for workers in WORKERS:
            server = self.start(workers)
            alice, bob = await self.call(server)
            await bob.cut("page left")
            self.assertEqual((await bob.resume())["type"], "welcome")
            await bob.stop_reading()
            await bob.client.close()
            self.assertEqual((await alice.hear(type="leave"))["reason"], "gone")
            self.assertEqual((await bob.resume())["code"], "resume-failed")

    async def test_a_logout_ends_the_session_at_once(self):
        for workers in WORKERS:
            server = self.start(workers)
            alice, bob = await self.call(server)
            await bob.cut()
            await bob.resume()
            await bob.say("logout")
            self.assertEqual((await alice.hear(type="leave"))["reason"], "left")
            await bob.say("join", room="r")
            await bob.hear(type="error", code="not-authenticated")
            token = bob.token
            await bob.stop_reading()
            welcome = await bob.client.welcome(name="bob", password="password of bob")
            self.assertFalse(welcome["resumed"])
            self.assertNotEqual(welcome["resume"]["token"], token)
            self.assertEqual((await bob.resume())["code"], "resume-failed")
            bob.token = welcome["resume"]["token"]
            bob.heard.clear()
            self.assertEqual((await bob.resume())["type"], "welcome")

    async def test_when_nobody_comes_back_in_time_the_call_ends_and_the_name_is_free(self):
        for workers in WORKERS:
            server = self.start(workers, "--resume-time", "1")
            alice, bob = await self.call(server)
            await alice.say("subscribe", names=["bob"])
            await bob.cut()
            self.assertEqual((await alice.hear(type="leave"))["reason"], "gone")
            await alice.hear(type="presence", online=False)
            self.assertEqual((await bob.resume())["code"], "resume-failed")
            await self.party(server, "bob")

    async def test_without_a_resume_time_no_session_outlives_its_connection(self):
        server = self.start(4, "--resume-time", "0")
        alice, bob = await self.call(server)
        self.assertIsNone(bob.token)
        await bob.cut()
        await alice.hear(type="leave", reason="gone")
        client = await self.open(server)
        await client.say("resume", token="AAAA")
        self.assertEqual((await client.hear())["code"], "resume-failed")

    async def test_the_user_himself_may_log_in_anew_while_his_session_waits(self):
        for workers in WORKERS:
            server = self.start(workers)
            alice, bob = await self.call(server)
            await bob.cut()
            await self.away(server, "bob")
            second = await self.party(server, "bob")
            await alice.hear(type="leave", reason="gone")
            self.assertEqual((await bob.resume())["code"], "resume-failed")
            third = await self.open(server)
            answer = await third.welcome(name="bob", password="password of bob")
            self.assertEqual(answer.get("code"), "login-failed", answer)
            await second.say("offer", to="alice", call="d", offer=1)
            await alice.hear(type="offer", call="d")

    async def test_tokens_work_once_and_nothing_else_is_one(self):
        for workers in WORKERS:
            server = self.start(workers)
            alice, bob = await self.call(server)
            used = bob.token
            await bob.cut()
            await bob.resume()
            await bob.say("ping")
            await bob.hear(type="pong")
            wrong = used[:-2] + ("AA" if used[-2:] != "AA" else "BA")
            for token in ("x", "A" * 43, used, wrong, used + "AA", "=" * 43, "\u00e4" * 43):
                client = await self.open(server)
                await client.say("resume", token=token)
                self.assertEqual((await client.hear())["code"], "resume-failed", token)
            await alice.say("candidate", to="bob", call="c", candidate=1)
            await bob.hear(type="candidate")
            await alice.say("resume", token=bob.token)
            await alice.hear(type="error", code="resume-failed")

    async def test_who_guesses_waits_for_the_next_guess(self):
        server = self.start(1)
        alice, bob = await self.call(server)
        started = time.monotonic()
        client = await self.open(server)
        for _ in range(3):
            await client.say("resume", token=bob.token[:-2] + "AA")
            self.assertEqual((await client.hear())["code"], "resume-failed")
        self.assertGreaterEqual(time.monotonic() - started, 0.3)
        self.assertEqual((await bob.resume())["type"], "welcome")

    async def test_tokens_of_sessions_that_are_gone_slow_nobody_down(self):
        server = self.start(4, "--admin", "127.0.0.1:0")
        client = await self.open(server)
        for number in range(40):
            token = struct.pack("!IIQ16s", 0, number % 4, (1 << 32) + number, b"a secret of old")
            await client.say("resume", token=base64.b64encode(token).decode().rstrip("="))
            self.assertEqual((await client.hear())["code"], "resume-failed")
        welcome = await client.welcome(name="alice", password="password of alice")
        self.assertEqual(welcome["type"], "welcome")
        self.assertEqual(server.metrics()["heliograph_auth_throttled_total"], 0)

    async def test_a_resume_that_is_held_has_its_time(self):
        server = self.start(1, "--login-timeout", "3")
        client = await self.open(server)
        # Together they are held for longer than a client may be there without a login.
        tries = 7
        client.say_at_once(*[{"type": "resume", "token": "x"}] * tries)
        for _ in range(tries):
            self.assertEqual((await client.hear())["code"], "resume-failed")

    async def test_a_welcome_that_is_lost_does_not_cost_the_session(self):
        for workers in WORKERS:
            server = self.start(workers)
            alice, bob = await self.call(server)
            used = bob.token
            await bob.cut()
            for number in range(3):
                await alice.say("candidate", to="bob", call="c", candidate=number)
                client = await self.open(server)
                await client.say("resume", token=used, received=len(bob.heard))
                self.assertTrue((await client.hear())["resumed"])
                client.reset()
            self.assertEqual((await bob.resume())["type"], "welcome")
            await bob.hears("all", lambda _: len(bob.candidates()) >= 3)
            self.assertEqual(bob.candidates(), list(range(3)))
            await bob.say("ping")
            await bob.hear(type="pong")
            client = await self.open(server)
            await client.say("resume", token=used)
            self.assertEqual((await client.hear())["code"], "resume-failed")
            await bob.cut()
            self.assertEqual((await bob.resume())["type"], "welcome")

    async def test_pongs_show_that_the_welcome_has_come(self):
        for workers in WORKERS:
            server = self.start(workers, "--ping-interval", "1", "--admin", "127.0.0.1:0")
            bob = await self.party(server, "bob")
            used = bob.token
            await bob.cut()
            await self.away(server, "bob")
            self.assertEqual((await bob.resume())["type"], "welcome")
            pongs = server.metrics()["heliograph_ping_rtt_seconds_count"]

            # The first may be the answer to a ping that came before the welcome.
            async def seen():
                now = server.metrics()["heliograph_ping_rtt_seconds_count"]
                return now >= pongs + 3

            await harness.wait_until_async(seen, "three pongs")
            client = await self.open(server)
            await client.say("resume", token=used)
            self.assertEqual((await client.hear())["code"], "resume-failed")

    async def test_what_was_said_before_the_welcome_does_not_show_that_it_has_come(self):
        for workers in WORKERS:
            server = self.start(workers)
            bob = await self.party(server, "bob")
            used = bob.token
            await bob.cut()
            # Guesses have the resume held, and so what is said behind it.
            guess = used[:-2] + ("AA" if used[-2:] != "AA" else "BA")
            guesses = 4
            client = await self.open(server)
            client.say_at_once(*[{"type": "resume", "token": guess}] * guesses,
                               {"type": "resume", "token": used}, {"type": "ping"})
            for _ in range(guesses):
                self.assertEqual((await client.hear())["code"], "resume-failed")
            self.assertTrue((await client.hear())["resumed"])
            self.assertEqual((await client.hear())["type"], "pong")
            client.reset()
            self.assertEqual((await bob.resume(received=0))["type"], "welcome")

    async def test_who_says_to_have_received_too_much_ends_on_both_connections(self):
        for workers in WORKERS:
            server = self.start(workers)
            alice, bob = await self.call(server)
            old = bob.client
            await bob.stop_reading()
            self.assertEqual((await bob.resume(received=1000))["code"], "resume-failed")
            self.assertEqual(await old.closed_with(), 4501)
            await alice.hear(type="leave", reason="gone")

    async def test_who_is_kicked_is_gone_whatever_comes_at_the_same_time(self):
        server = self.start(4, "--admin", "127.0.0.1:0")
        for _ in range(KICKS):
            bob = await self.party(server, "bob")
            await bob.stop_reading()
            self.assertEqual((await bob.resume())["type"], "welcome")  # on some other worker
            await bob.stop_reading()
            client = await self.open(server)
            kick = asyncio.to_thread(self.ask_admin, server, "POST", "/admin/kick?user=bob")
            resume = client.say("resume", token=bob.token)
            await asyncio.gather(kick, resume)
            answer = await client.hear()
            if answer["type"] == "welcome":
                self.assertEqual(await client.closed_with(), 4500)
            else:
                self.assertEqual(answer["code"], "resume-failed")
                self.assertEqual(await bob.client.closed_with(), 4500)

    async def test_after_a_logout_on_a_resumed_connection_there_is_an_answer_to_a_resume(self):
        for workers in WORKERS:
            server = self.start(workers)
            alice, bob = await self.call(server)
            await bob.cut()
            await bob.resume()
            await bob.say("logout")
            await alice.hear(type="leave", reason="left")
            for token in (bob.token, alice.token, "x"):
                bob.heard.clear()
                await bob.say("resume", token=token)
                await bob.hear(type="error", code="resume-failed")
            await bob.say("ping")
            await bob.hear(type="pong")

    async def test_who_breaks_a_rule_has_no_session_any_more(self):
        broken = [(1002, frame(b"", opcode=3)), (1007, frame(b"\xff")),
                  (1009, frame(b"x" * (64 * 1024 + 1)))]
        for workers in WORKERS:
            server = self.start(workers, "--resume-time", "600")
            for resumed in (False, True):
                for code, raw in broken:
                    alice, bob = await self.call(server)
                    if resumed:
                        await bob.cut()
                        await bob.resume()
                    bob.client.write(raw)
                    self.assertEqual(await bob.client.closed_with(), code)
                    await alice.hear(type="leave", reason="gone")
                    self.assertEqual((await bob.resume())["code"], "resume-failed")
                    await alice.stop_reading()
                    await alice.client.close()

    async def test_another_login_over_a_resumed_connection_counts_from_its_welcome(self):
        for workers in WORKERS:
            server = self.start(workers)
            alice, bob = await self.call(server)
            for number in range(10):
                await alice.say("candidate", to="bob", call="c", candidate=number)
            await bob.hears("all", lambda _: len(bob.candidates()) == 10)
            await bob.cut()
            await bob.resume()
            await bob.stop_reading()
            welcome = await bob.client.welcome(name="carol", password="password of carol")
            self.assertFalse(welcome["resumed"])
            carol = Party(self, server, "carol")
            carol.client = bob.client
            carol.token = welcome["resume"]["token"]
            carol.read()
            await alice.say("offer", to="carol", call="d", offer=1)
            await carol.hear(type="offer")
            await carol.say("answer", to="alice", call="d", answer=1)
            await alice.hear(type="answer", call="d")
            for round in range(3):
                await carol.cut()
                for number in range(5):
                    await alice.say("candidate", to="carol", call="d", candidate=5 * round + number)
                self.assertEqual((await carol.resume())["type"], "welcome")
                await carol.hears("all", lambda _: len(carol.candidates()) >= 5 * (round + 1))
            self.assertEqual(carol.candidates(), list(range(15)))

    async def test_what_has_come_of_one_session_has_not_come_of_another(self):
        for workers in WORKERS:
            # The next ping may be answered before the connection is cut. That would be no fault.
            for _ in range(10):
                if await self.is_resumed_over_a_used_connection(workers):
                    break
            else:
                self.fail("the second ping always came too early")

    async def is_resumed_over_a_used_connection(self, workers):
        """Whether it was cut behind the first ping, which says nothing yet of what was sent."""
        server = self.start(workers, "--ping-interval", "1", "--admin", "127.0.0.1:0")

        def pongs():
            return server.metrics()["heliograph_ping_rtt_seconds_count"]

        async def pinged(before):
            await asyncio.to_thread(harness.wait_until, lambda: pongs() > before, "a pong")

        carol = await self.party(server, "carol")
        for _ in range(3):
            await carol.say("ping")
        await carol.hears("all", lambda heard: len(heard) == 3)
        await carol.cut()
        await self.away(server, "carol")
        bob = await self.party(server, "bob")
        for _ in range(20):
            await bob.say("ping")
        await bob.hears("all", lambda heard: len(heard) == 20)
        await pinged(pongs())
        await bob.stop_reading()
        await bob.client.say("logout")
        before = pongs()
        await bob.client.say("resume", token=carol.token, received=0)
        welcome = await bob.client.hear()
        self.assertTrue(welcome["resumed"], welcome)
        carol.token = welcome["resume"]["token"]
        await pinged(before)
        bob.client.reset()
        await asyncio.to_thread(harness.wait_until, lambda: (
            server.log().count('event=away user="carol"') == 2), "carol is away")
        if pongs() > before + 1:
            return False
        carol.said.clear()
        self.assertEqual((await carol.resume(received=0))["type"], "welcome")
        return True

    async def test_the_log_says_where_those_were_who_went_away(self):
        server = self.start(1, "--resume-time", "1")
        alice, bob = await self.call(server)
        await bob.cut()
        await alice.hear(type="leave", reason="gone")
        for event in ("away", "logout"):
            self.assertRegex(server.log(), f'event={event} user="bob" peer="?127.0.0.1')

    async def test_sixty_four_messages_wait_and_one_more_ends_the_session(self):
        for workers in WORKERS:
            for waiting in (KEPT_MESSAGES, KEPT_MESSAGES + 1):
                server = self.start(workers)
                alice, bob = await self.call(server)
                await bob.cut()
                await self.away(server, "bob")
                for number in range(waiting):
                    await alice.say("candidate", to="bob", call="c", candidate=number)
                if waiting > KEPT_MESSAGES:
                    await alice.hear(type="leave", reason="gone")
                    self.assertEqual((await bob.resume())["code"], "resume-failed")
                else:
                    await bob.resume()
                    await bob.hears("all", lambda _: len(bob.candidates()) >= waiting)
                    self.assertEqual(bob.candidates(), list(range(waiting)))

    async def test_who_has_missed_what_is_gone_cannot_go_on(self):
        server = self.start(4)
        alice, bob = await self.call(server)
        for number in range(KEPT_MESSAGES):
            await alice.say("candidate", to="bob", call="c", candidate=number)
        await bob.hears("all", lambda _: len(bob.candidates()) == KEPT_MESSAGES)
        await bob.cut()
        self.assertEqual((await bob.resume(received=0))["code"], "resume-failed")
        await alice.hear(type="leave", reason="gone")

    async def test_tutorial_sessions_end_with_their_connection(self):
        server = self.start(4)
        alice = await self.party(server, "alice")
        bob = await self.logged_in(server, "bob", "password of bob")
        await alice.say("offer", to="bob", call="c", offer=1)
        await bob.receive()
        bob.reset()
        await alice.hear(type="leave", reason="gone")
        await self.logged_in(server, "bob", "password of bob")


class Schedules(TestCase):
    NAMES = [f"{side}{pair}" for side in "ab" for pair in range(PAIRS)]

    async def test_nothing_is_lost_or_doubled_whenever_a_connection_is_cut(self):
        server = self.start(4)
        seed = random.randrange(2**32)
        try:
            await asyncio.gather(
                *(self.run_pair(server, pair, seed + pair) for pair in range(PAIRS)))
        except BaseException as error:
            raise AssertionError(f"with seed {seed}") from error

    async def run_pair(self, server, pair, seed):
        chance = random.Random(seed)
        a = await self.party(server, f"a{pair}")
        b = await self.party(server, f"b{pair}")
        for number in range(SCHEDULES // PAIRS):
            await self.run_schedule(a, b, f"c{number}", chance)
        for party in (a, b):
            await party.stop_reading()
            await party.client.close()

    async def resumed(self, party):
        answer = await party.resume()
        self.assertEqual(answer["type"], "welcome", answer)

    async def run_schedule(self, a, b, call, chance):
        heard = {party: len(party.heard) for party in (a, b)}
        await a.say("offer", to=b.name, call=call, offer=0)
        await b.hear(type="offer", call=call)
        said = {a: 0, b: 0}
        victim = chance.choice((a, b))
        cuts = chance.randrange(1, 4)
        steps = [("say", party) for party in (a, b) for _ in range(chance.randrange(5, 15))]
        steps += [("cut", victim)] * cuts
        chance.shuffle(steps)
        is_cut = False
        for step, party in steps:
            if step == "cut" and not is_cut:
                await victim.cut(chance.choice(("reset", "silent", "page left")))
                is_cut = True
            elif step == "cut" or (is_cut and chance.random() < 0.2):
                await self.resumed(victim)
                is_cut = False
            if step == "say":
                other = b if party is a else a
                await party.say("candidate", to=other.name, call=call, candidate=said[party])
                said[party] += 1
        if is_cut:
            await self.resumed(victim)
        for party, other in ((a, b), (b, a)):
            def got():
                return [m["candidate"] for m in party.heard[heard[party]:]
                        if m["type"] == "candidate"]
            await party.hears(f"{said[other]} of {call}", lambda _: len(got()) >= said[other])
            self.assertEqual(got(), list(range(said[other])))
            others = {m["type"] for m in party.heard[heard[party]:]} - {"candidate", "offer"}
            self.assertEqual(others, set())


class Presence(TestCase):
    NAMES = [f"u{number}" for number in range(8)] + ["alice", "bob"]

    async def test_everybody_is_seen_to_come_and_go_whatever_he_speaks(self):
        for workers in WORKERS:
            server = self.start(workers, "--resume-time", "1")
            alice = await self.party(server, "alice")
            names = [f"u{number}" for number in range(8)]
            await alice.say("subscribe", names=names)
            for name in names:
                await alice.hear(type="presence", name=name, online=False)
            for number, name in enumerate(names):
                if number % 2:
                    client = await self.user(server, name)
                else:
                    client = await self.logged_in(server, name, f"password of {name}")
                await alice.hear(type="presence", name=name, online=True)
                client.reset()
                await alice.hears("gone", lambda heard: [
                    m["online"] for m in heard if m["name"] == name] == [False, True, False])

    async def test_who_is_there_already_is_online_at_once(self):
        server = self.start(4)
        await self.party(server, "bob")
        alice = await self.party(server, "alice")
        await alice.say("subscribe", names=["bob", "alice", "nobody"])
        for name, online in (("bob", True), ("alice", True), ("nobody", False)):
            await alice.hear(type="presence", name=name, online=online)

    async def test_who_is_away_stays_online_and_hears_it_later(self):
        server = self.start(4)
        alice = await self.party(server, "alice")
        bob = await self.party(server, "bob")
        await alice.say("subscribe", names=["bob"])
        await alice.hear(type="presence", online=True)
        await alice.cut()
        await bob.cut()
        await self.away(server, "bob")
        await self.away(server, "alice")
        await bob.resume()
        await bob.stop_reading()
        await bob.client.close()
        await alice.resume()
        await alice.hear(type="presence", online=False)
        self.assertEqual([m["online"] for m in alice.heard], [True, False])

    async def test_nothing_is_heard_after_unsubscribing(self):
        server = self.start(4)
        alice = await self.party(server, "alice")
        await alice.say("subscribe", names=["bob", "u1"])
        await alice.hear(type="presence", name="bob")
        await alice.say("unsubscribe", names=["bob"])
        await self.user(server, "bob")
        await self.user(server, "u1")
        await alice.hear(type="presence", name="u1", online=True)
        self.assertEqual([m["online"] for m in alice.heard if m["name"] == "bob"], [False])

    async def test_128_names_can_be_subscribed_to_and_no_129th(self):
        server = self.start(4)
        alice = await self.party(server, "alice")
        await alice.say("subscribe", names=[f"n{number}" for number in range(128)])
        await alice.hears("all", lambda heard: len(heard) == 128)
        await alice.say("subscribe", names=["n5"])
        await alice.hears("again", lambda heard: len(heard) == 129)
        await alice.say("subscribe", names=["one more"])
        await alice.hear(type="error", code="too-many-names")
        await alice.say("unsubscribe", names=["n7"])
        await alice.say("subscribe", names=["one more"])
        await alice.hear(type="presence", name="one more")


class Rooms(TestCase):
    NAMES = [f"u{number:02}" for number in range(17)]

    async def test_sixteen_meet_in_a_room_and_a_seventeenth_finds_it_full(self):
        for workers in WORKERS:
            server = self.start(workers, "--resume-time", "1")
            users = [await self.party(server, name) for name in self.NAMES]
            for number, user in enumerate(users[:16]):
                await user.say("join", room="lobby")
                answer = await user.hear(type="room", room="lobby")
                self.assertEqual(answer["members"], self.NAMES[:number])
                for other in users[:number]:
                    await other.hear(type="joined", room="lobby", name=user.name)
            await users[16].say("join", room="lobby")
            await users[16].hear(type="error", code="room-full")
            await users[3].say("part", room="lobby")
            await users[0].hear(type="left", room="lobby", name="u03")
            await users[16].say("join", room="lobby")
            answer = await users[16].hear(type="room", room="lobby")
            self.assertEqual(answer["members"], self.NAMES[:3] + self.NAMES[4:16])
            await users[5].cut()
            await users[16].hear(type="left", room="lobby", name="u05")
            self.assertNotIn("left", [m["type"] for m in users[3].heard])

    async def test_who_resumes_is_still_in_the_room(self):
        server = self.start(4)
        one = await self.party(server, "u01")
        two = await self.party(server, "u02")
        await one.say("join", room="lobby")
        await one.hear(type="room")
        await one.cut()
        await self.away(server, "u01")
        await two.say("join", room="lobby")
        self.assertEqual((await two.hear(type="room"))["members"], ["u01"])
        await one.resume()
        await one.hear(type="joined", name="u02")
        await two.say("join", room="lobby")
        await two.hears("again", lambda heard: [m["type"] for m in heard] == ["room", "room"])
        await one.say("part", room="lobby")
        await two.hear(type="left", name="u01")

    async def test_who_comes_and_goes_before_he_is_welcomed_is_named(self):
        for workers in WORKERS:
            server = self.start(workers)
            one = await self.party(server, "u01")
            await one.say("join", room="lobby")
            await one.hear(type="room")
            client = await self.open(server)
            client.say_at_once({"type": "login", "name": "u02", "password": "password of u02"},
                               {"type": "join", "room": "lobby"}, {"type": "logout"})
            await one.hears("both", lambda heard: len(heard) == 3)
            self.assertEqual([(m["type"], m["name"]) for m in one.heard[1:]],
                             [("joined", "u02"), ("left", "u02")])

    async def test_eight_rooms_can_be_joined_and_no_ninth(self):
        server = self.start(4)
        one = await self.party(server, "u01")
        for number in range(9):
            await one.say("join", room=f"r{number}")
        await one.hear(type="error", code="too-many-rooms")
        await one.say("part", room="r8")
        await one.hear(type="error", code="no-room")
        await one.say("part", room="r0")
        await one.say("join", room="r8")
        await one.hear(type="room", room="r8")

CLONE_NEWNET = 0x40000000
ALONE = ["unshare", "--user", "--map-root-user", "--net"]


class Network:
    """A network namespace, and a wire to it."""

    numbers = itertools.count(1)

    def __init__(self, test):
        holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "echo; exec sleep 1000"], stdout=subprocess.PIPE)
        test.addCleanup(holder.stdout.close)
        test.addCleanup(holder.wait)
        test.addCleanup(holder.kill)
        holder.stdout.readline()
        self.pid = holder.pid
        number = next(self.numbers)
        self.here = f"10.111.{number}.1"
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "link", "add", f"here{number}", "type", "veth", "peer", "name", "there",
                 "netns", str(self.pid))
        self.run("ip", "address", "add", f"{self.here}/24", "dev", f"here{number}")
        self.run("ip", "link", "set", f"here{number}", "up")
        self.within("ip", "address", "add", f"10.111.{number}.2/24", "dev", "there")
        self.within("ip", "link", "set", "there", "up")

    @staticmethod
    def run(*command):
        subprocess.run(command, check=True, capture_output=True)

    def within(self, *command):
        self.run("nsenter", "--target", str(self.pid), "--net", *command)

    def connect(self, port):
        """A connection from there to a server here."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net") as here, open(f"/proc/{self.pid}/ns/net") as there:
            assert libc.setns(there.fileno(), CLONE_NEWNET) == 0, ctypes.get_errno()
            try:
                raw = socket.socket()
            finally:
                assert libc.setns(here.fileno(), CLONE_NEWNET) == 0, ctypes.get_errno()
        raw.settimeout(harness.PATIENCE)
        raw.connect((self.here, port))
        return raw

    def swallow(self):
        """From now on everything vanishes, in both directions, and nobody is told."""
        self.within("ip", "link", "set", "there", "down")


class Blackhole(TestCase):
    """The network of a client swallows everything, without a reset. In namespaces of the test's own,
    in which it runs again."""

    def run(self, result=None):
        if os.environ.get("HELIOGRAPH_ALONE"):
            return super().run(result)
        return unittest.FunctionTestCase(self.run_alone, description=self.id()).run(result)

    def run_alone(self):
        tried = subprocess.run([*ALONE, "ip", "link", "add", "type", "veth"], capture_output=True,
                               text=True)
        if tried.returncode != 0:
            raise unittest.SkipTest(f"no namespaces of our own: {tried.stderr.strip()}")
        done = subprocess.run(
            [*ALONE, sys.executable, "-B", "-m", "unittest", self.id()], text=True,
            capture_output=True, env={**os.environ, "HELIOGRAPH_ALONE": "1"})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def start_here(self, workers, *options):
        network = Network(self)
        folder = harness.Folder(self)
        users_file(folder, *self.NAMES)
        server = harness.Server(
            self, "--users", "users", "--workers", str(workers), "--ping-interval", "1",
            "--idle-timeout", "2", *options, folder=folder, listen="0.0.0.0:0")
        return network, server

    async def call_across(self, network, server):
        alice = await self.party(server, "alice")
        bob = Party(self, server, "bob")
        await bob.log_in(sock=network.connect(server.port))
        await alice.say("offer", to="bob", call="c", offer=1)
        await bob.hear(type="offer")
        await bob.say("answer", to="alice", call="c", answer=2)
        await alice.hear(type="answer")
        return alice, bob

    async def test_the_client_comes_back_by_another_network_and_has_missed_nothing(self):
        for workers in WORKERS:
            for notices in (False, True):  # the server, before the client comes back
                network, server = self.start_here(workers)
                alice, bob = await self.call_across(network, server)
                network.swallow()
                cut_at = time.monotonic()
                count = 40 if notices else 20
                for number in range(20):
                    await alice.say("candidate", to="bob", call="c", candidate=number)
                if notices:
                    await self.away(server, "bob")
                    for number in range(20, count):
                        await alice.say("candidate", to="bob", call="c", candidate=number)
                await bob.stop_reading()
                self.assertEqual(bob.candidates(), [])
                self.assertEqual((await bob.resume())["type"], "welcome")
                await bob.hears("all", lambda _: len(bob.candidates()) >= count)
                self.assertLess(time.monotonic() - cut_at, 30)
                self.assertEqual(bob.candidates(), list(range(count)))
                await bob.say("candidate", to="alice", call="c", candidate=7)
                await alice.hear(type="candidate", candidate=7)
                self.assertEqual([m for m in alice.heard if m["type"] == "leave"], [])

    async def test_when_it_does_not_come_back_in_time_its_partner_is_told(self):
        for workers in WORKERS:
            network, server = self.start_here(workers, "--resume-time", "1")
            alice, bob = await self.call_across(network, server)
            network.swallow()
            self.assertEqual((await alice.hear(type="leave"))["reason"], "gone")
            await bob.stop_reading()
            self.assertEqual((await bob.resume())["code"], "resume-failed")
