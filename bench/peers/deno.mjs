// Deno with its own server. See options.mjs for its command line.
import { readOptions } from "./options.mjs";
import { Signaling } from "./signaling.mjs";
import { passwords } from "./users.mjs";

const { mode, port, tls, redisPort } = readOptions(Deno.args);
const signaling = mode === "echo" ? null : new Signaling(passwords(redisPort));

function attach(socket) {
  if (mode === "echo") {
    socket.onmessage = ({ data }) => socket.send(data);
    return;
  }
  let session;
  socket.onopen = () => (session = signaling.open(socket));
  socket.onmessage = ({ data }) => signaling.message(session, data);
  socket.onclose = () => signaling.close(session);
}

const text = (bytes) => new TextDecoder().decode(bytes);
Deno.serve(
  {
    hostname: "127.0.0.1",
    port,
    ...(tls && { cert: text(tls.cert), key: text(tls.key) }),
    onListen() {},
  },
  (request) => {
    if (request.headers.get("upgrade") !== "websocket") return new Response("OK");
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    attach(socket);
    return response;
  },
);
