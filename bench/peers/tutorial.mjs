// A server that does what the tutorial's does, step for step, with its libraries: `ws`, and `redis`
// with callbacks. It logs what that logs. See options.mjs for its command line.
import https from "node:https";
import redis from "redis";
import { WebSocketServer } from "ws";

import { readOptions } from "./options.mjs";

const { port, tls, redisPort } = readOptions(process.argv.slice(2));
const sockets = {};
const database = redis.createClient({ port: redisPort });

const tell = (socket, message) => socket.send(JSON.stringify(message));

function forward(name, message) {
  const addressee = sockets[name];
  if (addressee != null) tell(addressee, message);
  return addressee;
}

const commands = {
  login(socket, { name, password }) {
    console.log("User logged:", name);
    database.get(name, (error, known) => {
      const success = known === password && !sockets[name];
      if (success) {
        sockets[name] = socket;
        socket.userName = name;
        socket.loggedIn = true;
      }
      tell(socket, { type: "login", success });
    });
  },
  offer(socket, { name, offer }) {
    console.log("Sending offer to:", name);
    if (forward(name, { type: "offer", offer, name: socket.userName })) socket.otherName = name;
  },
  answer(socket, { name, answer }) {
    console.log("Sending answer to:", name);
    if (forward(name, { type: "answer", answer })) socket.otherName = name;
  },
  candidate(socket, { name, candidate }) {
    console.log("Sending candidate to:", name);
    forward(name, { type: "candidate", candidate });
  },
  leave(socket, { name }) {
    console.log("Disconnecting from", name);
    const addressee = forward(name, { type: "leave" });
    if (addressee) addressee.otherName = null;
  },
};

const server = https.createServer(tls, (request, response) => response.end("OK"));
new WebSocketServer({ server }).on("connection", (socket) => {
  console.log("user connected");
  socket.on("message", (text) => {
    let message = {};
    try {
      message = JSON.parse(text);
    } catch {
      console.log("Invalid JSON");
    }
    if (message.type !== "login" && !socket.loggedIn) {
      return tell(socket, { type: "error", message: "You are not authenticated" });
    }
    const command = commands[message.type];
    if (command) return command(socket, message);
    tell(socket, { type: "error", message: "Command no found: " + message.type });
  });
  socket.on("close", () => {
    if (socket.userName) delete sockets[socket.userName];
  });
  socket.send("Hello from server");
});
server.listen(port, "127.0.0.1");
