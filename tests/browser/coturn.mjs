// The TURN server of the distribution, on this machine alone.
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { until } from "./browsers.mjs";

const kSecret = "north";

// A port that is free for TCP and UDP.
async function freePort() {
  const tcp = createServer().listen(0, "127.0.0.1");
  await once(tcp, "listening");
  const { port } = tcp.address();
  const udp = createSocket("udp4").bind(port, "127.0.0.1");
  await once(udp, "listening");
  tcp.close();
  udp.close();
  return port;
}

const listens = (port) =>
  new Promise((resolve) => {
    const probe = connect(port, "127.0.0.1");
    probe.on("connect", () => resolve(true)).on("error", () => resolve(false));
    probe.on("connect", () => probe.destroy());
  });

class Coturn {
  async start() {
    this.process = spawn(
      "turnserver",
      ["-n", "-L", "127.0.0.1", "-E", "127.0.0.1", "-p", `${this.port}`, "--no-tls", "--no-dtls",
        "--no-cli", "--allow-loopback-peers", "-r", "heliograph", "--use-auth-secret",
        `--static-auth-secret=${kSecret}`, "--pidfile", "turn.pid", "--userdb", "turn.db",
        "--log-file", "stdout"],
      { cwd: this.folder, stdio: "ignore" },
    );
    this.exited = once(this.process, "exit");
    await until("turnserver listens", () => listens(this.port));
  }

  async end() {
    this.process.kill("SIGKILL");
    await this.exited;
  }

  async stop() {
    await this.end();
    await rm(this.folder, { recursive: true });
  }
}

// `options` tell heliograph of it.
export async function startCoturn() {
  const coturn = new Coturn();
  coturn.folder = await mkdtemp(join(tmpdir(), "heliograph-turn-"));
  coturn.port = await freePort();
  const secret = join(coturn.folder, "secret");
  await writeFile(secret, `${kSecret}\n`, { mode: 0o600 });
  coturn.options = [
    "--ice-server", `turn:127.0.0.1:${coturn.port}?transport=udp`, "--turn-secret-file", secret,
  ];
  await coturn.start();
  return coturn;
}
