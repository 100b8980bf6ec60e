"""Guessing passwords: the guessers wait, nobody else does."""

import asyncio
import base64
import hashlib
import math
import re
import time
from collections import Counter

import harness
from harness import LOGGED_IN, LOGIN_FAILED
from heartbeat import Heart

# As src/signal/throttle.hpp has them.
FREE_FAILURES_PER_ADDRESS = 20
FIRST_DELAY = 0.1
HALF_LIFE = 60
# As src/server/server.cpp has them.
POOL_QUEUE = 64
POOL_THREADS = 2

MEBIBYTE = 1 << 20


def scrypt_phc(password):
    salt = b"0123456789abcdef"
    derived = hashlib.scrypt(password.encode(), salt=salt, n=1 << 15, r=8, p=1, dklen=32,
                             maxmem=1 << 28)
    texts = (base64.b64encode(bytes).decode().rstrip("=") for bytes in (salt, derived))
    return "$scrypt$ln=15,r=8,p=1$" + "$".join(texts)


async def ends_of_logins(server, count):
    """How many of so many logins were wrong, and how many refused without looking at them."""
    def ends():
        seen = server.metrics()
        return [int(seen[f'heliograph_logins_total{{result="{result}"}}'])
                for result in ("wrong", "refused")]

    await asyncio.to_thread(harness.wait_until, lambda: sum(ends()) == count, "all are counted")
    return ends()


class BruteForce(harness.TestCase):
    ADDRESSES = 100
    CONNECTIONS_PER_ADDRESS = 3
    LOGINS = 10_000

    async def test_ten_thousand_wrong_logins_from_a_hundred_addresses(self):
        redis = harness.Redis(self)
        redis.cli("MSET", "anna", "password", "bert", "password")
        server = harness.Server(self, "--redis", redis.url, "--admin", "127.0.0.1:0")
        addresses = [f"127.4.0.{number}" for number in range(1, self.ADDRESSES + 1)]
        gate = asyncio.Semaphore(50)

        async def connect(address):
            async with gate:
                return await self.connect(server, local_addr=(address, 0))

        guessers = await asyncio.gather(
            *(connect(address) for address in addresses * self.CONNECTIONS_PER_ADDRESS))
        left = Counter({address: self.LOGINS // self.ADDRESSES for address in addresses})
        heart = Heart(self, server)
        started = time.monotonic()

        async def guess(client):
            address = client.socket.local_address[0]
            while left[address] > 0:
                left[address] -= 1
                # Every second guess is for the same name, whose owner must not notice.
                name = "anna" if left[address] % 2 == 0 else f"name{left[address]}"
                self.assertEqual(await client.login(name, f"guess{left[address]}"), LOGIN_FAILED)

        async def owners():
            """Users who know their passwords, from other addresses, again and again."""
            times = []
            while not attack.done():
                for number, name in enumerate(("anna", "bert")):
                    begun = time.monotonic()
                    client = await harness.Client.connect(
                        server, local_addr=(f"127.5.0.{number + 1}", 0))
                    # The name may be taken for a moment, by the connection before.
                    self.assertIn(await client.login(name, "password"), (LOGGED_IN, LOGIN_FAILED))
                    times.append(time.monotonic() - begun)
                    await client.close()
                await asyncio.sleep(0.1)
            return times

        attack = asyncio.ensure_future(asyncio.gather(*(guess(client) for client in guessers)))
        times = sorted(await owners())
        await attack
        wall = time.monotonic() - started
        beats, median, p99, most = heart.stop()

        counted = Counter(re.findall(r"event=login result=wrong peer=(127\.4\.[\d.]+)",
                                     server.log()))
        looked_at = {a: counted[a] for a in addresses}
        wrong, refused = await ends_of_logins(server, self.LOGINS)
        self.assertEqual(sum(looked_at.values()), wrong)
        # The n-th failure beyond the free ones costs 0.1 * 2^(n-1) seconds; those of one address
        # that were under way together when the free ones ended come on top.
        most_allowed = (FREE_FAILURES_PER_ADDRESS * (1 + wall // HALF_LIFE)
                        + math.log2(1 + wall / FIRST_DELAY) + self.CONNECTIONS_PER_ADDRESS + 1)
        print(f"\n{self.LOGINS} wrong logins from {self.ADDRESSES} addresses in {wall:.1f} s: "
              f"{sum(looked_at.values())} looked at, {min(looked_at.values())} to "
              f"{max(looked_at.values())} of an address (at most {most_allowed:.1f}), "
              f"{refused} refused at once\n"
              f"{beats} pings: median {median:.2f} ms, p99 {p99:.2f} ms, max {most:.2f} ms\n"
              f"{len(times)} connections and logins of others: median "
              f"{1000 * times[len(times) // 2]:.0f} ms, max {1000 * times[-1]:.0f} ms")
        self.assertLessEqual(max(looked_at.values()), most_allowed)
        self.assertGreaterEqual(min(looked_at.values()), FREE_FAILURES_PER_ADDRESS)
        self.assertIn("result=ok user=\"anna\"", server.log())
        self.assertIn("result=ok user=\"bert\"", server.log())
        for name in ("anna", "bert"):

            async def logs_in():
                client = await self.connect(server, local_addr=("127.5.0.9", 0))
                return await client.login(name, "password") == LOGGED_IN

            await harness.wait_until_async(logs_in, f"{name} is free")

    async def test_more_derivations_than_the_pool_takes_are_refused_at_once(self):
        clients_of_all = 400
        folder = harness.Folder(self)
        folder.write("users", f"anna:{scrypt_phc('password')}\n")
        (folder / "users").chmod(0o600)
        server = harness.Server(
            self, "--users", "users", "--admin", "127.0.0.1:0", folder=folder)
        gate = asyncio.Semaphore(50)

        async def connect(number):
            async with gate:
                return await self.connect(
                    server, local_addr=(f"127.6.{number // 200}.{number % 200 + 1}", 0))

        clients = await asyncio.gather(*(connect(number) for number in range(clients_of_all)))
        before = server.resident_bytes()
        heart = Heart(self, server)
        started = time.monotonic()
        ends = []
        peak = before

        async def log_in(client):
            self.assertEqual(await client.login("anna", "wrong"), LOGIN_FAILED)
            ends.append(time.monotonic() - started)

        logins = asyncio.ensure_future(asyncio.gather(*(log_in(client) for client in clients)))
        while not logins.done():
            peak = max(peak, server.resident_bytes())
            await asyncio.sleep(0.01)
        await logins
        beats, median, p99, most = heart.stop()
        wrong, refused = await ends_of_logins(server, clients_of_all)
        print(f"\n{clients_of_all} logins at once: {wrong} derived, {refused} refused, the first "
              f"half answered within {1000 * sorted(ends)[clients_of_all // 2]:.0f} ms, all within "
              f"{max(ends):.1f} s; memory has grown by {(peak - before) / MEBIBYTE:.0f} MiB\n"
              f"{beats} pings: median {median:.2f} ms, p99 {p99:.2f} ms, max {most:.2f} ms")
        self.assertGreaterEqual(wrong, POOL_QUEUE)
        self.assertGreater(refused, 0)
        if not harness.sanitized():
            self.assertLess(peak - before, (POOL_THREADS * 32 + 64) * MEBIBYTE)
        await self.logged_in(server, "anna", "password")


if __name__ == "__main__":
    harness.unittest.main()
