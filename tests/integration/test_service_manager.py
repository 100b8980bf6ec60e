"""A service manager that starts the server, as systemd does: sockets, notifications, watchdog."""

import asyncio
import fcntl
import os
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

import harness

EX_USAGE = 64


class Manager:
    """Receives what a service tells about itself."""

    def __init__(self, test, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(harness.PATIENCE)
        self.socket.bind(address)
        test.addCleanup(self.socket.close)

    def receive(self):
        datagram = self.socket.recv(4096).decode()
        return dict(line.split("=", 1) for line in datagram.splitlines())

    def waiting(self):
        """What has been sent and not been received yet."""
        self.socket.setblocking(False)
        states = []
        try:
            while True:
                states.append(self.receive())
        except BlockingIOError:
            return states
        finally:
            self.socket.settimeout(harness.PATIENCE)

    @staticmethod
    def fill(address):
        """Sends until nothing more fits; how much that was."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.setblocking(False)
            count = 0
            try:
                while True:
                    other.sendto(b"OTHER=1", address)
                    count += 1
            except BlockingIOError:
                return count

    def wait_for(self, name):
        """The next datagram with that name in it, other than those of the watchdog."""
        while name not in (state := self.receive()):
            if "WATCHDOG" not in state:
                raise AssertionError(f"waited for {name}, got {state}")
        return state


class Notifications(harness.TestCase):
    def start(self, address, **environment):
        return harness.Server(
            self, "--demo", "--workers", "2",
            environment={"NOTIFY_SOCKET": address.replace("\0", "@"), **environment})

    async def test_ready_reloading_and_stopping_are_told(self):
        folder = harness.Folder(self)
        for address in (str(folder / "notify"), f"\0heliograph-{os.getpid()}"):
            with self.subTest(address):
                manager = Manager(self, address)
                server = self.start(address)
                self.assertEqual(manager.wait_for("READY")["READY"], "1")
                before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
                server.process.send_signal(signal.SIGHUP)
                reloading = manager.wait_for("RELOADING")
                after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
                self.assertTrue(before <= int(reloading["MONOTONIC_USEC"]) <= after)
                self.assertEqual(manager.wait_for("READY")["STATUS"], "serving")
                server.process.send_signal(signal.SIGTERM)
                self.assertEqual(manager.wait_for("STOPPING")["STOPPING"], "1")
                self.assertEqual(server.process.wait(harness.PATIENCE), 0)

    async def test_a_reload_that_fails_ends_too(self):
        address = f"\0heliograph-failing-{os.getpid()}"
        manager = Manager(self, address)
        folder = harness.Folder(self)
        folder.write("users", "")
        server = harness.Server(
            self, folder=folder, environment={"NOTIFY_SOCKET": address.replace("\0", "@")})
        manager.wait_for("READY")
        folder.write("server.crt", "broken")
        server.process.send_signal(signal.SIGHUP)
        manager.wait_for("RELOADING")
        self.assertIn("failed", manager.wait_for("READY")["STATUS"])

    async def test_the_watchdog_hears_from_workers_that_turn(self):
        address = f"\0heliograph-watchdog-{os.getpid()}"
        manager = Manager(self, address)
        self.start(address, WATCHDOG_USEC="100000")
        manager.wait_for("READY")
        for _ in range(3):
            self.assertEqual(manager.receive(), {"WATCHDOG": "1"})

    async def test_the_watchdog_hears_nothing_while_the_server_drains(self):
        address = f"\0heliograph-draining-{os.getpid()}"
        manager = Manager(self, address)
        server = self.start(address, WATCHDOG_USEC="20000")
        manager.wait_for("READY")
        client = await self.connect(server)
        client.socket.transport.pause_reading()  # so that the server has to wait
        server.process.send_signal(signal.SIGTERM)
        manager.wait_for("STOPPING")
        await asyncio.to_thread(server.process.wait, harness.PATIENCE)
        self.assertEqual(manager.waiting(), [])

    async def test_what_a_manager_has_no_room_for_is_told_when_it_has(self):
        address = f"\0heliograph-full-{os.getpid()}"
        manager = Manager(self, address)
        count = manager.fill(address)
        server = harness.Server(
            self, "--demo", "--admin", "127.0.0.1:0",
            environment={"NOTIFY_SOCKET": address.replace("\0", "@")})
        with urllib.request.urlopen(server.admin + "live"):  # it has tried to say that it is ready
            pass
        for _ in range(count):
            self.assertEqual(manager.receive(), {"OTHER": "1"})
        self.assertEqual(manager.receive()["READY"], "1")
        count = manager.fill(address)
        server.process.send_signal(signal.SIGHUP)
        harness.wait_until(lambda: "event=reloaded" in server.log(), "the reload")
        for _ in range(count):
            self.assertEqual(manager.receive(), {"OTHER": "1"})
        self.assertEqual(manager.receive()["RELOADING"], "1")
        self.assertEqual(manager.receive()["READY"], "1")

    async def test_a_worker_that_hangs_is_noticed(self):
        """It hangs since it writes to a log that nobody reads."""
        folder = harness.Folder(self)
        os.mkfifo(folder / "log")
        reader = os.open(folder / "log", os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)
        address = f"\0heliograph-hanging-{os.getpid()}"
        manager = Manager(self, address)
        server = harness.Server(
            self, "--demo", "--admin", "127.0.0.1:0", "--log-level", "debug", folder=folder,
            environment={"NOTIFY_SOCKET": address.replace("\0", "@"), "WATCHDOG_USEC": "200000"})
        manager.wait_for("READY")

        def ready():
            try:
                with urllib.request.urlopen(server.admin + "ready") as answer:
                    return answer.read().decode()
            except urllib.error.HTTPError as refusal:
                return refusal.read().decode()

        def hangs():
            with socket.create_connection(("127.0.0.1", server.port)):
                pass  # a line in the log
            return ready() == "worker 0 does not answer\n"

        harness.wait_until(hangs, "the worker hangs")
        manager.waiting()
        self.assertEqual(ready(), "worker 0 does not answer\n")
        self.assertEqual(manager.waiting(), [])

        def read():
            while os.read(reader, 65536):
                pass

        os.set_blocking(reader, True)
        thread = threading.Thread(target=read)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.stop)
        harness.wait_until(lambda: ready() == "ready\n", "the worker goes on")
        self.assertEqual(manager.receive(), {"WATCHDOG": "1"})

    async def test_the_watchdog_of_another_process_is_not_ours(self):
        address = f"\0heliograph-other-{os.getpid()}"
        manager = Manager(self, address)
        server = self.start(address, WATCHDOG_USEC="100", WATCHDOG_PID=str(os.getpid()))
        manager.wait_for("READY")
        client = await self.connect(server)
        await client.close()
        server.process.send_signal(signal.SIGTERM)
        self.assertIn("STOPPING", manager.receive())


class Activation(harness.TestCase):
    # Becomes the server after it has put its own process id where systemd puts it.
    WRAPPER = 'LISTEN_PID=$$ exec "$@"'

    def start(self, *sockets, names="", pid=None):
        """The server with `sockets` as descriptors 3 and on."""
        folder = harness.Folder(self)
        log = open(folder / "log", "w")
        self.addCleanup(log.close)
        wrapper = self.WRAPPER if pid is None else f'LISTEN_PID={pid} exec "$@"'

        def inherit():
            # Away from where they go, lest one overwrites another.
            copies = [os.dup2(s.fileno(), 100 + i) for i, s in enumerate(sockets)]
            for i, copy in enumerate(copies):
                os.dup2(copy, 3 + i)
                os.set_inheritable(3 + i, True)

        process = subprocess.Popen(
            ["sh", "-c", wrapper, "sh", harness.BINARY, "serve", "--demo", "--workers", "2",
             "--listen", "127.0.0.1:0"],
            env=harness.clean_environment(
                HOME=str(folder.path), XDG_STATE_HOME=str(folder.path),
                LISTEN_FDS=str(len(sockets)), LISTEN_FDNAMES=names),
            stdout=subprocess.PIPE, stderr=log, text=True, preexec_fn=inherit, close_fds=False)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, folder / "log"

    def listening(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        return listener

    def port_of(self, process):
        for line in process.stdout:
            if found := re.match(r"listening on wss://.*:(\d+)", line):
                return int(found.group(1))
        raise AssertionError("the server has ended")

    def test_an_inherited_socket_is_served_by_every_worker(self):
        listener = self.listening()
        port = listener.getsockname()[1]
        process, log = self.start(listener, names="heliograph.socket")
        self.assertEqual(self.port_of(process), port)
        for _ in range(20):
            ssl.get_server_certificate(("127.0.0.1", port))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(harness.PATIENCE), 0)
        self.assertIn(f"event=inherited address=127.0.0.1:{port}", log.read_text())

    def test_sockets_for_another_process_are_left_alone(self):
        listener = self.listening()
        process, _ = self.start(listener, pid=os.getpid())
        self.assertNotEqual(self.port_of(process), listener.getsockname()[1])

    def test_sockets_that_cannot_be_served_are_refused(self):
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(datagrams.close)
        for sockets in ((datagrams,), (self.listening(), self.listening())):
            process, log = self.start(*sockets)
            self.assertEqual(process.wait(harness.PATIENCE), EX_USAGE)
            self.assertIn("LISTEN_FDS", log.read_text())


if __name__ == "__main__":
    unittest.main()
