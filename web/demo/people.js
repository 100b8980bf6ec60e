// Who is here: the members of one room, and those among the demo's users who are online elsewhere.
import { element, get, icon, showInitial } from "./page.js";

export const ROOM = "lobby";
export const DEMO_USERS = ["user1", "user2"];

export class People {
  #own = "";
  #members = new Set();
  #online = new Set();
  #onCall;

  /** @param {(name: string, kind: "video" | "text") => void} onCall */
  constructor(onCall) {
    this.#onCall = onCall;
  }

  /** @param {import("./heliograph-client.js").HeliographClient} client */
  listen(client) {
    const heard = (type, change) =>
      client.addEventListener(type, ({ detail }) => {
        if (detail.room !== undefined && detail.room !== ROOM) return;
        change(detail);
        this.#draw();
      });
    heard("room", ({ members }) => (this.#members = new Set(members)));
    heard("joined", ({ name }) => this.#members.add(name));
    heard("left", ({ name }) => this.#members.delete(name));
    heard("presence", ({ name, online }) => this.#online[online ? "add" : "delete"](name));
  }

  /** @param {string} own name */
  begin(own) {
    this.#own = own;
    this.#members.clear();
    this.#online.clear();
    const other = DEMO_USERS.find((name) => name !== own);
    get("other-demo-user").textContent = DEMO_USERS.includes(own) ? other : "another user";
    this.#draw();
  }

  #draw() {
    const names = [...new Set([...this.#members, ...this.#online])];
    names.splice(0, names.length, ...names.filter((name) => name !== this.#own).sort());
    const list = get("people");
    const kept = new Map([...list.children].map((row) => [row.dataset.name, row]));
    for (const [name, row] of kept) if (!names.includes(name)) row.remove();
    // Rows stay the same, so that the focus does.
    names.forEach((name, i) => {
      const row = kept.get(name) ?? this.#row(name);
      if (list.children[i] !== row) list.insertBefore(row, list.children[i] ?? null);
    });
    get("people-empty").hidden = names.length > 0;
  }

  #row(name) {
    const avatar = element("span", { class: "avatar", "aria-hidden": "true" });
    showInitial(avatar, name);
    const chat = element("button", { type: "button", "aria-label": `Chat with ${name}` }, icon("chat"));
    const call = element("button", { type: "button", class: "primary", "aria-label": `Call ${name}` },
                         icon("phone"), "Call");
    chat.addEventListener("click", () => this.#onCall(name, "text"));
    call.addEventListener("click", () => this.#onCall(name, "video"));
    return element("li", { "data-name": name }, avatar, element("span", { class: "name", text: name }),
                   chat, call);
  }
}
