// The tutorial's client: sign in, call a user by name, exchange text over a data channel.
//
// The server relays offers, answers and ICE candidates between the two browsers of a call; the text
// itself goes from browser to browser. The wire format is described in docs/protocol/tutorial.md.
"use strict";

const find = (id) => document.getElementById(id);

const notice = find("notice");
const loginPage = find("loginPage");
const usernameInput = find("usernameInput");
const passwordInput = find("passwordInput");
const loginBtn = find("loginBtn");
const callPage = find("callPage");
const ownName = find("ownName");
const callForm = find("callForm");
const callToUsernameInput = find("callToUsernameInput");
const callBtn = find("callBtn");
const hangUpBtn = find("hangUpBtn");
const callState = find("callState");
const chatarea = find("chatarea");
const messageForm = find("messageForm");
const msgInput = find("msgInput");
const sendMsgBtn = find("sendMsgBtn");

let userName = "";
// The call that is on: {peer, connection, channel}, or null.
let call = null;

// --- What the user sees ---------------------------------------------------------------------------

function showNotice(text, tone = "info") {
  notice.textContent = text;
  notice.dataset.tone = tone;
}

function showCall(text) {
  const open = call !== null && call.channel !== null && call.channel.readyState === "open";
  callState.textContent = text;
  callBtn.disabled = call !== null;
  hangUpBtn.disabled = call === null;
  sendMsgBtn.disabled = !open;
}

function showMessage(author, text) {
  const line = document.createElement("p");
  const name = document.createElement("span");
  name.className = "author";
  name.textContent = `${author}: `;
  line.append(name, text);
  chatarea.append(line);
  chatarea.scrollTop = chatarea.scrollHeight;
}

// --- The signaling connection ---------------------------------------------------------------------

const socket = new WebSocket(`wss://${location.host}/`);

socket.onopen = () => {
  showNotice("Connected to the signaling server.");
};

socket.onclose = () => {
  loginBtn.disabled = true;
  callBtn.disabled = true;
  showNotice("The connection to the signaling server has ended. Reload the page.", "problem");
};

// Everybody in a call is reached through the server by name.
function sendToPeer(message) {
  socket.send(JSON.stringify({ ...message, name: call.peer }));
}

// One message is handled to its end before the next: a candidate must find the description that
// came before it.
let inbox = Promise.resolve();

socket.onmessage = ({ data }) => {
  const message = parseMessage(data);
  if (message === null) return;
  inbox = inbox.then(() => handleMessage(message)).catch((error) => {
    console.warn("signaling message not handled:", error);
  });
};

// The server's first frame is a greeting, not JSON.
function parseMessage(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function handleMessage(message) {
  switch (message.type) {
    case "login":
      return handleLogin(message.success);
    case "offer":
      return handleOffer(message.offer, message.name);
    case "answer":
      return handleAnswer(message.answer);
    case "candidate":
      return handleCandidate(message.candidate);
    case "leave":
      return handleLeave();
    case "error":
      return showNotice(`The server says: ${message.message}`, "problem");
    default:
      return undefined;
  }
}

// --- Signing in -----------------------------------------------------------------------------------

loginPage.addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket.readyState !== WebSocket.OPEN) return;
  userName = usernameInput.value;
  loginBtn.disabled = true;
  showNotice("Signing in…");
  socket.send(
    JSON.stringify({ type: "login", name: userName, password: passwordInput.value }),
  );
});

function handleLogin(success) {
  loginBtn.disabled = false;
  passwordInput.value = "";
  if (!success) {
    showNotice("Wrong user name or password, or somebody is signed in by this name.", "problem");
    passwordInput.focus();
    return;
  }
  ownName.textContent = userName;
  loginPage.hidden = true;
  callPage.hidden = false;
  showNotice("Signed in.");
  callToUsernameInput.focus();
}

// --- Calls ----------------------------------------------------------------------------------------

// Every call gets a peer connection of its own, so that a second call starts as clean as the first.
function beginCall(peer) {
  const connection = new RTCPeerConnection();
  call = { peer, connection, channel: null };
  connection.onicecandidate = ({ candidate }) => {
    if (candidate !== null) sendToPeer({ type: "candidate", candidate });
  };
  connection.ondatachannel = ({ channel }) => useChannel(channel);
  connection.onconnectionstatechange = () => {
    if (connection.connectionState === "failed") {
      leaveCall(`No connection to ${peer} could be made`);
    }
  };
  return connection;
}

function useChannel(channel) {
  const { peer } = call;
  call.channel = channel;
  channel.onopen = () => {
    showCall(`In a call with ${peer}`);
    msgInput.focus();
  };
  channel.onmessage = ({ data }) => showMessage(peer, data);
}

function endCall(reason) {
  if (call === null) return;
  const { connection } = call;
  call = null;
  connection.onicecandidate = null;
  connection.ondatachannel = null;
  connection.onconnectionstatechange = null;
  connection.close();
  showCall(reason);
}

function leaveCall(reason) {
  if (call === null) return;
  if (socket.readyState === WebSocket.OPEN) sendToPeer({ type: "leave" });
  endCall(reason);
}

callForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (call !== null) return;
  const connection = beginCall(callToUsernameInput.value);
  useChannel(connection.createDataChannel("chat"));
  showCall(`Calling ${call.peer}…`);
  try {
    const offer = await connection.createOffer();
    if (call?.connection !== connection) return;
    // The offer leaves before its candidates: these come only after setLocalDescription.
    sendToPeer({ type: "offer", offer });
    await connection.setLocalDescription(offer);
  } catch (error) {
    if (call?.connection === connection) leaveCall(`The call could not be made: ${error.message}`);
  }
});

hangUpBtn.addEventListener("click", () => leaveCall("You have hung up"));

async function handleOffer(offer, caller) {
  if (call !== null && call.peer !== caller) {
    showNotice(`${caller} is calling. Hang up to be free for the call.`);
    return;
  }
  // When both have called each other, the server delivers one of the two offers: the one that
  // arrives replaces the own.
  endCall("");
  const connection = beginCall(caller);
  showCall(`${caller} is calling…`);
  try {
    await connection.setRemoteDescription(offer);
    const answer = await connection.createAnswer();
    if (call?.connection !== connection) return;
    sendToPeer({ type: "answer", answer });
    await connection.setLocalDescription(answer);
  } catch (error) {
    if (call?.connection === connection) leaveCall(`The call failed: ${error.message}`);
  }
}

async function handleAnswer(answer) {
  if (call === null) return;
  const { connection } = call;
  try {
    await connection.setRemoteDescription(answer);
  } catch (error) {
    if (call?.connection === connection) leaveCall(`The call failed: ${error.message}`);
  }
}

async function handleCandidate(candidate) {
  if (call !== null) await call.connection.addIceCandidate(candidate);
}

function handleLeave() {
  if (call !== null) endCall(`${call.peer} has left the call`);
}

// --- Text -----------------------------------------------------------------------------------------

messageForm.addEventListener("submit", (event) => {
  event.preventDefault();
  if (call?.channel?.readyState !== "open" || msgInput.value === "") return;
  call.channel.send(msgInput.value);
  showMessage(userName, msgInput.value);
  msgInput.value = "";
});
