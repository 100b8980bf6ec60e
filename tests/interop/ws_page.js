// A client by the WebSocket interface of the HTML standard: what a page, or Node.js, does in one
// case of ws_matrix.py. Resolves to "ok", or to "cannot" if the interface has no way to do it.
function exchange(url, what) {
  const socket = new WebSocket(url, what === 'subprotocol' ? ['chat.v1', 'chat.v2'] : []);
  socket.binaryType = 'arraybuffer';
  const next = (name) =>
    new Promise((resolve, reject) => {
      socket.addEventListener(name, resolve, { once: true });
      if (name !== 'close') {
        socket.addEventListener('close', (event) => reject(new Error(`closed with ${event.code}`)));
      }
    });
  const demand = (condition, message) => {
    if (!condition) throw new Error(message);
  };
  const echo = async (message) => {
    socket.send(message);
    return (await next('message')).data;
  };
  const cases = {
    async open() {},
    async subprotocol() {
      demand(socket.protocol === 'chat.v2', 'another subprotocol');
    },
    async text() {
      demand((await echo('Grüße, 你好')) === 'Grüße, 你好', 'another text');
    },
    async binary() {
      const bytes = Uint8Array.from({ length: 65536 }, (_, i) => i * 7);
      const answer = new Uint8Array(await echo(bytes));
      demand(answer.length === bytes.length, 'another length');
      demand(answer.every((byte, i) => byte === bytes[i]), 'other bytes');
    },
    async deflate() {
      demand(socket.extensions.startsWith('permessage-deflate'), 'not agreed on');
      const text = 'heliograph '.repeat(1000);
      for (let i = 0; i < 3; ++i) demand((await echo(text)) === text, 'another text');
    },
    async close() {
      const closed = next('close');
      socket.close(4000, 'bye');
      const { code, wasClean } = await closed;
      demand(code === 4000 && wasClean, `closed with ${code}`);
    },
    async 'too-big'() {
      const closed = next('close');
      socket.send(new Uint8Array(65537));
      const { code } = await closed;
      demand(code === 1009, `closed with ${code}`);
    },
  };
  if (!(what in cases)) return Promise.resolve('cannot');
  return next('open').then(async () => {
    const result = (await cases[what]()) ?? 'ok';
    socket.close();
    return result;
  });
}
