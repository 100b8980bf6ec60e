// What a call reads in descriptions (SDP, RFC 8866), and changes in them.

/**
 * The fingerprints of the certificates that a description announces, in one way of writing them.
 * @param {{sdp?: string} | null} description
 */
export function fingerprintsOf(description) {
  const found = (description?.sdp ?? "").matchAll(/^a=fingerprint:(.*)$/gim);
  const all = [...found].map(([, text]) => {
    const [hash, ...bytes] = text.trim().split(/\s+/);
    return `${hash.toLowerCase()} ${bytes.join(" ").toUpperCase()}`;
  });
  return [...new Set(all)].sort().join(", ");
}

/**
 * The ICE user name fragment of a description (RFC 8839 section 5.4), which is another one for each
 * path that was looked for.
 * @param {{sdp?: string} | null} description
 */
export function fragmentOf(description) {
  return description?.sdp?.match(/^a=ice-ufrag:(\S+)/m)?.[1] ?? "";
}

/**
 * The offer that was made, with the role that this side has in DTLS in the place of the choice
 * (`actpass`): Firefox chooses anew when another path is looked for, and Chromium refuses that.
 * @param {RTCPeerConnection} pc
 */
export function offerOf({ localDescription, currentLocalDescription, currentRemoteDescription }) {
  const answered = currentLocalDescription?.type === "answer";
  const answer = answered ? currentLocalDescription : currentRemoteDescription;
  const setup = answer?.sdp.match(/^a=setup:(active|passive)/m)?.[1];
  if (!localDescription || !setup) return localDescription;
  const role = answered === (setup === "active") ? "active" : "passive";
  const { type, sdp } = localDescription;
  return { type, sdp: sdp.replaceAll("a=setup:actpass", `a=setup:${role}`) };
}
