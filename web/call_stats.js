// What a page tells of a call that is under way, from the many numbers of getStats().

/**
 * Numbers of now. Rates are those since the sample before, and 0 in the first.
 * @typedef {object} CallStats
 * @property {string} [local] "host", "srflx", "prflx" or "relay": the kind of our candidate in use
 * @property {string} [remote] and of theirs
 * @property {string} [protocol] "udp" or "tcp"
 * @property {number} [roundTrip] seconds
 * @property {number} bitsIn bits per second
 * @property {number} bitsOut bits per second
 * @property {number} bytesIn
 * @property {number} bytesOut
 * @property {number} framesDecoded of their video
 * @property {number} framesSent of ours
 */

/** @typedef {{at: number, bytesIn: number, bytesOut: number}} Sample */

/**
 * @param {RTCStatsReport} report
 * @param {Sample} [last] the sample before
 * @returns {{sample: Sample, stats: CallStats}}
 */
export function summarize(report, last) {
  const all = byId(report);
  const entries = [...all.values()];
  /** @param {string} type @param {string} member */
  const video = (type, member) =>
    entries
      .filter((entry) => entry.type === type && entry.kind === "video")
      .reduce((sum, entry) => sum + (entry[member] ?? 0), 0);

  const pair = pairInUse(all);
  const sample = {
    at: pair?.timestamp ?? 0,
    bytesIn: pair?.bytesReceived ?? 0,
    bytesOut: pair?.bytesSent ?? 0,
  };
  const seconds = last ? (sample.at - last.at) / 1000 : 0;
  /** @param {"bytesIn" | "bytesOut"} member */
  const rate = (member) =>
    // Another pair counts anew.
    last && seconds > 0 ? (Math.max(0, sample[member] - last[member]) * 8) / seconds : 0;
  const stats = {
    local: all.get(pair?.localCandidateId)?.candidateType,
    remote: all.get(pair?.remoteCandidateId)?.candidateType,
    protocol: all.get(pair?.localCandidateId)?.protocol,
    roundTrip: pair?.currentRoundTripTime,
    bitsIn: rate("bytesIn"),
    bitsOut: rate("bytesOut"),
    bytesIn: sample.bytesIn,
    bytesOut: sample.bytesOut,
    framesDecoded: video("inbound-rtp", "framesDecoded"),
    framesSent: video("outbound-rtp", "framesSent"),
  };
  return { sample, stats };
}

/**
 * The ICE user name fragment of the other side's candidate in use, if the browser says so.
 * @param {RTCStatsReport} report
 * @returns {string | undefined}
 */
export function fragmentInUse(report) {
  const all = byId(report);
  return all.get(pairInUse(all)?.remoteCandidateId)?.usernameFragment;
}

/** @param {RTCStatsReport} report */
function byId(report) {
  /** @type {Map<string, any>} */
  const all = new Map();
  report.forEach((entry) => all.set(entry.id, entry));
  return all;
}

// Some browsers name it in the transport, others mark it as selected.
/** @param {Map<string, any>} all */
function pairInUse(all) {
  const entries = [...all.values()];
  const transport = entries.find(({ type }) => type === "transport");
  return (
    all.get(transport?.selectedCandidatePairId) ??
    entries.find(
      ({ type, selected, nominated, state }) =>
        type === "candidate-pair" && (selected ?? (nominated && state === "succeeded")),
    )
  );
}
