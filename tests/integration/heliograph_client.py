"""A client of the heliograph.v1 subprotocol, whose every message from the server is held against its
schema."""

import base64
import functools
import hashlib
import json
import pathlib
import struct

import jsonschema

import harness

SUBPROTOCOL = "heliograph.v1"
SCHEMAS = pathlib.Path(__file__).parents[2] / "docs" / "protocol" / SUBPROTOCOL


@functools.cache
def validator(side, name):
    schema = json.loads((SCHEMAS / side / f"{name}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def names(side):
    return sorted(path.stem for path in (SCHEMAS / side).glob("*.json"))


def frame(payload, opcode=1):
    """A frame as a client sends it, whose mask changes nothing."""
    size = len(payload)
    length = struct.pack("!B", 0x80 | size) if size < 126 else (
        struct.pack("!BH", 0xFE, size) if size < 1 << 16 else struct.pack("!BQ", 0xFF, size))
    return bytes([0x80 | opcode]) + length + bytes(4) + payload


class Client(harness.Client):
    @classmethod
    async def open(cls, server, **options):
        client = await cls.connect(
            server, greeted=False, subprotocols=[SUBPROTOCOL], **options)
        assert client.socket.subprotocol == SUBPROTOCOL, client.socket.subprotocol
        return client

    async def say(self, type, **members):
        await self.send({"type": type, **members})

    def say_at_once(self, *messages):
        """All of them in one piece, so that the server reads them in one turn."""
        self.write(b"".join(frame(json.dumps(message).encode()) for message in messages))

    def write(self, raw):
        self.socket.transport.write(raw)

    async def hear(self):
        """The next message, which is as its schema says."""
        message = json.loads(await self.receive())
        validator("server", message["type"]).validate(message)
        return message

    async def heard(self):
        """All messages until the server has dealt with everything that was sent before."""
        await self.say("ping")
        messages = []
        while True:
            message = await self.hear()
            if message["type"] == "pong":
                return messages
            messages.append(message)

    async def welcome(self, **proof):
        await self.say("login", **proof)
        return await self.hear()


class TestCase(harness.TestCase):
    async def open(self, server, **options):
        self.clients.append(await Client.open(server, **options))
        return self.clients[-1]

    async def user(self, server, name):
        client = await self.open(server)
        welcome = await client.welcome(name=name, password=f"password of {name}")
        self.assertEqual(welcome["type"], "welcome", welcome)
        return client


def users_file(folder, *users):
    """A file with these users, whose passwords are quick to check."""
    lines = []
    for name in users:
        digest = hashlib.pbkdf2_hmac("sha256", f"password of {name}".encode(), b"saltsalt", 1, 32)
        text = base64.b64encode(digest).decode().rstrip("=")
        lines.append(f"{name}:$pbkdf2-sha256$i=1$c2FsdHNhbHQ${text}\n")
    return folder.write("users", "".join(lines))
