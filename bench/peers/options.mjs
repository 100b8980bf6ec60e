// The command line of every peer: MODE PORT CERTIFICATE KEY [PORT_OF_REDIS]; MODE is `echo` or
// `signaling`. With `-` as certificate it speaks ws:// instead of wss://.
import { readFileSync } from "node:fs";

export function readOptions(words) {
  const [mode, port, certificate, key, redisPort] = words;
  return {
    mode,
    port: Number(port),
    tls: certificate === "-" ? null : { cert: readFileSync(certificate), key: readFileSync(key) },
    redisPort: Number(redisPort),
  };
}
