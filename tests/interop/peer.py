"""Python's ssl as a peer of matrix.py:

    peer.py client PORT CASE CA [CERT KEY]
    peer.py server PORT CASE CA CERT KEY
"""

import socket
import ssl
import sys


def request(tls, path, last):
    connection = "close" if last else "keep-alive"
    tls.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\n\r\n".encode())
    response = b""
    while last or not (b"\r\n\r\nTLS_" in response and response.endswith(b"\n")):
        part = tls.recv(4096)
        if not part:
            break
        response += part
    return response.decode()


def client(port, case, ca, cert=None, key=None):
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if cert:
        context.load_cert_chain(cert, key)

    def connect(session=None):
        raw = socket.create_connection(("localhost", port), 10)
        return context.wrap_socket(raw, server_hostname="localhost", session=session)

    session = None
    if case == "resumed":
        with connect() as tls:
            request(tls, "/", True)
            session = tls.session
    with connect(session) as tls:
        if case == "key-update":
            print(request(tls, "/keyupdate", False))
        print(request(tls, "/", True))


def server(port, case, ca, cert, key):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(cert, key)
    if case == "retried":
        context.set_ecdh_curve("secp384r1")
    if case == "client-certificate":
        context.load_verify_locations(ca)
        context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("localhost", port)) as listener:
        while True:
            raw, _ = listener.accept()
            try:
                with context.wrap_socket(raw, server_side=True) as tls:
                    while part := tls.recv(4096):
                        tls.sendall(part)
            except OSError as error:
                print(error, file=sys.stderr)


if __name__ == "__main__":
    role = {"client": client, "server": server}[sys.argv[1]]
    role(int(sys.argv[2]), *sys.argv[3:])
