"""Python peers of ws_matrix.py:

    ws_peer.py websockets|aiohttp client URL CA CASE...
    ws_peer.py websockets server PORT DEFLATE [CERT KEY]
"""

import asyncio
import ssl
import sys

BYTES = bytes(i * 7 & 255 for i in range(65536))
SUBPROTOCOLS = ["chat.v1", "chat.v2"]
LONG_TEXT = "heliograph " * 1000


def trusting(ca):
    return ssl.create_default_context(cafile=ca)


class WebSockets:
    """The package websockets."""

    def __init__(self, url, ca, case):
        import websockets
        self.connection = websockets.connect(
            url, ssl=trusting(ca) if url.startswith("wss") else None,
            compression="deflate" if case == "deflate" else None, ping_interval=None,
            subprotocols=SUBPROTOCOLS if case == "subprotocol" else None)

    async def open(self):
        self.socket = await self.connection
        self.compresses = bool(self.socket.extensions)
        self.subprotocol = self.socket.subprotocol

    async def echo(self, message):
        await self.socket.send(message)
        return await self.socket.recv()

    async def fragments(self):
        return await self.echo(["frag", "", "men", "ts"])

    async def ping(self):
        await (await self.socket.ping(b"are you there"))

    async def close(self, code):
        await self.socket.close(code, "bye")
        return self.socket.close_code

    async def closed_with(self):
        await self.socket.wait_closed()
        return self.socket.close_code

    async def send(self, message):
        await self.socket.send(message)


class Aiohttp:
    """The package aiohttp, which can send no fragments."""

    fragments = None

    def __init__(self, url, ca, case):
        self.url = url
        self.ssl = trusting(ca) if url.startswith("wss") else None
        self.compress = 15 if case == "deflate" else 0
        self.offered = SUBPROTOCOLS if case == "subprotocol" else ()

    async def open(self):
        import aiohttp
        self.session = aiohttp.ClientSession()
        self.socket = await self.session.ws_connect(
            self.url, ssl=self.ssl, compress=self.compress, protocols=self.offered,
            autoping=False)
        self.compresses = bool(self.socket.compress)
        self.subprotocol = self.socket.protocol

    async def send(self, message):
        await (self.socket.send_str if isinstance(message, str) else self.socket.send_bytes)(message)

    async def echo(self, message):
        await self.send(message)
        return (await self.socket.receive()).data

    async def ping(self):
        await self.socket.ping(b"are you there")
        assert (await self.socket.receive()).data == b"are you there"

    async def close(self, code):
        await self.socket.close(code=code, message=b"bye")
        await self.session.close()
        return self.socket.close_code

    async def closed_with(self):
        message = await self.socket.receive()
        await self.session.close()
        return message.data


async def run_case(client, case):
    await client.open()
    if case == "text":
        assert await client.echo("Grüße, 你好") == "Grüße, 你好"
    elif case == "subprotocol":
        assert client.subprotocol == "chat.v2", client.subprotocol
    elif case == "binary":
        assert await client.echo(BYTES) == BYTES
    elif case == "fragments":
        assert await client.fragments() == "fragments"
    elif case == "ping":
        await client.ping()
    elif case == "deflate":
        assert client.compresses, "not agreed on"
        for _ in range(3):
            assert await client.echo(LONG_TEXT) == LONG_TEXT
    elif case == "too-big":
        await client.send(bytes(65537))
        code = await client.closed_with()
        assert code == 1009, code
        return
    wanted = 4000 if case == "close" else 1000
    code = await client.close(wanted)
    assert code == wanted, code


async def visit(kind, url, ca, *cases):
    """Prints a line for each case."""
    for case in cases:
        client = kind(url, ca, case)
        if getattr(client, case, True) is None:
            print(case, "cannot")
            continue
        try:
            await run_case(client, case)
            print(case, "ok")
        except Exception as error:
            print(case, repr(error))


async def answer(socket, _path=None):
    """Echoes, and does what the words of ws_matrix.py ask for."""
    async for message in socket:
        if message == "ping":
            await (await socket.ping(b"are you there"))
            await socket.send("pong are you there")
        elif message == "close":
            await socket.close(4000, "bye")
        elif message == "fragments":
            await socket.send(["frag", "", "men", "ts"])
        else:
            await socket.send(message)


async def serve(port, deflate, cert=None, key=None):
    import websockets
    context = None
    if cert:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(cert, key)
    async with websockets.serve(
            answer, "localhost", int(port), ssl=context, subprotocols=["chat.v2"],
            compression="deflate" if deflate == "yes" else None):
        await asyncio.Future()


if __name__ == "__main__":
    peer, role, *words = sys.argv[1:]
    kind = {"websockets": WebSockets, "aiohttp": Aiohttp}[peer]
    asyncio.run(serve(*words) if role == "server" else visit(kind, *words))
