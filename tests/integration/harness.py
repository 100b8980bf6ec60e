"""What the integration tests share: servers started for a test, certificates, and a client.

Nothing here waits for a length of time; every wait is for something, with PATIENCE as its limit.
"""

import asyncio
import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.parse

import websockets

BINARY = os.path.abspath(os.environ.get("HELIOGRAPH", "build/dev/bin/heliograph"))
# Seconds until something that is waited for counts as never coming. Generous: sanitizers are slow.
PATIENCE = 30

GREETING = "Hello from server"
UNAUTHENTICATED = '{"type":"error","message":"You are not authenticated"}'
LOGGED_IN = '{"type":"login","success":true}'
LOGIN_FAILED = '{"type":"login","success":false}'
LEAVE = '{"type":"leave"}'


def not_found(shown):
    return '{"type":"error","message":"Command no found: %s"}' % shown


class Folder:
    """A temporary folder that goes away with its test."""

    def __init__(self, test):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="heliograph-"))
        test.addCleanup(shutil.rmtree, self.path, ignore_errors=True)

    def __truediv__(self, name):
        return self.path / name

    def write(self, name, content):
        (self.path / name).write_text(content)
        return str(self.path / name)


def openssl(folder, *arguments, **options):
    return subprocess.run(
        ["openssl", *arguments], cwd=folder.path, check=True, capture_output=True, **options
    )


def make_tutorial_certificate(folder):
    """The tutorial's own recipe: RSA-2048, X.509 version 1, no names. Leaves server.key and
    server.crt, and the encrypted key in server.pass.key with the passphrase 12345."""
    openssl(folder, "genrsa", "-des3", "-passout", "pass:12345", "-out", "server.pass.key", "2048")
    openssl(folder, "rsa", "-passin", "pass:12345", "-in", "server.pass.key", "-out", "server.key")
    # "Just hit the Enter button all the time."
    openssl(folder, "req", "-new", "-key", "server.key", "-out", "server.csr", input=b"\n" * 12)
    openssl(
        folder, "x509", "-req", "-days", "1095", "-in", "server.csr",
        "-signkey", "server.key", "-out", "server.crt",
    )


KEY_TYPES = {
    "RSA-2048": ["-newkey", "rsa:2048"],
    "RSA-4096": ["-newkey", "rsa:4096"],
    "P-256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "P-384": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "Ed25519": ["-newkey", "ed25519"],
}


def make_certificate(folder, key_type="P-256", name="server"):
    openssl(
        folder, "req", "-x509", *KEY_TYPES[key_type], "-nodes", "-days", "30",
        "-keyout", f"{name}.key", "-out", f"{name}.crt",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
    )


def held_port(test):
    """A port that until the end of the test goes to nobody else, neither to a server nor to a
    connection, at any address: a socket of ours is bound to it. Beside that, a server may listen
    that sets SO_REUSEADDR, as most do; until then, connections are refused."""
    holder = socket.socket()
    test.addCleanup(holder.close)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("", 0))
    return holder.getsockname()[1]


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(0.01)


async def wait_until_async(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not await condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain: {what}")
        await asyncio.sleep(0.01)


def sanitized():
    """Whether the binary is built with a sanitizer, whose own memory drowns ours."""
    with open(BINARY, "rb") as binary:
        content = binary.read()
    return b"__asan_init" in content or b"__tsan_init" in content


def clean_environment(**extra):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HELIOGRAPH")}
    return {**kept, **extra}


class Server:
    """A running `heliograph serve` on a free port of 127.0.0.1."""

    def __init__(self, test, *options, folder=None, environment=None, descriptors=None,
                 listen="127.0.0.1:0"):
        """`descriptors`: how many of them the system gives it at most."""
        self.folder = folder or Folder(test)
        limit = None
        if descriptors is not None:
            def limit():
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
        if "--demo" not in options and not (self.folder / "server.crt").exists():
            make_certificate(self.folder)
        self.log_path = self.folder / "log"
        log = open(self.log_path, "w")
        self.process = subprocess.Popen(
            [BINARY, "serve", "--listen", listen, *options],
            cwd=self.folder.path,
            env=clean_environment(
                HOME=str(self.folder.path), XDG_STATE_HOME=str(self.folder.path),
                **(environment or {}),
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            preexec_fn=limit,
        )
        log.close()
        test.addCleanup(self._kill)
        self.port = self._wait_for_port()
        self.url = f"wss://localhost:{self.port}/"

    def _wait_for_port(self):
        self.admin = None
        for line in self.process.stdout:
            if line.startswith("admin endpoint at "):
                self.admin = line.split()[-1]
            found = re.match(r"listening on wss://.*:(\d+)/?$", line)
            if found:
                return int(found.group(1))
        self.process.wait()
        raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log()}")

    def log(self):
        return self.log_path.read_text()

    def metrics(self):
        """Values by name and labels, as the admin endpoint writes them. A worker counts at the end
        of its turn."""
        url = urllib.parse.urlsplit(self.admin)
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=PATIENCE)
        try:
            connection.request("GET", "/metrics")
            lines = connection.getresponse().read().decode().splitlines()
        finally:
            connection.close()
        return {k: float(v) for k, v in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")")[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        """Asks the server to end, and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def _kill(self):
        if self.alive():
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()


PROGRAMS = pathlib.Path(BINARY).parent


class Example:
    """A running server of examples/, which says in its first line where it listens."""

    def __init__(self, test, name, *options, folder=None):
        if not (PROGRAMS / name).exists():
            test.skipTest("the examples were not built")
        self.process = subprocess.Popen(
            [PROGRAMS / name, *map(str, options)], cwd=(folder or Folder(test)).path, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        test.addCleanup(self.process.stdout.close)
        test.addCleanup(self.process.wait)
        test.addCleanup(self.process.kill)
        said = self.line()
        found = re.match(r"listening on .*?(\d+)$", said)
        test.assertTrue(found, said)
        self.port = int(found.group(1))

    resident_bytes = Server.resident_bytes
    stop = Server.stop

    def line(self):
        """The next line that it says."""
        return self.process.stdout.readline().strip()


class Redis:
    """A redis-server of the test's own, which can be killed and started again."""

    def __init__(self, test, *options, tls=False, sentinel=None, within=()):
        """With `tls`, the port speaks TLS only. `sentinel`: the lines that configure one.
        `within`: a command that executes another."""
        self.folder = Folder(test)
        self.options = options
        self.within = within
        self.process = None
        self.port = held_port(test)
        self.tls = tls
        self.configuration = []
        if sentinel is not None:
            self.configuration = [self.folder.write("sentinel.conf", sentinel), "--sentinel"]
        self.socket_path = str(self.folder / "redis.sock")
        test.addCleanup(self.kill)
        self.start()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def start(self):
        port = ["--port", "0", "--tls-port"] if self.tls else ["--port"]
        storage = [] if self.configuration else ["--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            [*self.within, "redis-server", *self.configuration, *port, str(self.port), "--bind", "127.0.0.1",
             "--unixsocket", self.socket_path, *storage, *self.options],
            cwd=self.folder.path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: self._answers(), "redis-server")

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"redis-server ended with {self.process.returncode}")
        with socket.socket() as probe, socket.socket(socket.AF_UNIX) as local:
            return (probe.connect_ex(("127.0.0.1", self.port)) == 0
                    and local.connect_ex(self.socket_path) == 0)

    def cli(self, *arguments):
        """What redis-cli prints."""
        done = subprocess.run(
            ["redis-cli", "-s", self.socket_path, *arguments],
            check=True, capture_output=True, text=True, timeout=PATIENCE,
        )
        return done.stdout.strip()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def ask(self, *words):
        """The answer to one command, over a connection that stays: a string, a number, None, or a
        list of them. An error is an exception."""
        if getattr(self, "asked", None) != self.process.pid:
            self.asked = self.process.pid
            raw = socket.socket(socket.AF_UNIX)
            raw.settimeout(PATIENCE)
            raw.connect(self.socket_path)
            self.answers = raw.makefile("rwb")
            raw.close()
        encoded = [str(word).encode() for word in words]
        self.answers.write(b"*%d\r\n" % len(encoded))
        for word in encoded:
            self.answers.write(b"$%d\r\n%b\r\n" % (len(word), word))
        self.answers.flush()
        return self._answer()

    def _answer(self):
        line = self.answers.readline().decode()
        kind, rest = line[:1], line[1:].strip()
        if kind == "-":
            raise RuntimeError(rest)
        if kind == ":":
            return int(rest)
        if kind == "$":
            size = int(rest)
            return None if size < 0 else self.answers.read(size + 2)[:-2].decode()
        if kind == "*":
            return [self._answer() for _ in range(int(rest))]
        return rest


def trusting_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Client:
    """One WebSocket connection, from which messages are read one at a time."""

    def __init__(self, socket):
        self.socket = socket

    @classmethod
    async def connect(cls, server, greeted=True, **options):
        """With `sock` it is made on that connection."""
        place = {} if "sock" in options else {"host": "127.0.0.1", "port": server.port}
        connection = websockets.connect(
            server.url, ssl=trusting_context(), server_hostname="localhost", compression=None,
            ping_interval=None, **place, **options
        )
        client = cls(await asyncio.wait_for(connection, PATIENCE))
        if greeted:
            received = await client.receive()
            assert received == GREETING, received
        return client

    @classmethod
    async def logged_in(cls, server, name, password, **options):
        client = await cls.connect(server, **options)
        answer = await client.login(name, password)
        assert answer == LOGGED_IN, answer
        return client

    async def send(self, message):
        """A string or bytes as they are; anything else as JSON."""
        raw = isinstance(message, (str, bytes))
        await asyncio.wait_for(self.socket.send(message if raw else json.dumps(message)), PATIENCE)

    async def receive(self):
        message = await asyncio.wait_for(self.socket.recv(), PATIENCE)
        assert isinstance(message, str), "the server sends text frames only"
        return message

    async def ask(self, message):
        await self.send(message)
        return await self.receive()

    async def login(self, name, password):
        return await self.ask({"type": "login", "name": name, "password": password})

    async def fence(self):
        """Returns when the server has dealt with all that was sent here before, and asserts that
        nothing else has come in the meantime. Needs a login."""
        answer = await self.ask({"type": "fence"})
        assert answer == not_found("fence"), answer

    async def close(self):
        await asyncio.wait_for(self.socket.close(), PATIENCE)

    def reset(self):
        """Drops the connection without any farewell: a TCP reset."""
        raw = self.socket.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.transport.abort()

    async def closed_with(self):
        """Waits for the server to close; the close code."""
        await asyncio.wait_for(self.socket.wait_closed(), PATIENCE)
        return self.socket.close_code


class TestCase(unittest.IsolatedAsyncioTestCase):
    """Clients that a test opens are closed after it."""

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)
        self.clients = []

    async def asyncTearDown(self):
        for client in self.clients:
            client.socket.transport.abort()
            await client.socket.wait_closed()

    async def connect(self, server, **options):
        self.clients.append(await Client.connect(server, **options))
        return self.clients[-1]

    async def logged_in(self, server, name, password, **options):
        self.clients.append(await Client.logged_in(server, name, password, **options))
        return self.clients[-1]
