// Node.js with `ws`. See options.mjs for its command line.
import http from "node:http";
import https from "node:https";
import { WebSocketServer } from "ws";

import { readOptions } from "./options.mjs";
import { Signaling } from "./signaling.mjs";
import { passwords } from "./users.mjs";

const { mode, port, tls, redisPort } = readOptions(process.argv.slice(2));
const serve = (request, response) => response.end("OK");
const server = tls ? https.createServer(tls, serve) : http.createServer(serve);
const webSockets = new WebSocketServer({ server, perMessageDeflate: false });

if (mode === "echo") {
  webSockets.on("connection", (socket) => {
    socket.on("message", (data, binary) => socket.send(data, { binary }));
  });
} else {
  const signaling = new Signaling(passwords(redisPort));
  webSockets.on("connection", (socket) => {
    const session = signaling.open(socket);
    socket.on("message", (data) => signaling.message(session, data));
    socket.on("close", () => signaling.close(session));
  });
}
server.listen(port, "127.0.0.1");
