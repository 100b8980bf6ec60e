"""Logins while a Sentinel promotes another master, and while a Cluster moves its slots."""

import asyncio
import subprocess
import time

import harness
from harness import LOGGED_IN, LOGIN_FAILED
from redis_sets import MASTERS, SLOTS, Cluster, Sentinels

LOGINS = 5_000
CONNECTIONS = 20
# As many guesses, each from an address of its own: further ones from one address are slowed down.
GUESSES = 40
# Beyond the time that the fail-over itself takes.
RECOVERY = 2


def heliograph(*arguments, password=""):
    return subprocess.run(
        [harness.BINARY, *arguments], input=password, env=harness.clean_environment(), check=True,
        capture_output=True, text=True, timeout=harness.PATIENCE, cwd="/").stdout


class SentinelFailsOver(harness.TestCase):
    async def test_a_master_killed_under_logins_costs_no_wrong_answer(self):
        sentinels = Sentinels(self)
        for number in range(CONNECTIONS):
            sentinels.master.ask("SET", f"user{number}", f"password{number}")
        for number in range(GUESSES):
            sentinels.master.ask("SET", f"victim{number}", f"password{number}")
        self.assertEqual(sentinels.master.ask("WAIT", 2, harness.PATIENCE * 1000), 2)
        server = harness.Server(self, "--redis", sentinels.url, "--workers", "2")
        killed = asyncio.Event()
        state = {"decided": 0, "refused": 0, "promoted": None}
        back = {}  # when each connection had its first login after the fail-over

        async def log_in(number):
            client = await self.logged_in(server, f"user{number}", f"password{number}")
            while state["decided"] < LOGINS or number not in back:
                after = state["promoted"] is not None
                answer = await client.login(f"user{number}", f"password{number}")
                self.assertIn(answer, (LOGGED_IN, LOGIN_FAILED))
                state["decided"] += 1
                if answer == LOGIN_FAILED:
                    self.assertTrue(killed.is_set(), "refused though Redis was there")
                    self.assertNotIn(number, back, "refused after Redis was back")
                    state["refused"] += 1
                elif after:
                    back.setdefault(number, time.monotonic())
                if state["decided"] >= LOGINS // 10:
                    killed.set()

        async def guess():
            await killed.wait()
            for number in range(GUESSES):
                client = await self.connect(server, local_addr=(f"127.0.1.{number + 1}", 0))
                self.assertEqual(await client.login(f"victim{number}", "guess"), LOGIN_FAILED)

        async def fail_over():
            await killed.wait()
            old = sentinels.master.port
            sentinels.master.kill()
            began = time.monotonic()

            async def promoted():
                return sentinels.known_master() != old

            await harness.wait_until_async(promoted, "another master")
            state["promoted"] = time.monotonic()
            return state["promoted"] - began

        took, *_ = await asyncio.gather(fail_over(), guess(), *map(log_in, range(CONNECTIONS)))
        later = max(back.values()) - state["promoted"]
        print(f"{state['decided']} logins, {state['refused']} refused; another master after "
              f"{took:.2f} s, all log in {later:.2f} s later")
        self.assertLess(later, RECOVERY + took)
        self.assertIn("Sentinels' 'main'", heliograph("check", "--redis", sentinels.url))
        heliograph("user", "add", "anna", "--redis", sentinels.url, password="secret\n")
        await self.logged_in(server, "anna", "secret")


class ClusterMovesSlots(harness.TestCase):
    async def test_no_login_notices_that_slots_move(self):
        cluster = Cluster(self)
        for number in range(CONNECTIONS):
            cluster.set(f"user{number}", f"password{number}")
        server = harness.Server(self, "--redis", cluster.url, "--workers", "2")
        clients = [await self.logged_in(server, f"user{number}", f"password{number}")
                   for number in range(CONNECTIONS)]
        slots = [cluster.slot_of(f"user{number}") for number in range(CONNECTIONS)]
        moving = True
        decided = 0

        async def log_in(number):
            nonlocal decided
            while moving:
                answer = await clients[number].login(f"user{number}", f"password{number}")
                self.assertEqual(answer, LOGGED_IN)
                decided += 1

        async def move():
            nonlocal moving
            try:
                for slot in sorted({*slots}):
                    for _ in cluster.moves(slot, (cluster.owners[slot] + 1) % MASTERS):
                        seen = decided
                        while decided < seen + CONNECTIONS:  # every step under logins
                            await asyncio.sleep(0)
            finally:
                moving = False

        await asyncio.gather(move(), *map(log_in, range(CONNECTIONS)))
        print(f"{decided} logins while {len({*slots})} slots moved")
        checked = heliograph("check", "--redis", cluster.url)
        self.assertIn(f"Cluster of 3 masters, {SLOTS} of {SLOTS} slots covered", checked)
        self.assertIn(f"{CONNECTIONS} users found", checked)
        heliograph("user", "add", "anna", "--redis", cluster.url, password="secret\n")
        self.assertIn("anna", heliograph("user", "list", "--redis", cluster.url).split())
        await self.logged_in(server, "anna", "secret")
