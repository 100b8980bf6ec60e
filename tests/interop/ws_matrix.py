#!/usr/bin/env python3
"""Lets heliograph's WebSocket and other implementations speak to each other, in both roles.

    ws_matrix.py [--bin FOLDER] [--markdown] [PEER]...

FOLDER has the programs of a build (build/dev/bin). A peer that is not installed is skipped. Prints
two tables; ends with 1 if anything has failed.
"""

import argparse
import contextlib
import functools
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import threading

from matrix import Files, Running, first_number, free_port, print_table, run

HERE = pathlib.Path(__file__).resolve().parent
# Seconds until something that is waited for counts as never coming.
PATIENCE = 60

# What clients do with ws_echo_server. The programs of the peers know these names.
CLIENT_CASES = (
    "open", "text", "binary", "fragments", "ping", "close", "subprotocol", "too-big", "deflate",
)

# What ws_client does with servers: options, a line to type, and what is then printed.
LONG_TEXT = ("heliograph " * 1000).encode()
BINARY = bytes(byte for i in range(65536) if (byte := i * 7 & 255) != 10)
SERVER_CASES = {
    "open": ([], None, b"open"),
    "text": ([], "Grüße, 你好".encode(), "Grüße, 你好".encode()),
    "binary": ([], BINARY, BINARY),
    "fragments": ([], b"fragments", b"fragments"),
    "ping": ([], b"ping", b"pong are you there"),
    "close": ([], b"close", b"closed 4000 bye"),
    "subprotocol": (["--subprotocol", "chat.v1", "--subprotocol", "chat.v2"], None,
                    b"open chat.v2"),
    "deflate": (["--deflate"], LONG_TEXT, LONG_TEXT),
}


class Peer:
    """A peer as a client; those that can also be a server have `serves`."""

    serves = False

    def __init__(self, name, program, command, version, installed=lambda: True):
        self.name = name
        self.program = program
        self.command = functools.cache(command)
        self.version = version
        self.is_installed = installed

    def installed(self):
        return bool(shutil.which(self.program)) and self.is_installed()

    def visit(self, url, files, cases):
        """The result of each case."""
        said = run_long([*self.command(files), "client", url, files["ca.crt"], *cases], files)
        return dict(line.split(" ", 1) for line in said.splitlines() if " " in line), said

    def serve(self, port, secure, deflate, files):
        return [*self.command(files), "server", port, "yes" if deflate else "no",
                *(files.pem("server") if secure else [])]


class Server(Peer):
    serves = True


class Curl(Peer):
    """Has no WebSocket in Debian 12, but asks for the upgrade and shows the answer."""

    def visit(self, url, files, cases):
        command = [
            "curl", "--http1.1", "--verbose", "--silent", "--cacert", files["ca.crt"],
            "-H", "Connection: Upgrade", "-H", "Upgrade: websocket", "-H",
            "Sec-WebSocket-Version: 13", "-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            url.replace("ws", "http", 1),
        ]
        with Running(command, files.folder) as curl:
            curl.wait(lambda: "\n< \n" in curl.output())
            said = curl.output()
        accepted = " 101 " in said and "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in said
        return {**dict.fromkeys(cases, "cannot"), "open": "ok" if accepted else "refused"}, said


def run_long(command, files):
    return run(command, patience=4 * PATIENCE, env={
        **os.environ, "NODE_EXTRA_CA_CERTS": files["ca.crt"], "NODE_NO_WARNINGS": "1",
        "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": files["go-cache"],
    })


def built(*command):
    """A command that makes files["NAME"] first, where it says so."""
    def make(name, files):
        run_long([part.replace("OUT", files[name]) for part in command], files)
        return [files[name]]
    return make


def node(peer, *options):
    return lambda _: ["node", *options, HERE / "ws_peer.mjs", peer]


def python(peer):
    return lambda _: ["/usr/bin/python3", HERE / "ws_peer.py", peer]


def python_has(package):
    ask = ["/usr/bin/python3", "-c", f"import {package}; print('{package}')"]
    return lambda: package in run(ask)


def debian_version(package):
    return lambda: first_number(run(["dpkg-query", "-W", "-f", "${Version}", package]))


def has_file(path):
    return lambda: pathlib.Path(path).exists()


def package_version(package):
    path = HERE.parent / "browser/node_modules" / package / "package.json"
    return first_number(path.read_text().split('"version"')[1])


PACKAGES = has_file(HERE.parent / "browser/node_modules")
BUILTIN = ["--experimental-websocket"]

PEERS = [
    Peer("Chromium", "chromium", node("chromium"),
         lambda: first_number(run(["chromium", "--version"])), PACKAGES),
    Peer("Firefox", "firefox-esr", node("firefox"),
         lambda: first_number(run(["firefox-esr", "--version"])), PACKAGES),
    Server("Node.js ws", "node", node("ws"), lambda: package_version("ws"), PACKAGES),
    Peer("Node.js WebSocket", "node", node("builtin", *BUILTIN),
         lambda: first_number(run(["node", "--version"])),
         lambda: "function" in run(["node", *BUILTIN, "-p", "typeof WebSocket"])),
    Server("Python websockets", "python3", python("websockets"),
           debian_version("python3-websockets"), python_has("websockets")),
    Peer("Python aiohttp", "python3", python("aiohttp"),
         debian_version("python3-aiohttp"), python_has("aiohttp")),
    Peer("Java java.net.http", "javac",
         lambda files: ["java", "-Dfile.encoding=UTF-8", HERE / "WsPeer.java"],
         lambda: first_number(run(["java", "--version"]))),
    Peer("Go gorilla", "go",
         lambda files: built("go", "build", "-o", "OUT", str(HERE / "ws_peer.go"))("ws_go", files),
         debian_version("golang-github-gorilla-websocket-dev"),
         has_file("/usr/share/gocode/src/github.com/gorilla/websocket")),
    Server("libwebsockets", "cc",
           lambda files: built("cc", "-o", "OUT", str(HERE / "ws_lws_peer.c"), "-lwebsockets")(
               "ws_lws", files),
           debian_version("libwebsockets-dev"), has_file("/usr/include/libwebsockets.h")),
    Peer("Boost.Beast", "c++",
         lambda files: built("c++", "-std=c++20", "-o", "OUT", str(HERE / "ws_beast_peer.cpp"),
                             "-lssl", "-lcrypto", "-pthread")("ws_beast", files),
         debian_version("libboost-dev"), has_file("/usr/include/boost/beast/websocket.hpp")),
    Curl("curl", "curl", lambda _: [], lambda: first_number(run(["curl", "--version"]))),
]


class Conversation:
    """With ws_client: what it prints, on both of its outputs, arrives in `said`."""

    def __init__(self, command):
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.said = b""
        self.parts = queue.Queue()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        while part := self.process.stdout.read1(65536):
            self.parts.put(part)
        self.parts.put(None)

    def hear(self, wanted):
        with contextlib.suppress(queue.Empty):
            while wanted not in self.said:
                part = self.parts.get(timeout=PATIENCE)
                if part is None:
                    break
                self.said += part
        return wanted in self.said

    def type(self, line):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(line + b"\n")
            self.process.stdin.flush()

    def end(self):
        """Closes the WebSocket; the exit status, or None if it does not end."""
        self.process.stdin.close()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return None
        finally:
            self.process.kill()
            self.reader.join()
            self.process.stdout.close()


class Matrix:
    def __init__(self, binaries, files):
        self.binaries = binaries
        self.files = files
        self.folder = files.folder / "ours"
        self.folder.mkdir()
        self.failures = []

    def url(self, port, secure):
        return f"{'wss' if secure else 'ws'}://localhost:{port}/"

    def visits(self, peer, secure):
        """The row of a client."""
        results, said = {}, ""
        for cases, options in ((CLIENT_CASES[:-1], []), (CLIENT_CASES[-1:], ["--deflate"])):
            port = free_port()
            command = [self.binaries / "ws_echo_server", "--port", port, "--subprotocol",
                       "chat.v2", *options]
            if secure:
                certificate, key = self.files.pem("server")
                command += ["--tls", "--cert", certificate, "--key", key]
            with Running(command, self.folder, port):
                try:
                    more, output = peer.visit(self.url(port, secure), self.files, cases)
                except (subprocess.TimeoutExpired, OSError) as error:
                    more, output = {}, str(error)
                results |= more
                said += output
        return [self.cell(peer, case, results.get(case), said) for case in CLIENT_CASES]

    def is_visited(self, peer, secure):
        """The row of a server."""
        return [self.serve(peer, secure, case) for case in SERVER_CASES]

    def serve(self, peer, secure, case):
        options, line, wanted = SERVER_CASES[case]
        port = free_port()
        command = peer.serve(port, secure, case == "deflate", self.files)
        with Running(command, self.files.folder, port) as server:
            client = Conversation([self.binaries / "ws_client", self.url(port, secure), "--ca",
                                   self.files["ca.crt"], "--max-message", 1 << 20, *options])
            good = client.hear(b"permessage-deflate" if case == "deflate" else b"open")
            if good and line is not None:
                client.type(line)
            good = good and client.hear(wanted)
            status = client.end()
            good = good and status == (1 if case == "close" else 0)
            said = client.said[-2000:].decode(errors="replace") + server.output()
        return self.cell(peer, case, "ok" if good else "not what was expected", said)

    def cell(self, peer, case, result, said):
        if result == "ok":
            return "yes"
        if result == "cannot":
            return "–"
        self.failures.append(f"{peer.name}, {case}: {result}\n{said}")
        return "NO"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, default=HERE.parents[1] / "build/dev/bin")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("peers", nargs="*", metavar="PEER", help="names of peers or programs")
    options = parser.parse_args()
    wanted = [peer for peer in PEERS
              if not options.peers or {peer.name, peer.program} & set(options.peers)]
    peers = [peer for peer in wanted if peer.installed()]
    clients = [["client", "over", *CLIENT_CASES]]
    servers = [["server", "over", *SERVER_CASES]]
    with tempfile.TemporaryDirectory(prefix="heliograph-interop-") as folder:
        binaries = options.bin.resolve()
        matrix = Matrix(binaries, Files(pathlib.Path(folder), binaries / "heliograph"))
        for peer in peers:
            name = f"{peer.name} {peer.version()}"
            for scheme in ("ws", "wss"):
                clients.append([name, scheme, *matrix.visits(peer, scheme == "wss")])
                if peer.serves:
                    servers.append([name, scheme, *matrix.is_visited(peer, scheme == "wss")])
    for table in (clients, servers):
        if len(table) > 1:
            print_table(table, options.markdown)
            print()
    if missing := [peer.name for peer in wanted if peer not in peers]:
        print("not installed: " + ", ".join(missing))
    for failure in matrix.failures:
        print("\n" + failure, file=sys.stderr)
    return 1 if matrix.failures or not peers else 0


if __name__ == "__main__":
    sys.exit(main())
