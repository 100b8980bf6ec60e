// What the tests run in the page: ahead of its scripts, or to look at what it does.

// Keeps the peer connections that the page makes, as `connections`.
export function keepConnections() {
  globalThis.connections = [];
  const Original = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Original {
    constructor(...words) {
      super(...words);
      connections.push(this);
    }
  };
}

// As if there were no other candidates than those of TURN servers. Goes after keepConnections().
export function relayOnly() {
  const Original = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Original {
    constructor(configuration) {
      super({ ...configuration, iceTransportPolicy: "relay" });
    }
  };
}

// What a connection tells whose path is lost.
export function losePath() {
  const connection = connections.at(-1);
  Object.defineProperty(connection, "connectionState", { value: "failed", configurable: true });
  connection.dispatchEvent(new Event("connectionstatechange"));
  delete connection.connectionState;
}

// While `mediaFailure` is {kinds, name}, getUserMedia fails with the DOMException of this name if it
// is asked for one of these kinds; without a name it does not settle, as a prompt that nobody answers,
// until `allow()` does: what it gives then is `allowed`.
export function failMedia() {
  if (!globalThis.MediaDevices) return; // a blank page has none
  const original = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = function (constraints) {
    const { kinds, name } = globalThis.mediaFailure ?? { kinds: [] };
    if (!kinds.some((kind) => constraints[kind])) return original.call(this, constraints);
    if (name === undefined) {
      return new Promise((resolve) => {
        globalThis.allow = async () => {
          globalThis.allowed = await original.call(this, constraints);
          resolve(globalThis.allowed);
        };
      });
    }
    return Promise.reject(new DOMException("provoked", name));
  };
}

// Nothing becomes of the timers of this length, however long a test takes.
export function dropTimers(length) {
  const original = globalThis.setTimeout;
  globalThis.setTimeout = (run, milliseconds, ...words) =>
    milliseconds === length ? 0 : original(run, milliseconds, ...words);
}

// A screen that is all of one color.
export function shareColor(color) {
  if (!globalThis.MediaDevices) return;
  MediaDevices.prototype.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
    const pen = canvas.getContext("2d");
    // Drawn again and again: a stream has frames only when something is drawn.
    const draw = () => {
      pen.fillStyle = color;
      pen.fillRect(0, 0, canvas.width, canvas.height);
    };
    draw();
    setInterval(draw, 100);
    return canvas.captureStream();
  };
}

// How the last call of the page is: its connection's state, what has come of the other side's voice
// and video, the kind of its own candidate in use.
export async function connectionNow() {
  const connection = connections.at(-1);
  if (!connection) return {};
  const stats = new Map();
  (await connection.getStats()).forEach((entry) => stats.set(entry.id, entry));
  const entries = [...stats.values()];
  const inbound = (wanted) =>
    entries.find(({ type, kind }) => type === "inbound-rtp" && kind === wanted);
  const pair = entries.find(
    ({ type, nominated, state }) => type === "candidate-pair" && nominated && state === "succeeded",
  );
  return {
    state: connection.connectionState,
    frames: inbound("video")?.framesDecoded ?? 0,
    packets: inbound("audio")?.packetsReceived ?? 0,
    loudness: inbound("audio")?.totalAudioEnergy ?? 0,
    local: stats.get(pair?.localCandidateId)?.candidateType,
  };
}

// What a video shows now: the color of its middle, and a number that differs if any pixel does.
export function videoNow(selector) {
  const video = document.querySelector(selector);
  const [width, height] = [video.videoWidth, video.videoHeight];
  if (!width || !height) return {};
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0);
  const middle = [...pen.getImageData(width / 2, height / 2, 1, 1).data];
  const pixels = new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer);
  return { middle, sum: pixels.reduce((sum, pixel) => (Math.imul(sum, 31) + pixel) | 0, 0) };
}

// Somebody in the middle, with a connection to each of the two: `intercepted` takes what is said to
// one of them, and returns what is to be said in its place. What either says to agree on six digits
// is handed on as it is ("honest"), or with a flipped bit in what is revealed ("flip"), or not at all.
export function intercept(manner) {
  const ends = { one: new RTCPeerConnection(), two: new RTCPeerConnection() };
  const channels = Object.values(ends).map((end) => {
    end.createDataChannel("heliograph", { negotiated: true, id: 0 });
    const channel = end.createDataChannel("digits", { negotiated: true, id: 1 });
    channel.binaryType = "arraybuffer";
    return channel;
  });
  const opened = Promise.all(channels.map((channel) =>
    new Promise((resolve) => channel.addEventListener("open", resolve))));
  for (const [from, to] of [channels, [...channels].reverse()]) {
    from.onmessage = async ({ data }) => {
      const bytes = new Uint8Array(data);
      if (manner === "flip" && bytes[0] === 3) bytes[1] ^= 1;
      await opened;
      if (manner !== "silent") to.send(bytes);
    };
  }
  const described = async (end) => {
    await end.setLocalDescription();
    while (end.iceGatheringState !== "complete") {
      await new Promise((resolve) => (end.onicegatheringstatechange = resolve));
    }
    return end.localDescription.toJSON();
  };
  globalThis.intercepted = async (type, to, body) => {
    const [near, far] = to === "two" ? [ends.one, ends.two] : [ends.two, ends.one];
    if (type === "candidate") return void (await near.addIceCandidate(body));
    await near.setRemoteDescription(body);
    return described(far); // an offer of our own for an offer, our answer for an answer
  };
}
