// Bun with its own server. See options.mjs for its command line.
import { RedisClient } from "bun";

import { readOptions } from "./options.mjs";
import { Signaling } from "./signaling.mjs";

const { mode, port, tls, redisPort } = readOptions(process.argv.slice(2));

function handlers() {
  if (mode === "echo") return { message: (socket, data) => void socket.send(data) };
  const redis = new RedisClient(`redis://127.0.0.1:${redisPort}`);
  const signaling = new Signaling((name) => redis.get(name));
  return {
    open: (socket) => void (socket.data.session = signaling.open(socket)),
    message: (socket, data) => signaling.message(socket.data.session, data),
    close: (socket) => signaling.close(socket.data.session),
  };
}

Bun.serve({
  hostname: "127.0.0.1",
  port,
  tls: tls ?? undefined,
  websocket: { perMessageDeflate: false, ...handlers() },
  fetch(request, server) {
    if (!server.upgrade(request, { data: {} })) return new Response("OK");
  },
});
