// Peers of ws_matrix.py that are driven from Node.js:
//
//   ws_peer.mjs ws|builtin|chromium|firefox client URL CA CASE...
//   ws_peer.mjs ws server PORT DEFLATE [CERT KEY]
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createPlain } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../browser/package.json', import.meta.url));
const [peer, role, ...words] = process.argv.slice(2);
const page = readFileSync(new URL('ws_page.js', import.meta.url), 'utf8');

function demand(condition, message) {
  if (!condition) throw new Error(message);
}

async function runLibrary(url, ca, what) {
  const { WebSocket } = require('ws');
  const socket = new WebSocket(url, what === 'subprotocol' ? ['chat.v1', 'chat.v2'] : [], {
    ca: readFileSync(ca),
    perMessageDeflate: what === 'deflate' && { threshold: 0 },
  });
  await once(socket, 'open');
  const echo = async (data, binary) => {
    if (data !== undefined) socket.send(data);
    const [answer, isBinary] = await once(socket, 'message');
    demand(isBinary === binary, 'another kind of message');
    return answer;
  };
  if (what === 'subprotocol') demand(socket.protocol === 'chat.v2', 'another subprotocol');
  if (what === 'text') demand(String(await echo('Grüße, 你好', false)) === 'Grüße, 你好', 'another');
  if (what === 'binary') {
    const bytes = Buffer.from(Array.from({ length: 65536 }, (_, i) => (i * 7) & 255));
    demand(bytes.equals(await echo(bytes, true)), 'other bytes');
  }
  if (what === 'fragments') {
    for (const part of ['frag', '', 'men']) socket.send(part, { fin: false });
    socket.send('ts', { fin: true });
    demand(String(await echo(undefined, false)) === 'fragments', 'another text');
  }
  if (what === 'ping') {
    socket.ping('are you there');
    const [payload] = await once(socket, 'pong');
    demand(String(payload) === 'are you there', 'another payload');
  }
  if (what === 'deflate') {
    demand(socket.extensions.startsWith('permessage-deflate'), 'not agreed on');
    const text = 'heliograph '.repeat(1000);
    for (let i = 0; i < 3; ++i) demand(String(await echo(text, false)) === text, 'another text');
  }
  if (what === 'too-big') socket.send(Buffer.alloc(65537));
  else socket.close(what === 'close' ? 4000 : 1000, 'bye');
  const [code] = await once(socket, 'close');
  const expected = { close: 4000, 'too-big': 1009 }[what] ?? 1000;
  demand(code === expected, `closed with ${code}`);
  return 'ok';
}

// The others run ws_page.js. A tab is a function that evaluates an expression there.
const asked = (url, what) => `${page}; exchange('${url}', '${what}')`;

async function inBrowser(run) {
  const { launch } = await import('../browser/browsers.mjs');
  const browser = await launch(peer);
  const page = await browser.newPage();
  await run((expression) => page.evaluate(expression));
  await browser.close();
}

const places = {
  ws: (run) => run(),
  builtin: (run) => run(async (expression) => (0, eval)(expression)),
  chromium: inBrowser,
  firefox: inBrowser,
};

// What a peer has not got, so that it is no failure.
const missing = { builtin: ['deflate'] };

// Prints a line for each case.
async function visit(url, ca, ...cases) {
  await places[peer](async (tab) => {
    for (const what of cases) {
      if (missing[peer]?.includes(what)) {
        console.log(what, 'cannot');
        continue;
      }
      const result = tab ? tab(asked(url, what)) : runLibrary(url, ca, what);
      console.log(what, await result.catch((error) => error.message));
    }
  });
  process.exit();
}

// Echoes, and does what the words of ws_matrix.py ask for.
function serve(port, deflate, cert, key) {
  const { WebSocketServer } = require('ws');
  const server = cert
    ? createSecure({ cert: readFileSync(cert), key: readFileSync(key) })
    : createPlain();
  const sockets = new WebSocketServer({
    server,
    perMessageDeflate: deflate === 'yes' && { threshold: 0 },
    handleProtocols: (offered) => offered.has('chat.v2') && 'chat.v2',
  });
  sockets.on('connection', (socket) => {
    socket.on('pong', (payload) => socket.send(`pong ${payload}`));
    socket.on('message', (data, binary) => {
      const word = String(data);
      if (word === 'ping') return socket.ping('are you there');
      if (word === 'close') return socket.close(4000, 'bye');
      if (word !== 'fragments') return socket.send(data, { binary });
      for (const part of ['frag', '', 'men']) socket.send(part, { fin: false });
      socket.send('ts', { fin: true });
    });
  });
  server.listen(Number(port), 'localhost');
}

await (role === 'server' ? serve(...words) : visit(...words));
