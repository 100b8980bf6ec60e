#!/usr/bin/env python3
"""Lets heliograph's TLS and other implementations speak to each other, in both roles.

    matrix.py [--bin FOLDER] [--markdown] [PEER]...

FOLDER has the programs of a build (build/dev/bin). A peer that is not installed is skipped. Prints
a table; ends with 1 if anything has failed.
"""

import argparse
import contextlib
import functools
import pathlib
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PORT_RANGE = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")
LEAST_PORT = 10_000
# Seconds until something that is waited for counts as never coming.
PATIENCE = 20
# The same for a compiler with an empty cache.
BUILD_PATIENCE = 120

# What a client of ours must say, and what our server's page must say, for the case to have been.
CASES = {
    "full": (r"^TLS_\S+ \S+$", r"TLS_"),
    "resumed": (r" resumed", r"\bresumed\b"),
    "retried": (r" retried", r"HelloRetryRequest"),
    "client-certificate": (r" presented", r"client CN=anna"),
    "key-update": (r"^TLS_", r"(?s)TLS_.*TLS_"),
}

REQUEST = "GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: {}\r\n\r\n"
LAST = REQUEST.format("/", "close")
UPDATE = REQUEST.format("/keyupdate", "keep-alive")


class CannotDo(Exception):
    """The peer has no way to do this."""


class Files:
    """An authority, a server's and a client's certificate, in every form that a peer wants."""

    def __init__(self, folder, heliograph):
        self.folder = folder
        for arguments in (["ca"], ["server", "localhost"], ["client", "anna"]):
            run([heliograph, "cert", *arguments, "--out", folder])
        for name in ("server", "anna"):
            run(["openssl", "pkcs12", "-export", "-in", self[f"{name}.crt"], "-inkey",
                 self[f"{name}.key"], "-name", name, "-passout", "pass:changeit",
                 "-out", self[f"{name}.p12"]])

    def __getitem__(self, name):
        return str(self.folder / name)

    def pem(self, name):
        return [self[f"{name}.crt"], self[f"{name}.key"]]


def run(command, text=None, patience=PATIENCE, **options):
    """What a command prints."""
    done = subprocess.run(
        [str(part) for part in command], input=text, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=patience, encoding="utf-8", errors="replace", **options,
    )
    return done.stdout


def build(command):
    run(command, patience=BUILD_PATIENCE)


def first_number(text):
    found = re.search(r"\d+(\.\d+)+", text or "")
    return found.group(0) if found else ""


def parts(version):
    return tuple(map(int, version.split(".")))


def free_port():
    """None of those that the kernel gives to connections, one of which might be quicker than the
    server that is to have it."""
    first_of_connections = int(PORT_RANGE.read_text().split()[0])
    while True:
        port = random.randrange(LEAST_PORT, max(first_of_connections, LEAST_PORT + 1000))
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


class Running:
    """A program that runs for as long as the block."""

    def __init__(self, command, folder, port=None):
        self.log = open(folder / "log", "w+", encoding="utf-8", errors="replace")
        self.process = subprocess.Popen(
            [str(part) for part in command], cwd=folder, stdin=subprocess.PIPE, stdout=self.log,
            stderr=subprocess.STDOUT, encoding="utf-8",
        )
        self.port = port

    def __enter__(self):
        if self.port:
            self.wait(lambda: listens(self.port))
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.log.close()

    def output(self):
        self.log.seek(0)
        return self.log.read()

    def wait(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition() and self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)

    def type(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()


def listens(port):
    """Without a connection, which the server would take for a client."""
    wanted = f":{port:04X} "
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in pathlib.Path(table).read_text().splitlines():
            if wanted in " ".join(line.split()[1:2]) + " " and line.split()[3] == "0A":
                return True
    return False


class OpenSsl:
    name = "OpenSSL"
    program = "openssl"

    def version(self):
        return first_number(run(["openssl", "version"]))

    def client(self, case, port, files):
        command = ["openssl", "s_client", "-connect", f"localhost:{port}", "-servername", "localhost",
                   "-CAfile", files["ca.crt"], "-verify_return_error", "-verify_hostname",
                   "localhost", "-tls1_3"]
        if case == "retried":
            command += ["-groups", "X448:P-256"]
        if case == "client-certificate":
            command += ["-cert", files["anna.crt"], "-key", files["anna.key"]]
        if case == "resumed":
            run([*command, "-quiet", "-sess_out", files["openssl.session"]], LAST)
            command += ["-sess_in", files["openssl.session"]]
        if case != "key-update":
            return run([*command, "-quiet"], LAST)
        with Running(command, files.folder) as client:
            client.type(UPDATE)
            client.wait(lambda: "\nTLS_" in client.output())
            client.type("K\n")
            client.wait(lambda: "KEYUPDATE" in client.output())
            client.type(LAST)
            client.wait(lambda: False)
            return client.output()

    def server(self, case, port, files):
        command = ["openssl", "s_server", "-accept", port, "-cert", files["server.crt"], "-key",
                   files["server.key"], "-CAfile", files["ca.crt"], "-rev", "-tls1_3"]
        if case == "retried":
            command += ["-groups", "P-384"]
        if case == "client-certificate":
            command += ["-Verify", "2", "-verify_return_error"]
        return command


class GnuTls:
    name = "GnuTLS"
    program = "gnutls-cli"

    def version(self):
        return first_number(run(["gnutls-cli", "--version"]))

    def client(self, case, port, files):
        command = ["gnutls-cli", "--port", port, "--x509cafile", files["ca.crt"], "localhost"]
        priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3"
        if case == "retried":
            priority += ":-GROUP-ALL:+GROUP-FFDHE2048:+GROUP-SECP256R1"
            command += ["--single-key-share"]
        if case == "client-certificate":
            command += ["--x509certfile", files["anna.crt"], "--x509keyfile", files["anna.key"]]
        if case == "resumed":
            command += ["--resume", "--waitresumption"]
        command += ["--priority", priority]
        if case != "key-update":
            return run(command, LAST)
        with Running([*command, "--inline-commands"], files.folder) as client:
            client.type(UPDATE)
            client.wait(lambda: "\nTLS_" in client.output())
            client.type("^rekey^\n")
            client.type(LAST)
            client.wait(lambda: False)
            return client.output()

    def server(self, case, port, files):
        if not shutil.which("gnutls-serv"):
            raise CannotDo
        priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3"
        command = ["gnutls-serv", "--port", port, "--x509certfile", files["server.crt"],
                   "--x509keyfile", files["server.key"], "--echo"]
        if case == "retried":
            priority += ":-GROUP-ALL:+GROUP-SECP384R1"
        if case == "client-certificate":
            command += ["--x509cafile", files["ca.crt"], "--require-client-cert",
                        "--verify-client-cert"]
        return [*command, "--priority", priority]


class Nss:
    name = "NSS"
    program = "tstclnt"

    def version(self):
        return first_number(run(["dpkg-query", "-W", "-f", "${Version}", "libnss3-tools"])[2:])

    @functools.cache
    def database(self, files):
        folder = files.folder / "nss"
        folder.mkdir()
        where = ["-d", f"sql:{folder}"]
        run(["certutil", "-N", "--empty-password", *where])
        run(["certutil", "-A", *where, "-n", "ca", "-t", "CT,C,", "-i", files["ca.crt"]])
        for name in ("server", "anna"):
            run(["pk12util", "-i", files[f"{name}.p12"], *where, "-W", "changeit", "-K", ""])
        return where

    def client(self, case, port, files):
        command = ["tstclnt", "-h", "localhost", "-p", port, *self.database(files), "-V",
                   "tls1.3:tls1.3", "-A", self.request(case, files)]
        if case == "retried":
            command += ["-I", "P521,P256"]
        if case == "client-certificate":
            command += ["-n", "anna"]
        if case == "resumed":
            command += ["-u", "-L", "2"]
        return run(command)

    def request(self, case, files):
        path = files.folder / "request"
        path.write_text(UPDATE + LAST if case == "key-update" else LAST, newline="")
        return path

    def server(self, case, port, files):
        command = ["selfserv", "-p", port, *self.database(files), "-e", "server", "-V",
                   "tls1.3:tls1.3", "-u"]
        if case == "retried":
            command += ["-I", "P384"]
        if case == "client-certificate":
            command += ["-r", "-r"]
        return command


class Curl:
    name = "curl"
    program = "curl"

    def version(self):
        return first_number(run(["curl", "--version"]))

    def client(self, case, port, files):
        page = f"https://localhost:{port}/"
        command = ["curl", "--silent", "--show-error", "--tlsv1.3", "--cacert", files["ca.crt"]]
        if case == "retried":
            command += ["--curves", "X448:P-256"]
        if case == "client-certificate":
            command += ["--cert", files["anna.crt"], "--key", files["anna.key"]]
        if case == "resumed":
            command += ["--header", "Connection: close", page]
        if case == "key-update":
            command += [page + "keyupdate"]
        return run([*command, page])

    def server(self, case, port, files):
        raise CannotDo


class Botan:
    name = "Botan"

    @property
    def program(self):
        return "botan" if shutil.which("botan") and parts(self.version()) >= (3,) else "botan 3"

    def version(self):
        return first_number(run(["botan", "version"]))

    def policy(self, case, files, groups):
        path = files.folder / "botan.policy"
        path.write_text("allow_tls12 = false\nallow_tls13 = true\n" +
                        (groups if case == "retried" else ""))
        return ["--policy=" + str(path)]

    def client(self, case, port, files):
        # Its program has no command for a key update, and shows a certificate only to servers that
        # name its issuer.
        if case in ("key-update", "client-certificate"):
            raise CannotDo
        command = ["botan", "tls_client", "localhost", f"--port={port}", "--skip-system-cert-store",
                   "--trusted-cas=" + files["ca.crt"],
                   *self.policy(case, files, "key_exchange_groups = secp521r1 secp256r1\n"
                                             "key_exchange_groups_to_offer = secp521r1\n")]
        if case == "resumed":
            command += ["--session-db=" + files["botan.sessions"], "--session-db-pass=x"]
            self.ask(command, files)
        return self.ask(command, files)

    def ask(self, command, files):
        with Running(command, files.folder) as client:
            client.type(LAST)
            client.wait(lambda: "close_notify" in client.output())
            return client.output().replace("\r", "")

    def server(self, case, port, files):
        if case == "client-certificate":
            raise CannotDo
        return ["botan", "tls_server", *files.pem("server"), f"--port={port}",
                *self.policy(case, files, "key_exchange_groups = secp384r1\n")]


class Program:
    """A peer written for this: `client PORT CASE CA [CERT KEY]`, `server PORT CASE CA CERT KEY`."""

    client_cannot = ()
    server_cannot = ()

    def client(self, case, port, files):
        if case in self.client_cannot:
            raise CannotDo
        identity = self.identity(files, "anna") if case == "client-certificate" else []
        return run([*self.command(files), "client", port, case, files["ca.crt"], *identity])

    def server(self, case, port, files):
        if case in self.server_cannot:
            raise CannotDo
        return [*self.command(files), "server", port, case, files["ca.crt"],
                *self.identity(files, "server")]

    def identity(self, files, name):
        return files.pem(name)


class Python(Program):
    name = "Python ssl"
    program = "python3"
    client_cannot = ("retried",)

    def version(self):
        return first_number(run(["/usr/bin/python3", "--version"]))

    def command(self, files):
        return ["/usr/bin/python3", "-B", HERE / "peer.py"]


class Node(Program):
    name = "Node.js tls"
    program = "node"

    def version(self):
        return first_number(run(["node", "--version"]))

    def command(self, files):
        return ["node", HERE / "peer.mjs"]


class Go(Program):
    name = "Go crypto/tls"
    program = "go"

    @property
    def client_cannot(self):
        # Newer ones choose by themselves for which group they send a share.
        return () if parts(self.version()) < (1, 24) else ("retried",)

    def version(self):
        return first_number(run(["go", "version"]))

    @functools.cache
    def command(self, files):
        build(["go", "build", "-o", files["go_peer"], HERE / "peer.go"])
        return [files["go_peer"]]


class Java(Program):
    name = "Java JSSE"
    program = "javac"

    def version(self):
        return first_number(run(["java", "--version"]))

    @functools.cache
    def command(self, files):
        build(["javac", "-d", files.folder, HERE / "Peer.java"])
        return ["java", "-cp", files.folder, "Peer"]

    def identity(self, files, name):
        return [files[f"{name}.p12"]]


class WolfSsl(Program):
    name = "wolfSSL"
    # Its second ClientHello has the extensions of the first in another order, which RFC 9846
    # section 4.2.2 does not allow and our server refuses.
    client_cannot = ("retried",)

    @property
    def program(self):
        return "cc" if pathlib.Path("/usr/include/wolfssl/ssl.h").exists() else "wolfssl"

    def version(self):
        header = pathlib.Path("/usr/include/wolfssl/version.h").read_text()
        return re.search(r'LIBWOLFSSL_VERSION_STRING "(.*)"', header).group(1)

    @functools.cache
    def command(self, files):
        build(["cc", "-o", files["wolfssl_peer"], HERE / "wolfssl_peer.c", "-lwolfssl"])
        return [files["wolfssl_peer"]]


class MbedTls(Program):
    name = "Mbed TLS"
    header = pathlib.Path("/usr/include/mbedtls/build_info.h")
    # It knows no KeyUpdate.
    client_cannot = ("key-update",)
    server_cannot = ("key-update",)

    @property
    def program(self):
        # Older ones have no TLS 1.3.
        return "cc" if self.header.exists() and parts(self.version()) >= (3, 6) else "mbedtls 3.6"

    def version(self):
        return re.search(r'MBEDTLS_VERSION_STRING +"(.*)"', self.header.read_text()).group(1)

    @functools.cache
    def command(self, files):
        build(["cc", "-o", files["mbedtls_peer"], HERE / "mbedtls_peer.c", "-lmbedtls",
               "-lmbedx509", "-lmbedcrypto"])
        return [files["mbedtls_peer"]]


PEERS = [OpenSsl(), GnuTls(), Nss(), WolfSsl(), MbedTls(), Botan(), Go(), Java(), Node(), Python(),
         Curl()]


class Matrix:
    def __init__(self, binaries, files):
        self.binaries = binaries
        self.files = files
        self.failures = []

    def against_our_server(self, peer, case):
        port = free_port()
        command = [self.binaries / "https_server", port, *self.files.pem("server"), "--tickets"]
        if case == "client-certificate":
            command += ["--client-ca", self.files["ca.crt"]]
        folder = self.files.folder / "ours"
        folder.mkdir(exist_ok=True)
        with Running(command, folder, port):
            said = peer.client(case, port, self.files)
        return said, CASES[case][1]

    def against_our_client(self, peer, case):
        port = free_port()
        command = peer.server(case, port, self.files)
        with Running(command, self.files.folder, port) as server:
            said = run([self.binaries / "interop_client", port, case, self.files["ca.crt"],
                        *self.files.pem("anna")[: 2 if case == "client-certificate" else 0]])
            return said + "\n" + server.output(), CASES[case][0]

    def cell(self, attempt, peer, case):
        try:
            said, wanted = attempt(peer, case)
        except CannotDo:
            return "–"
        except (subprocess.TimeoutExpired, OSError) as error:
            said, wanted = str(error), "(?!)"
        if re.search(wanted, said, re.MULTILINE):
            return "yes"
        self.failures.append(f"{peer.name}, {case}, {attempt.__name__}:\n{said}")
        return "NO"


def print_table(rows, markdown):
    if markdown:
        rows = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
        for row in rows:
            print("| " + " | ".join(row) + " |")
        return
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, default=HERE.parents[1] / "build/dev/bin")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("peers", nargs="*", metavar="PEER", help="names of programs, e.g. openssl")
    options = parser.parse_args()
    rows = [["peer", "as", *CASES]]
    skipped = []
    with tempfile.TemporaryDirectory(prefix="heliograph-interop-") as folder:
        binaries = options.bin.resolve()
        matrix = Matrix(binaries, Files(pathlib.Path(folder), binaries / "heliograph"))
        for peer in PEERS:
            if options.peers and not {peer.program, peer.name} & set(options.peers):
                continue
            if not shutil.which(peer.program):
                skipped.append(peer.name)
                continue
            for role, attempt in (("client", matrix.against_our_server),
                                  ("server", matrix.against_our_client)):
                cells = [matrix.cell(attempt, peer, case) for case in CASES]
                if set(cells) != {"–"}:
                    rows.append([f"{peer.name} {peer.version()}", role, *cells])
    print_table(rows, options.markdown)
    if skipped:
        print("\nnot installed: " + ", ".join(skipped))
    for failure in matrix.failures:
        print("\n" + failure, file=sys.stderr)
    return 1 if matrix.failures or len(rows) == 1 else 0


if __name__ == "__main__":
    sys.exit(main())
