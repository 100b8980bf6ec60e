"""Logins while a Sentinel promotes another master, and while a Cluster moves its slots."""

import asyncio
import subprocess
import time

import harness
from harness import LOGGED_IN, LOGIN_FAILED

LOGINS = 5_000
CONNECTIONS = 20
# As many guesses, each from an address of its own: further ones from one address are slowed down.
GUESSES = 40
# Beyond the time that the fail-over itself takes.
RECOVERY = 2
SLOTS = 16_384
MASTERS = 3


class Sentinels:
    """A master, two replicas, and three Sentinels who know each other."""

    def __init__(self, test):
        self.master = harness.Redis(test, "--repl-diskless-sync-delay", "0")
        self.replicas = [
            harness.Redis(test, "--repl-diskless-sync-delay", "0", "--replicaof", "127.0.0.1",
                          str(self.master.port))
            for _ in range(2)
        ]
        self.sentinels = [
            harness.Redis(test, sentinel=f"""
                sentinel monitor main 127.0.0.1 {self.master.port} 2
                sentinel down-after-milliseconds main 500
                sentinel failover-timeout main 4000
            """)
            for _ in range(3)
        ]
        harness.wait_until(lambda: all(map(self._knows_all, self.sentinels)), "the Sentinels")
        addresses = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        self.url = f"redis-sentinel://{addresses}/main"

    def _knows_all(self, sentinel):
        words = sentinel.ask("SENTINEL", "MASTER", "main")
        known = dict(zip(words[::2], words[1::2]))
        return known["num-slaves"] == "2" and known["num-other-sentinels"] == "2"

    def known_master(self):
        """The port of the master, by one of the Sentinels."""
        return int(self.sentinels[1].ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")[1])


class Cluster:
    """Three masters that share the slots, and a replica of each."""

    def __init__(self, test):
        self.nodes = []
        buses = []
        for _ in range(2 * MASTERS):
            buses.append(harness.free_port())
            self.nodes.append(harness.Redis(
                test, "--cluster-enabled", "yes", "--cluster-port", str(buses[-1]),
                "--cluster-node-timeout", "2000", "--repl-diskless-sync-delay", "0"))
        self.ids = [node.ask("CLUSTER", "MYID") for node in self.nodes]
        self.owners = [slot * MASTERS // SLOTS for slot in range(SLOTS)]
        for number, master in enumerate(self.nodes[:MASTERS]):
            slots = [slot for slot in range(SLOTS) if self.owners[slot] == number]
            master.ask("CLUSTER", "ADDSLOTSRANGE", slots[0], slots[-1])
            master.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for node in self.nodes[1:]:
            node.ask("CLUSTER", "MEET", "127.0.0.1", self.nodes[0].port, buses[0])
        harness.wait_until(
            lambda: all("cluster_state:ok" in info and "cluster_known_nodes:6" in info
                        for info in (node.ask("CLUSTER", "INFO") for node in self.nodes)),
            "the Cluster")
        for number, replica in enumerate(self.nodes[MASTERS:]):
            replica.ask("CLUSTER", "REPLICATE", self.ids[number])
        self.url = f"redis-cluster://127.0.0.1:{self.nodes[0].port},127.0.0.1:{self.nodes[4].port}"

    def slot_of(self, key):
        return self.nodes[0].ask("CLUSTER", "KEYSLOT", key)

    def set(self, key, value):
        self.nodes[self.owners[self.slot_of(key)]].ask("SET", key, value)

    def moves(self, slot, target):
        """Moves a slot to another master, one step at a time."""
        source = self.owners[slot]
        self.nodes[target].ask("CLUSTER", "SETSLOT", slot, "IMPORTING", self.ids[source])
        yield
        self.nodes[source].ask("CLUSTER", "SETSLOT", slot, "MIGRATING", self.ids[target])
        yield
        while keys := self.nodes[source].ask("CLUSTER", "GETKEYSINSLOT", slot, 1):
            self.nodes[source].ask("MIGRATE", "127.0.0.1", self.nodes[target].port, keys[0], 0,
                                   harness.PATIENCE * 1000)
            yield
        for number in (target, source, MASTERS - source - target):
            self.nodes[number].ask("CLUSTER", "SETSLOT", slot, "NODE", self.ids[target])
            yield
        self.owners[slot] = target


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
