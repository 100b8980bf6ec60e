// Somebody between the pages and the server, with a certificate of their own: reads and changes
// what is said, holds it back, cuts the line. Also what a network does that fails.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import WebSocket, { WebSocketServer } from "ws";

import { heliograph } from "./heliograph.mjs";

async function makeCertificate() {
  const folder = await mkdtemp(join(tmpdir(), "heliograph-middle-"));
  const run = (...words) => promisify(execFile)(heliograph, ["cert", ...words], { cwd: folder });
  await run("ca");
  await run("server", "localhost");
  const [cert, key] = await Promise.all(
    ["server.crt", "server.key"].map((name) => readFile(join(folder, name))),
  );
  await rm(folder, { recursive: true });
  return { cert, key };
}

class Middle {
  // What becomes of a message, of a user ("up") or of the server ("down"): a list of messages in
  // its place, or a promise of one.
  change = (message) => [message];
  // Messages, as {direction, message}, in their order.
  heard = [];
  lines = new Set();
  isCut = false;
  held;
  queue = Promise.resolve();

  constructor(server) {
    this.server = server;
  }

  async listen() {
    const rest = createServer(await makeCertificate(), (asked, answer) => this.fetch(asked, answer));
    const sockets = new WebSocketServer({ server: rest, handleProtocols: ([first]) => first });
    sockets.on("connection", (socket) => this.join(socket));
    rest.on("connection", (socket) => {
      if (this.isCut) socket.destroy();
    });
    rest.listen(0, "127.0.0.1");
    await once(rest, "listening");
    this.rest = rest;
    this.origin = `https://localhost:${rest.address().port}`;
  }

  fetch({ url, method, headers }, answer) {
    const onward = request(this.server.origin + url, { method, headers, rejectUnauthorized: false });
    onward.on("response", (response) => {
      answer.writeHead(response.statusCode, response.headers);
      response.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    onward.end();
  }

  join(page) {
    const server = new WebSocket(this.server.origin.replace("https", "wss"), page.protocol, {
      rejectUnauthorized: false,
    });
    const line = { page, server };
    this.lines.add(line);
    const opened = once(server, "open").catch(() => page.terminate());
    page.on("message", async (data) => {
      await opened;
      this.pass("up", data, server);
    });
    server.on("message", (data) => this.pass("down", data, page));
    for (const [end, other] of [[page, server], [server, page]]) {
      end.on("error", () => other.terminate());
      end.on("close", (code) => {
        this.lines.delete(line);
        if (code === 1006) other.terminate();
        else other.close(...(code === 1005 ? [] : [code]));
      });
    }
  }

  pass(direction, data, to) {
    const message = JSON.parse(data);
    this.heard.push({ direction, message });
    const send = async () => {
      for (const said of await this.change(message, direction)) {
        if (to.readyState === WebSocket.OPEN) to.send(JSON.stringify(said));
      }
    };
    if (this.held) this.held.push({ to, send });
    else this.queue = this.queue.then(send);
  }

  // Whatever is said from now on waits for release(), which lets those go first who have spoken
  // first, or the last of them.
  hold() {
    this.held = [];
  }

  release(lastFirst = false) {
    const tos = [...new Set(this.held.map(({ to }) => to))];
    if (lastFirst) tos.reverse();
    for (const to of tos) {
      for (const { send } of this.held.filter((held) => held.to === to)) {
        this.queue = this.queue.then(send);
      }
    }
    this.held = undefined;
  }

  count(direction, type) {
    const counts = (one) => one.direction === direction && one.message.type === type;
    return this.heard.filter(counts).length;
  }

  // Every line breaks, and no new one is made, until restore().
  cut() {
    this.isCut = true;
    for (const { page, server } of this.lines) {
      page.terminate();
      server.terminate();
    }
  }

  restore() {
    this.isCut = false;
  }

  stop() {
    this.cut();
    this.rest.closeAllConnections();
    this.rest.close();
  }
}

export async function startMiddle(server) {
  const middle = new Middle(server);
  await middle.listen();
  return middle;
}
