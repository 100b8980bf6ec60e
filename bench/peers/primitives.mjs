// What the operations that a full handshake cannot do without take in a runtime's library: run it
// with `node` or `bun`.
import crypto from "node:crypto";

const kWarmUp = 500;
const kTimes = 5000;

const { privateKey: signer } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
const { privateKey } = crypto.generateKeyPairSync("x25519");
const { publicKey } = crypto.generateKeyPairSync("x25519");
const text = Buffer.alloc(64);

function measure(name, work) {
  for (let i = 0; i < kWarmUp; ++i) work();
  const begin = process.cpuUsage();
  for (let i = 0; i < kTimes; ++i) work();
  const { user, system } = process.cpuUsage(begin);
  console.log(`${name}: ${((user + system) / kTimes).toFixed(1)} µs`);
}

measure("X25519 key", () => crypto.generateKeyPairSync("x25519"));
measure("X25519 agreement", () => crypto.diffieHellman({ privateKey, publicKey }));
measure("P-256 signature", () => crypto.sign("sha256", text, signer));
