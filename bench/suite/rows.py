"""What is measured, at whom, and what is to be reached."""

import dataclasses

import servers
from servers import Server

# Loads last so long for each server and round, after a warm-up of half of it.
SECONDS = 1.5
QUICK_SECONDS = 0.3


@dataclasses.dataclass(frozen=True)
class Goal:
    """Ours is to be at most `factor` times the peer's, or at most `factor` if there is no peer."""

    factor: float
    peer: str | None = None

    def text(self, unit):
        if self.peer is None:
            return f"≤ {self.factor:g} {unit}"
        return f"≤ {self.factor:.3g} × {self.peer}"


@dataclasses.dataclass(frozen=True)
class Row:
    group: str  # what --rows chooses
    work: str
    servers: list[Server]
    load: list[str]
    goals: list[Goal] = dataclasses.field(default_factory=list)
    value: tuple = ("server_us",)  # where it is in what the load prints
    scale: float = 1
    unit: str = "µs"
    seconds: float | None = None  # instead of SECONDS
    fresh: bool = False  # started for this row alone, for its memory
    once: bool = False  # one round is enough
    cores: str | None = None  # other than the servers' own


def echo_rows(quick):
    for connections in (100,) if quick else (100, 1000):
        for depth in (1, 16):
            yield Row("echo", f"wss echo 64 B, {connections} connections, depth {depth}",
                      servers.ECHO, ["echo", "--connections", connections, "--depth", depth],
                      [Goal(1, "Bun")])
    for depth in (1, 16):
        yield Row("ws", f"ws echo 64 B (no TLS), 100 connections, depth {depth}", servers.PLAIN_ECHO,
                  ["echo", "--plain", "--connections", 100, "--depth", depth], [Goal(1, "Bun")])


def relay_rows():
    for depth, goals in ((1, [Goal(1 / 2, "Bun"), Goal(1 / 8, "the tutorial's")]), (16, [])):
        yield Row("relay", f"signaling relay 200 B over wss, 50 pairs, depth {depth}",
                  servers.SIGNALING,
                  ["relay", "--connections", 100, "--size", 200, "--depth", depth], goals)


def login_rows():
    yield Row("login", "login: new wss connection and Redis lookup", servers.SIGNALING,
              ["churn", "--login", "--at-once", 16],
              [Goal(1 / 1.7, "Bun"), Goal(1 / 8, "Node ws")])
    yield Row("login", "login on a connection that is there", servers.SIGNALING,
              ["login", "--connections", 2000, "--depth", 16], [Goal(1 / 1.5, "Bun")])


def handshake_rows():
    yield Row("handshake", "TLS 1.3 handshake, full, with its connection", servers.HANDSHAKE,
              ["handshake", "--at-once", 16], [Goal(0.5, "nginx"), Goal(1, "Bun")])
    yield Row("handshake", "TLS 1.3 handshake, resumed, with its connection", servers.HANDSHAKE,
              ["handshake", "--at-once", 16, "--resume"])
    yield Row("churn", "wss connection, one echo, close", servers.ECHO,
              ["churn", "--at-once", 16])


def presence_rows(quick):
    many, most, hold = (2_000, 2_000, 3) if quick else (10_000, 20_000, 30)
    many, most = map(servers.connections_at_most, (many, most))
    yield Row("idle", f"memory of an idle wss connection ({many:,} of them)",
              [servers.OURS, *servers.ECHO[1:]], ["idle", "--connections", many], [Goal(2.5)],
              ("held_kib_per_connection",), unit="KiB", seconds=1, fresh=True, once=True)
    # A ping to each within the time for which they are held.
    pinging = Server("heliograph",
                     servers.serve("--ping-interval", "25" if not quick else "2",
                                   *servers.UNLIMITED), **servers.OURS_VERSION)
    yield Row("idle", f"{most:,} idle wss connections with pings, share of one core", [pinging],
              ["idle", "--connections", most, "--login"], [Goal(2)], ("server_cores",), 100, "%",
              seconds=hold, fresh=True, once=True)
    yield Row("flood", "p99 of a quiet pair while another pair floods", [servers.WITH_LIMITS],
              ["flood", "--rate", 200, "--size", 200], [Goal(5)], ("latency_us", "p99"), 1e-3, "ms",
              fresh=True)
    yield Row("flood", "the same without limits of rate", [servers.OURS],
              ["flood", "--rate", 200, "--size", 200], [Goal(5)], ("latency_us", "p99"), 1e-3, "ms",
              fresh=True)
    yield Row("workers", "relay with two workers, CPU for each message",
              [servers.TWO_WORKERS, servers.ONE_WORKER],
              ["relay", "--connections", 100, "--size", 200, "--depth", 16],
              [Goal(1 / 0.9, "one worker")], cores="all")


@dataclasses.dataclass(frozen=True)
class Series:
    """How the cost of one thing grows with the number of another."""

    group: str
    title: str
    x_title: str
    points: list[int]
    load: object  # of a point
    spread: float = 0.1  # how far the cost may go from the one in the middle


def series(quick):
    connections = [10, 100, 1000] if quick else [10, 100, 1000, 5000, 10_000, 20_000]
    connections = sorted(set(map(servers.connections_at_most, connections)))
    users = [10, 100, 1000] if quick else [10, 100, 1000, 10_000, 100_000]
    yield Series("growth", "CPU of a relayed message between 5 pairs, by connections",
                 "connections that are there", connections,
                 lambda n: ["relay", "--connections", n, "--active", 10, "--size", 200])
    yield Series("growth", "CPU of a login with its connection, by registered users",
                 "users in Redis", users,
                 lambda n: ["churn", "--login", "--at-once", 8, "--users", n])


def all_rows(quick):
    return [*echo_rows(quick), *relay_rows(), *login_rows(), *handshake_rows(), *presence_rows(quick)]


GROUPS = ["echo", "ws", "relay", "login", "handshake", "churn", "idle", "flood", "workers", "growth",
          "machines", "profile"]
WITHOUT_REDIS = {"echo", "ws", "churn", "machines"}
