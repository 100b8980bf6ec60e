#!/usr/bin/env python3
"""Computes tests/web/sealing_vectors.json by Python's `cryptography`:

    tests/web/sealing_vectors.py > tests/web/sealing_vectors.json
"""

import base64
import hashlib
import json

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PASSPHRASE = "correct horse battery stäple"
FROM, TO, CALL = "bob", "alice", "c0ffee"
BODIES = [("offer", {"type": "offer", "sdp": "v=0\r\n" + "a=ä\r\n" * 300}),
          ("candidate", {"candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host", "sdpMid": "0"})]


def joined(*parts):
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()


def base64_of(data):
    return base64.b64encode(data).decode()


master = hashlib.pbkdf2_hmac("sha256", PASSPHRASE.encode(),
                             joined("heliograph.v1 passphrase", *sorted([FROM, TO])), 600_000)
key = HKDF(SHA256(), 32, salt=None,
           info=joined("heliograph.v1 key", FROM, TO, CALL)).derive(master)
sealed = []
for counter, (kind, body) in enumerate(BODIES, start=1):
    nonce = bytes(range(counter, counter + 12))
    plain = joined(body)[1:-1]
    plain += b" " * (-len(plain) % 1024)
    data = AESGCM(key).encrypt(nonce, plain, joined(1, kind, FROM, TO, CALL, counter))
    sealed.append({"type": kind, "body": body,
                   "sealed": {"v": 1, "counter": counter, "nonce": base64_of(nonce),
                              "sealed": base64_of(data)}})
print(json.dumps({"passphrase": PASSPHRASE, "from": FROM, "to": TO, "call": CALL,
                  "messages": sealed}, indent=1))
