// Starts a `heliograph serve` of its own for a test, on a free port.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const heliograph =
  process.env.HELIOGRAPH ??
  fileURLToPath(new URL("../../build/dev/bin/heliograph", import.meta.url));

class Demo {
  log = [];

  // `admin` is the URL of the admin endpoint, if the options ask for one.
  async start(port = 0) {
    this.server = spawn(
      heliograph,
      ["serve", "--demo", "--listen", `127.0.0.1:${port}`, ...this.options],
      {
        cwd: this.state,
        env: { ...process.env, HOME: this.state, XDG_STATE_HOME: this.state },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    createInterface({ input: this.server.stderr }).on("line", (line) => this.log.push(line));
    this.exited = once(this.server, "exit");
    for await (const line of createInterface({ input: this.server.stdout })) {
      this.admin ??= line.match(/^admin endpoint at (\S+)$/)?.[1];
      this.port = line.match(/^listening on wss:\/\/.*:(\d+)\/?$/)?.[1];
      if (this.port === undefined) continue;
      this.server.stdout.resume();
      this.origin = `https://localhost:${this.port}`;
      return;
    }
    const { code } = await this.stop();
    throw new Error(`the server ended with ${code} before it listened:\n${this.log.join("\n")}`);
  }

  async end(signal) {
    this.server.kill(signal);
    const [code] = await this.exited;
    return code;
  }

  async stop() {
    const code = await this.end("SIGTERM");
    await rm(this.state, { recursive: true, force: true });
    return { code, log: this.log };
  }
}

// Resolves when the server accepts connections at its `origin`, "https://localhost:PORT".
export async function startDemo(...options) {
  const demo = new Demo();
  demo.options = options;
  demo.state = await mkdtemp(join(tmpdir(), "heliograph-"));
  await demo.start();
  return demo;
}
