"""Half an hour of users who log in, call each other, lose their connections, come back and go.

    HELIOGRAPH=build/release/bin/heliograph /usr/bin/python3 -B tests/integration/soak.py --minutes 30

Every pair of users exchanges numbered messages in calls. Connections are reset at random and
resumed, on any worker; nothing that one side sent may be missed, doubled or out of order at the
other. Some pairs speak the tutorial's dialect, which knows no resume: whoever is cut off there logs
in anew and calls again, and may miss what was under way, but nothing twice or out of order. The
server's memory is looked at every few seconds: after a third of the time it must not grow any more.
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import os
import random
import time
import unittest

import harness

SUBPROTOCOL = "heliograph.v1"
KEY = bytes(range(32))
PASSWORD = "password"
MEBIBYTE = 1 << 20


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def ticket(name):
    """user.expiry.nonce.mac, see docs/protocol/heliograph.v1.md."""
    body = f"{encode(name.encode())}.{int(time.time()) + 3600}.{encode(os.urandom(12))}"
    return f"{body}.{encode(hmac.digest(KEY, body.encode(), hashlib.sha256))}"


class Lost(Exception):
    """The connection is gone."""


class User:
    """One user with one connection at a time, who counts what it has received."""

    def __init__(self, server, name):
        self.server = server
        self.name = name
        self.client = None
        self.token = None
        self.received = 0

    async def connect(self):
        self.client = await harness.Client.connect(
            self.server, greeted=False, subprotocols=[SUBPROTOCOL])

    async def say(self, kind, **members):
        try:
            await self.client.send({"type": kind, **members})
        except harness.websockets.ConnectionClosed as closed:
            raise Lost from closed

    async def hear(self, *kinds):
        """The next message, which must be of one of the kinds."""
        try:
            message = json.loads(await self.client.receive())
        except harness.websockets.ConnectionClosed as closed:
            raise Lost from closed
        assert message["type"] in kinds, f"{self.name} expected {kinds}, got {message}"
        if message["type"] != "welcome":
            self.received += 1
        return message

    async def log_in(self):
        await self.connect()
        await self.say("login", ticket=ticket(self.name))
        welcome = await self.hear("welcome")
        self.received = 0
        self.token = welcome["resume"]["token"]

    async def resume(self):
        await self.connect()
        await self.say("resume", token=self.token, received=self.received)
        welcome = await self.hear("welcome")
        assert welcome["resumed"], welcome
        self.token = welcome["resume"]["token"]

    async def leave_for_good(self):
        await self.client.close()


class Pair:
    """Two users who call each other again and again."""

    def __init__(self, server, number, chance, counts):
        self.users = [User(server, f"user{number}{side}") for side in "ab"]
        self.chance = chance
        self.counts = counts
        self.calls = 0

    async def run(self, until):
        while time.monotonic() < until:
            for user in self.users:
                await user.log_in()
                self.counts["logins"] += 1
            for _ in range(self.chance.randint(1, 5)):
                await self.call()
            # One goes in peace, the other, now and then, without a word: its name is free after
            # the time for a resume, so it comes back by its token and leaves then.
            caller, called = self.users
            await caller.leave_for_good()
            if self.chance.random() < 0.3:
                called.client.reset()
                await called.resume()
                self.counts["resumes"] += 1
            await called.leave_for_good()

    async def call(self):
        caller, called = self.chance.sample(self.users, 2)
        self.calls += 1
        call = f"call{self.calls}"
        await caller.say("offer", to=called.name, call=call, offer={"sdp": "o" * 1000})
        offer = await called.hear("offer")
        assert offer["call"] == call and offer["from"] == caller.name, offer
        await called.say("answer", to=caller.name, call=call, answer={"sdp": "a" * 1000})
        await caller.hear("answer")
        self.counts["calls"] += 1
        await self.exchange(caller, called, call)
        await caller.say("leave", to=called.name, call=call)
        left = await called.hear("leave")
        assert left["call"] == call, left

    async def exchange(self, caller, called, call):
        """Numbered messages both ways, while connections break."""
        for _ in range(self.chance.randint(1, 4)):
            cut = self.chance.choice([None, caller, called])
            batch = self.chance.randint(1, 20)
            if cut is None:
                await self.candidates(caller, called, call, batch)
                await self.candidates(called, caller, call, batch)
                continue
            other = called if cut is caller else caller
            # What the one sends while the other's connection breaks, and after it, waits for it.
            before = self.chance.randint(0, batch)
            await self.send(other, cut, call, range(before))
            cut.client.reset()
            await self.send(other, cut, call, range(before, batch))
            await asyncio.sleep(self.chance.choice([0, 0, 0.01, 0.1, 1]))
            await cut.resume()
            self.counts["resumes"] += 1
            await self.receive(other, cut, call, batch)

    async def candidates(self, sender, receiver, call, count):
        await self.send(sender, receiver, call, range(count))
        await self.receive(sender, receiver, call, count)

    async def send(self, sender, receiver, call, numbers):
        for number in numbers:
            await sender.say("candidate", to=receiver.name, call=call, candidate=number)

    async def receive(self, sender, receiver, call, count):
        for number in range(count):
            message = await receiver.hear("candidate")
            assert message["candidate"] == number and message["call"] == call, message
            self.counts["messages"] += 1


class TutorialUser:
    """One user of the tutorial's dialect, which logs in by a password."""

    def __init__(self, server, name):
        self.server = server
        self.name = name
        self.client = None

    async def connect(self):
        self.client = await harness.Client.connect(self.server)

    async def say(self, kind, **members):
        try:
            await self.client.send({"type": kind, **members})
        except harness.websockets.ConnectionClosed as closed:
            raise Lost from closed

    async def hear(self, *kinds):
        """The next message, which must be of one of the kinds."""
        try:
            message = json.loads(await self.client.receive())
        except harness.websockets.ConnectionClosed as closed:
            raise Lost from closed
        assert message["type"] in kinds, f"{self.name} expected {kinds}, got {message}"
        return message

    async def log_in(self):
        """The name may be that of a connection whose end the server has yet to see."""
        await self.connect()
        deadline = time.monotonic() + harness.PATIENCE
        while True:
            await self.say("login", name=self.name, password=PASSWORD)
            if (await self.hear("login"))["success"]:
                return
            assert time.monotonic() < deadline, f"{self.name} cannot log in"
            await asyncio.sleep(0.1)


class TutorialPair:
    """Two users of the tutorial's dialect who call each other again and again."""

    def __init__(self, server, number, chance, counts):
        self.users = [TutorialUser(server, name) for name in tutorial_names(number)]
        self.chance = chance
        self.counts = counts

    async def run(self, until):
        for user in self.users:
            await user.log_in()
            self.counts["logins"] += 1
        while time.monotonic() < until:
            await self.call()
        for user in self.users:
            await user.client.close()

    async def call(self):
        caller, called = self.chance.sample(self.users, 2)
        await caller.say("offer", name=called.name, offer={"sdp": "o" * 1000})
        await called.hear("offer")
        await called.say("answer", name=caller.name, answer={"sdp": "a" * 1000})
        await caller.hear("answer")
        self.counts["calls"] += 1
        count = self.chance.randint(1, 20)
        cut = self.chance.choice([None, None, caller, called])
        if cut is None:
            await self.send(caller, called, count)
            self.heard(await self.candidates(called, count), count)
            await caller.say("leave", name=called.name)
            await called.hear("leave")
            return
        other = called if cut is caller else caller
        # What the one sends who is cut off, the other hears up to some point, and then of the end.
        await self.send(cut, other, count)
        cut.client.reset()
        self.counts["cuts"] += 1
        self.heard(await self.candidates(other, count, "leave"), count)
        await cut.log_in()
        self.counts["logins"] += 1

    async def send(self, sender, receiver, count):
        for number in range(count):
            await sender.say("candidate", name=receiver.name, candidate=number)

    async def candidates(self, receiver, count, end=None):
        """All that come: `count`, or as many as there are in front of the end."""
        numbers = []
        while end or len(numbers) < count:
            message = await receiver.hear("candidate", *([end] if end else []))
            if message["type"] == end:
                break
            numbers.append(message["candidate"])
        return numbers

    def heard(self, numbers, count):
        assert numbers == list(range(len(numbers))) and len(numbers) <= count, numbers
        self.counts["messages"] += len(numbers)


def tutorial_names(number):
    return [f"tutorial{number}{side}" for side in "ab"]


def users_file(folder, pairs):
    """The users of the tutorial's dialect, whose password is quick to check."""
    digest = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), b"saltsalt", 1, 32)
    text = base64.b64encode(digest).decode().rstrip("=")
    lines = (f"{name}:$pbkdf2-sha256$i=1$c2FsdHNhbHQ${text}\n"
             for number in range(pairs) for name in tutorial_names(number))
    folder.write("users", "".join(lines))


async def watch_memory(server, until, samples):
    while time.monotonic() < until:
        samples.append(server.resident_bytes())
        await asyncio.sleep(1)


def median(values):
    return sorted(values)[len(values) // 2]


async def soak(test, seconds, pairs, workers, seed):
    folder = harness.Folder(test)
    key_file = folder.write("login.key", KEY.hex() + "\n")
    os.chmod(key_file, 0o600)
    tutorial_pairs = max(1, pairs // 4)
    users_file(folder, tutorial_pairs)
    server = harness.Server(
        test, "--workers", str(workers), "--login-key-file", key_file, folder=folder)
    counts = {"logins": 0, "calls": 0, "resumes": 0, "cuts": 0, "messages": 0}
    samples = []
    until = time.monotonic() + seconds
    chance = random.Random(seed)
    await asyncio.gather(
        watch_memory(server, until, samples),
        *(Pair(server, number, random.Random(chance.random()), counts).run(until)
          for number in range(pairs - tutorial_pairs)),
        *(TutorialPair(server, number, random.Random(chance.random()), counts).run(until)
          for number in range(tutorial_pairs)),
    )
    code = await asyncio.to_thread(server.stop)
    return counts, samples, code


class Soak(unittest.TestCase):
    seconds = 10
    pairs = 20
    workers = 4
    seed = None

    def test_nothing_is_lost_and_memory_stays_flat(self):
        seed = self.seed if self.seed is not None else random.randrange(1 << 32)
        print(f"\nseed {seed}, {self.pairs} pairs, {self.workers} workers, {self.seconds} s",
              flush=True)
        counts, samples, code = asyncio.run(
            soak(self, self.seconds, self.pairs, self.workers, seed))
        print(", ".join(f"{count} {what}" for what, count in counts.items()))
        self.assertEqual(code, 0)
        self.assertGreater(min(counts.values()), 0)
        third = len(samples) // 3
        early, late = median(samples[third:2 * third]), median(samples[2 * third:])
        print(f"resident: {early / MEBIBYTE:.2f} MiB in the second third of the time, "
              f"{late / MEBIBYTE:.2f} MiB in the last")
        if third >= 100:  # of a short run the start is still to be seen
            self.assertLess(late - early, MEBIBYTE)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--pairs", type=int, default=Soak.pairs)
    parser.add_argument("--workers", type=int, default=Soak.workers)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    Soak.seconds = int(options.minutes * 60)
    Soak.pairs, Soak.workers, Soak.seed = options.pairs, options.workers, options.seed
    unittest.main(argv=["soak"], verbosity=2)


if __name__ == "__main__":
    main()
