// Node's tls as a peer of matrix.py:
//
//   peer.mjs client PORT CASE CA [CERT KEY]
//   peer.mjs server PORT CASE CA CERT KEY
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import tls from 'node:tls';

const [role, port, what, ca, cert, key] = process.argv.slice(2);
const options = {
  port: Number(port),
  host: 'localhost',
  ca: readFileSync(ca),
  minVersion: 'TLSv1.3',
  ...(cert && { cert: readFileSync(cert), key: readFileSync(key) }),
};

function ask(socket, path, connection) {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: ${connection}\r\n\r\n`);
}

async function client() {
  if (what === 'retried') options.ecdhCurve = 'X448:P-256';
  if (what === 'resumed') {
    const first = tls.connect(options);
    first.on('session', (session) => (options.session = session));
    ask(first, '/', 'close');
    first.resume();
    await once(first, 'end');
  }
  const socket = tls.connect(options);
  socket.pipe(process.stdout);
  if (what === 'key-update') {
    ask(socket, '/keyupdate', 'keep-alive');
    await once(socket, 'data');
  }
  ask(socket, '/', 'close');
}

function server() {
  if (what === 'retried') options.ecdhCurve = 'P-384';
  const required = what === 'client-certificate';
  tls.createServer({ ...options, requestCert: required, rejectUnauthorized: required }, (socket) => {
    socket.on('error', console.error);
    socket.pipe(socket);
  }).listen(options);
}

await (role === 'client' ? client() : server());
