// What is said about the end of a call, and about the connection to the server.

/** By EndReason of call.js: what to tell of a call with `peer`. */
const ENDS = {
  "hung-up": () => "You have hung up.",
  left: (peer) => `${peer} has hung up.`,
  gone: (peer) => `${peer} is gone: the connection to the server has ended there.`,
  busy: (peer) => `${peer} is busy, or does not take the call.`,
  unavailable: (peer) => `${peer} is not here.`,
  "no-call": (peer) => `The call with ${peer} is over.`,
  "too-many-calls": () => "There are too many calls at once.",
  "bad-name": (peer) => `“${peer}” is nobody who can be called.`,
  replaced: (peer) => `${peer} calls anew.`,
  sealing: (peer) => `What ${peer} says cannot be trusted.`,
  failed: (peer) => `The call with ${peer} has failed.`,
  offline: () => "The call has ended with your connection to the server.",
  unanswered: (peer) => `${peer} does not answer.`,
  impostor: (peer) =>
    `Whoever answers could not prove to be the ${peer} whom the server has introduced, as if the fingerprints differed, and nothing was sent.`,
};

const BAD = new Set(["sealing", "failed", "offline", "impostor"]);

/** @param {string} reason @param {string} peer @param {string} [message] */
export function endSentence(reason, peer, message) {
  const text = ENDS[reason]?.(peer) ?? ENDS.failed(peer);
  return {
    text: message && (reason === "sealing" || reason === "failed") ? message : text,
    bad: BAD.has(reason),
  };
}

/** What the other side makes of a protected call that it cannot open. */
export const unopened = (peer) =>
  `${peer} has ended the call before it began: if you have not chosen the same passphrase, neither side can open what the other says.`;

/** By CallState of call.js. */
export const STATES = {
  calling: "Calling…",
  ringing: "Rings…",
  connecting: "Connecting…",
  connected: "Connected",
  reconnecting: "Interrupted, looking for another way…",
  ended: "Ended",
};

/** @param {{code?: string | number, message?: string}} error of a login */
export function loginSentence({ code, message }) {
  if (code === "login-failed") {
    return "Wrong name or password, or somebody is logged in by this name already.";
  }
  return message ?? "The login has failed.";
}
