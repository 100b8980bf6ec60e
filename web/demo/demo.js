// The demo: log in, see who is here, call and be called. What a call is made of is in active_call.js,
// how it comes about in heliograph-client.js.
import { ActiveCall } from "./active_call.js";
import { Chat } from "./chat.js";
import { HeliographClient } from "./heliograph-client.js";
import { Incoming } from "./incoming.js";
import { isSecure, sentence } from "./media.js";
import { get, show, shown, tell, toast } from "./page.js";
import { DEMO_USERS, People, ROOM } from "./people.js";
import { Sealer } from "./sealing.js";
import { endSentence, loginSentence, unopened } from "./sentences.js";
import { ServerState } from "./server_state.js";

const client = new HeliographClient(`wss://${location.host}/`);
const serverState = new ServerState();
const people = new People(startCall);
const incoming = new Incoming(answer);

/** @type {ActiveCall | null} */
let current = null;

// The passphrase

/** @type {Sealer | null} */
let sealer = null;
let sealedBy = "";

function currentSealer() {
  const passphrase = get("passphrase").value;
  if (passphrase !== sealedBy) {
    sealedBy = passphrase;
    sealer = passphrase === "" ? null : new Sealer(passphrase);
  }
  return sealer;
}

/** Who sits here next is not to read, or to use, what was typed. */
function forgetSecrets() {
  get("passphrase").value = get("incoming-passphrase").value = "";
  get("passphrase-show").checked = false;
  get("passphrase").type = "password";
  sealer = null;
  sealedBy = "";
  Chat.clear();
}

// Asked when a call begins, or is answered.
client.seal = { call: (...of) => currentSealer()?.call(...of) };

get("passphrase-form").addEventListener("submit", (event) => event.preventDefault());
get("passphrase-show").addEventListener("change", ({ target }) => {
  get("passphrase").type = target.checked ? "text" : "password";
});

// Logging in

let leaving = false;

get("login-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = get("login-name").value;
  const password = get("login-password").value;
  tell(get("login-error"), "");
  setLoggingIn(true);
  try {
    await client.login({ name, password });
  } catch (error) {
    tell(get("login-error"), loginSentence(error));
    get("login-password").select();
    return;
  } finally {
    setLoggingIn(false);
  }
  get("login-password").value = "";
  remember(name);
  begin();
});

function setLoggingIn(busy) {
  get("login-button").disabled = busy;
  tell(get("login-button"), busy ? "Logging in…" : "Log in");
}

for (const choice of document.querySelectorAll("[data-user]")) {
  choice.addEventListener("click", () => {
    get("login-name").value = choice.dataset.user;
    get("login-password").value = choice.dataset.password;
    markChoice();
    get("login-button").focus();
  });
}

get("login-name").addEventListener("input", markChoice);

function markChoice() {
  for (const choice of document.querySelectorAll("[data-user]")) {
    choice.setAttribute("aria-pressed", String(choice.dataset.user === get("login-name").value));
  }
}

// So that a tab that is reloaded knows whose it was; the password is not kept.
function remember(name) {
  try {
    sessionStorage.setItem("name", name);
  } catch {
    // Storage may be forbidden.
  }
}

function remembered() {
  try {
    return sessionStorage.getItem("name") ?? "";
  } catch {
    return "";
  }
}

function begin() {
  tell(get("own-name"), client.name);
  get("me").hidden = false;
  get("last-call").hidden = true;
  people.begin(client.name);
  client.join(ROOM);
  client.subscribe(DEMO_USERS.filter((name) => name !== client.name));
  show("lobby");
}

get("sign-out").addEventListener("click", () => {
  leaving = true;
  client.logout();
  leaving = false;
});

function goToLogin(problem) {
  show("login");
  current?.hangUp(); // one that is not made yet has not ended with the connection
  incoming.decline();
  forgetSecrets();
  get("me").hidden = true;
  tell(get("login-error"), problem);
  get(get("login-name").value === "" ? "login-name" : "login-password").focus();
}

// The connection to the server

client.addEventListener("state", ({ detail }) => {
  serverState.show(detail);
  if (detail.state !== "offline") return;
  if (leaving || shown() === "login") serverState.hide();
  if (shown() !== "login") goToLogin(leaving ? "" : `${detail.reason} Log in again.`);
});

client.addEventListener("goaway", () => toast("The server restarts. The connection comes back by itself."));

client.addEventListener("error", ({ detail }) => {
  if (detail.code === "room-full") toast("The list is full: call by name.");
  else toast(`The server says: ${detail.message}`);
});

people.listen(client);

// Calls

/** @param {string} name @param {"video" | "text"} kind */
function startCall(name, kind) {
  if (current) return;
  enter(name, kind, (options) => client.call(name, options));
}

/** @param {import("./call.js").Call} call @param {"video" | "text"} kind */
function answer(call, kind) {
  if (current) return call.busy();
  const accept = (options) => {
    call.accept(options);
    return call;
  };
  enter(call.peer, kind, accept, call);
}

/** @param {import("./call.js").Call} [answered] rings until `make` takes it */
function enter(peer, kind, make, answered) {
  const sealed = currentSealer() !== null;
  const entered = new ActiveCall(peer, kind, {
    sealed,
    onEnd: ({ reason, message }) => {
      current = null;
      leave(entered, sealed, reason, message);
      answered?.busy();
      const other = client.calls.get(peer);
      if (other?.state === "ringing") announce(other);
    },
  });
  current = entered;
  incoming.settle(peer);
  show("call");
  get("call-title").focus();
  entered.begin(make);
}

/** @param {ActiveCall} call @param {boolean} sealed @param {string} reason @param {string} [message] */
function leave({ peer, kind, wasConnected }, sealed, reason, message) {
  if (shown() !== "call") return;
  const unread = sealed && reason === "left" && !wasConnected;
  const { text, bad } = unread ? { text: unopened(peer), bad: true } : endSentence(reason, peer, message);
  show("lobby");
  get("last-call").hidden = false;
  get("last-call").dataset.tone = bad ? "bad" : "";
  tell(get("last-call-text"), text);
  get("call-again").onclick = () => startCall(peer, kind);
  get("call-again").focus();
}

client.addEventListener("call", ({ detail: { call } }) => {
  // Both have called, and ours is not made yet: then it takes this one, which rings if ours ends
  // before.
  if (current?.peer === call.peer && current.call === null) return;
  announce(call);
});

/** @param {import("./call.js").Call} call that rings */
function announce(call) {
  if (current || incoming.busy) {
    call.busy();
    toast(`${call.peer} called, and was told that you are busy.`);
    return;
  }
  incoming.show(call);
}

get("call-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = get("call-name").value;
  get("call-name").setCustomValidity(name === client.name ? "That is you." : "");
  if (!get("call-name").reportValidity()) return;
  startCall(name, event.submitter?.value === "text" ? "text" : "video");
});

get("call-name").addEventListener("input", ({ target }) => target.setCustomValidity(""));

// The page

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !get("details").hidden) get("details-button").click();
});

// The others hear of it at once, and the name is free for who loads the page again.
addEventListener("pagehide", () => client.logout());
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});

if (!isSecure()) {
  get("insecure").hidden = false;
  tell(get("insecure"), sentence("InsecurePage", "both"));
}
serverState.hide();
get("login-name").value = remembered();
markChoice();
show("login");
get(remembered() === "" ? "login-name" : "login-password").focus();
