// Starts a `heliograph serve` of its own for a test, on a free port.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const binary = process.env.HELIOGRAPH ?? "build/dev/bin/heliograph";

// Resolves when the server accepts connections: {origin: "https://localhost:PORT", admin, stop()};
// `admin` is the URL of the admin endpoint, if the options ask for one.
export async function startDemo(...options) {
  const state = await mkdtemp(join(tmpdir(), "heliograph-"));
  const server = spawn(binary, ["serve", "--demo", "--listen", "127.0.0.1:0", ...options], {
    cwd: state,
    env: { ...process.env, HOME: state, XDG_STATE_HOME: state },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = [];
  createInterface({ input: server.stderr }).on("line", (line) => log.push(line));
  const exited = once(server, "exit");

  const stop = async () => {
    server.kill("SIGTERM");
    const [code] = await exited;
    await rm(state, { recursive: true, force: true });
    return { code, log };
  };

  let admin;
  for await (const line of createInterface({ input: server.stdout })) {
    admin ??= line.match(/^admin endpoint at (\S+)$/)?.[1];
    const port = line.match(/^listening on wss:\/\/.*:(\d+)\/?$/)?.[1];
    if (port === undefined) continue;
    server.stdout.resume();
    return { origin: `https://localhost:${port}`, admin, stop };
  }
  const { code } = await stop();
  throw new Error(`the server ended with ${code} before it listened:\n${log.join("\n")}`);
}
