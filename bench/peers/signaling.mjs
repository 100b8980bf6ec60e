// The tutorial's protocol for any runtime: tell it of sockets that have a send(), and of what they
// say. Only what a benchmark needs of it: logins, offers, answers, candidates and leaves.

const greeting = "Hello from server";

export class Signaling {
  #sockets = new Map(); // by name
  #passwordOf;

  // `passwordOf(name)` promises the password of a user, or null.
  constructor(passwordOf) {
    this.#passwordOf = passwordOf;
  }

  // Returns what message() and close() need to know.
  open(socket) {
    socket.send(greeting);
    return { socket, name: null, other: null, gone: false };
  }

  message(session, text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      message = {};
    }
    if (message?.type === "login") return void this.#login(session, message);
    if (session.name === null) {
      return answer(session, { type: "error", message: "You are not authenticated" });
    }
    switch (message?.type) {
      case "offer":
        session.other = message.name;
        return this.#tell(message.name, { type: "offer", offer: message.offer, name: session.name });
      case "answer":
        session.other = message.name;
        return this.#tell(message.name, { type: "answer", answer: message.answer });
      case "candidate":
        return this.#tell(message.name, { type: "candidate", candidate: message.candidate });
      case "leave":
        return this.#tell(message.name, { type: "leave" });
      default:
        return answer(session, { type: "error", message: "Command no found: " + message?.type });
    }
  }

  close(session) {
    session.gone = true;
    if (session.name === null) return;
    this.#sockets.delete(session.name);
    if (session.other !== null) this.#tell(session.other, { type: "leave" });
  }

  async #login(session, { name, password }) {
    const known = await this.#passwordOf(name);
    if (session.gone) return;
    const success = known !== null && known === password && !this.#sockets.has(name);
    if (success) {
      this.#sockets.set(name, session.socket);
      session.name = name;
    }
    answer(session, { type: "login", success });
  }

  #tell(name, message) {
    this.#sockets.get(name)?.send(JSON.stringify(message));
  }
}

function answer(session, message) {
  session.socket.send(JSON.stringify(message));
}
