"""Redis servers that work together. With `tls`, all their talk is over TLS, by `options`."""

import harness

SLOTS = 16_384
MASTERS = 3


class Sentinels:
    """A master, two replicas, and three Sentinels who know each other."""

    def __init__(self, test, *options, tls=False):
        quick = ("--repl-diskless-sync-delay", "0", *options)
        self.master = harness.Redis(test, *quick, tls=tls)
        self.replicas = [
            harness.Redis(test, *quick, "--replicaof", "127.0.0.1", str(self.master.port), tls=tls)
            for _ in range(2)
        ]
        self.sentinels = [
            harness.Redis(test, *options, tls=tls, sentinel=f"""
                sentinel monitor main 127.0.0.1 {self.master.port} 2
                sentinel down-after-milliseconds main 500
                sentinel failover-timeout main 4000
            """)
            for _ in range(3)
        ]
        harness.wait_until(lambda: all(map(self._knows_all, self.sentinels)), "the Sentinels")
        addresses = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        self.url = f"{'rediss' if tls else 'redis'}-sentinel://{addresses}/main"

    def _knows_all(self, sentinel):
        words = sentinel.ask("SENTINEL", "MASTER", "main")
        known = dict(zip(words[::2], words[1::2]))
        return known["num-slaves"] == "2" and known["num-other-sentinels"] == "2"

    def known_master(self):
        """The port of the master, by one of the Sentinels."""
        return int(self.sentinels[1].ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")[1])


class Cluster:
    """Three masters that share the slots, and a replica of each."""

    def __init__(self, test, *options, tls=False):
        self.nodes = []
        buses = []
        for _ in range(2 * MASTERS):
            buses.append(harness.held_port(test))
            self.nodes.append(harness.Redis(
                test, "--cluster-enabled", "yes", "--cluster-port", str(buses[-1]),
                "--cluster-node-timeout", "2000", "--repl-diskless-sync-delay", "0",
                *options, tls=tls))
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
        seeds = ",".join(f"127.0.0.1:{self.nodes[number].port}" for number in (0, 4))
        self.url = f"{'rediss' if tls else 'redis'}-cluster://{seeds}"

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
