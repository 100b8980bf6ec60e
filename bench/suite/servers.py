"""Servers that are measured: how each is started, pinned to one core, on a free port of the loopback."""

import dataclasses
import os
import pathlib
import random
import resource
import shutil
import socket
import subprocess
import time
from collections.abc import Callable

PEERS = pathlib.Path(__file__).resolve().parent.parent / "peers"
BUN = PEERS / "node_modules/@oven/bun-linux-x64/bin/bun"
DENO = PEERS / "node_modules/@deno/linux-x64-glibc/deno"
PORT_RANGE = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")
# Seconds until a server that does not come up counts as broken.
PATIENCE = 20
# Rates and numbers that no load here reaches.
UNLIMITED = ["--max-connections", "1000000", "--max-connections-per-address", "1000000",
             "--max-handshakes", "100000", "--max-handshakes-per-address", "100000",
             "--message-rate", "1000000", "--byte-rate", "1000000000"]


@dataclasses.dataclass(frozen=True)
class Site:
    """What all servers share."""

    bin: pathlib.Path
    folder: pathlib.Path
    redis_port: int = 0

    @property
    def certificate(self):
        return str(self.folder / "server.crt")

    @property
    def key(self):
        return str(self.folder / "server.key")


@dataclasses.dataclass(frozen=True)
class Server:
    """`needs` and `hint`: a file without which it is left out, and how to get it."""

    name: str
    command: Callable[[Site, int], list]
    needs: Callable[[Site], object] = lambda site: True
    hint: str = ""
    version: Callable[[Site], str] = lambda site: ""
    plain: bool = False


def npm(name):
    return lambda site: (PEERS / "node_modules" / name / "package.json").exists()


def first_line(*command):
    def ask(site):
        words = [str(word(site) if callable(word) else word) for word in command]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        return ((done.stdout + done.stderr).strip().splitlines() or ["?"])[0]
    return ask


def debian(package):
    return first_line("dpkg-query", "-W", "-f", "${Package} ${Version}", package)


def serve(*options):
    def command(site, port):
        return [site.bin / "heliograph", "serve", "--listen", f"127.0.0.1:{port}",
                "--cert", site.certificate, "--key", site.key,
                "--redis", f"redis://127.0.0.1:{site.redis_port}", "--log-level", "error", *options]
    return command


def script(runtime, file, mode, certificate=True):
    def command(site, port):
        files = [site.certificate, site.key] if certificate else ["-", "-"]
        return [*runtime, PEERS / file, mode, port, *files, site.redis_port]
    return command


def native(program, certificate=True):
    def command(site, port):
        files = [site.certificate, site.key] if certificate else ["-", "-"]
        return [site.bin / program, port, *files]
    return command


def own_echo(*options):
    return lambda site, port: [site.bin / "ws_echo_server", "--port", port, *options,
                               *(["--cert", site.certificate, "--key", site.key] if options else [])]


NGINX_CONF = """daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 20000; }}
http {{
  access_log off;
  client_body_temp_path {folder}/nginx;
  proxy_temp_path {folder}/nginx;
  fastcgi_temp_path {folder}/nginx;
  uwsgi_temp_path {folder}/nginx;
  scgi_temp_path {folder}/nginx;
  server {{
    listen 127.0.0.1:{port} ssl backlog=4096;
    ssl_certificate {site.certificate};
    ssl_certificate_key {site.key};
    ssl_protocols TLSv1.2 TLSv1.3;
    return 200 "OK";
  }}
}}
"""


def nginx(site, port):
    file = site.folder / f"nginx-{port}.conf"
    file.write_text(NGINX_CONF.format(folder=site.folder, port=port, site=site))
    return ["nginx", "-e", "stderr", "-c", file]


NPM_HINT = "script/bootstrap --bench"
APT_HINT = "script/bootstrap --bench"
DENO_RUN = [DENO, "run", "--allow-all", "--no-prompt"]

NODE = {"needs": npm("ws"), "hint": NPM_HINT,
        "version": lambda site: f"Node.js {first_line('node', '--version')(site)} with ws "
        + first_line("node", "-p", f"require('{PEERS}/node_modules/ws/package.json').version")(site)}
BUN_INFO = {"needs": lambda site: BUN.exists(), "hint": NPM_HINT,
            "version": lambda site: "Bun " + first_line(BUN, "--version")(site)}
DENO_INFO = {"needs": lambda site: DENO.exists(), "hint": NPM_HINT,
             "version": lambda site: first_line(DENO, "--version")(site)}


def built(program, hint, version):
    return {"needs": lambda site: (site.bin / program).exists(), "hint": hint, "version": version}


BEAST = built("peer_beast_echo", APT_HINT, debian("libboost1.74-dev"))
LWS = built("peer_lws_echo", APT_HINT, debian("libwebsockets-dev"))
EPOLL = built("peer_epoll_echo", "", debian("libssl3"))
OURS_VERSION = {"version": first_line(lambda site: site.bin / "heliograph", "--version")}

ECHO = [
    Server("heliograph", own_echo("--tls"), **OURS_VERSION),
    Server("Bun", script([BUN], "bun.mjs", "echo"), **BUN_INFO),
    Server("epoll + libssl", native("peer_epoll_echo"), **EPOLL),
    Server("libwebsockets", native("peer_lws_echo"), **LWS),
    Server("Beast", native("peer_beast_echo"), **BEAST),
    Server("Node ws", script(["node"], "node_ws.mjs", "echo"), **NODE),
    Server("Deno", script(DENO_RUN, "deno.mjs", "echo"), **DENO_INFO),
]
PLAIN_ECHO = [
    Server("heliograph", own_echo(), plain=True, **OURS_VERSION),
    Server("Bun", script([BUN], "bun.mjs", "echo", False), plain=True, **BUN_INFO),
    Server("epoll + libssl", native("peer_epoll_echo", False), plain=True, **EPOLL),
    Server("libwebsockets", native("peer_lws_echo", False), plain=True, **LWS),
    Server("Beast", native("peer_beast_echo", False), plain=True, **BEAST),
    Server("Node ws", script(["node"], "node_ws.mjs", "echo", False), plain=True, **NODE),
    Server("Deno", script(DENO_RUN, "deno.mjs", "echo", False), plain=True, **DENO_INFO),
]
OURS = Server("heliograph", serve(*UNLIMITED), **OURS_VERSION)
SIGNALING = [
    OURS,
    Server("Bun", script([BUN], "bun.mjs", "signaling"), **BUN_INFO),
    Server("Node ws", script(["node"], "node_ws.mjs", "signaling"), **NODE),
    Server("Deno", script(DENO_RUN, "deno.mjs", "signaling"), **DENO_INFO),
    Server("the tutorial's", script(["node"], "tutorial.mjs", "signaling"), **NODE),
]
HANDSHAKE = [
    OURS,
    Server("nginx", nginx, needs=lambda site: shutil.which("nginx"), hint=APT_HINT,
           version=first_line("nginx", "-v")),
    *ECHO[1:],
]
WITH_LIMITS = Server("heliograph", serve(), **OURS_VERSION)
TWO_WORKERS = Server("two workers", serve("--workers", "2", *UNLIMITED), **OURS_VERSION)
ONE_WORKER = Server("one worker", serve(*UNLIMITED), **OURS_VERSION)


def connections_at_most(wanted):
    """What the limit of open files leaves of it, of which each connection is one, at both ends."""
    others = 200
    return min(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - others)


def free_port():
    """Not one of those that the many connections of a load take for themselves."""
    first_of_connections = int(PORT_RANGE.read_text().split()[0])
    while True:
        port = random.randrange(10_000, max(first_of_connections, 11_000))
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def wait_for(port, process, name):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{name} does not listen")


class Running:
    """A process that listens, until stop()."""

    def __init__(self, name, command, port, cores, log):
        self.port = port
        words = [str(word) for word in command]
        if cores is not None:
            words = ["taskset", "-c", cores, *words]
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL,
                                            stdout=subprocess.DEVNULL, stderr=errors,
                                            cwd=pathlib.Path(log).parent, env=environment())
        try:
            wait_for(port, self.process, f"{name} (see {log})")
        except RuntimeError:
            self.stop()
            raise

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


def environment():
    """Without what would configure our server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HELIOGRAPH")}
