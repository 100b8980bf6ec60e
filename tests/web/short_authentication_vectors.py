#!/usr/bin/env python3
"""Computes tests/web/short_authentication_vectors.json by Python's hashlib:

    tests/web/short_authentication_vectors.py > tests/web/short_authentication_vectors.json
"""

import hashlib
import json


def fingerprint(first):
    return "sha-256 " + ":".join(f"{n:02X}" for n in range(first, first + 32))


def vector(committer, responder):
    """Of each side its fingerprint and its nonce."""
    sides = [{"fingerprint": shown, "nonce": nonce.hex()} for shown, nonce in (committer, responder)]
    commitment = hashlib.sha256(committer[1]).hexdigest()
    parts = ["heliograph.v1 short authentication string", *(side["fingerprint"] for side in sides),
             *(side["nonce"] for side in sides)]
    digest = hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).digest()
    return {"committer": sides[0], "responder": sides[1],
            "said": ["01" + commitment, "02" + sides[1]["nonce"], "03" + sides[0]["nonce"]],
            "digits": f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"}


ONE, OTHER = (fingerprint(0), bytes(range(32))), (fingerprint(100), bytes(range(200, 232)))
NOUGHTS = (fingerprint(50), bytes(32))


def with_leading_nought():
    for n in range(1000):
        found = vector(ONE, (OTHER[0], n.to_bytes(32, "big")))
        if found["digits"].startswith("0"):
            return found


print(json.dumps([vector(ONE, OTHER), vector(OTHER, ONE), vector(NOUGHTS, OTHER),
                  with_leading_nought()], indent=1))
