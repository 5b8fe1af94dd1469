"""A TLS-PSK server on the real interpreter that behaves as badly as it is told.

    micropython psk_peer.py PORT IDENTITY KEY-HEX STEP …

Steps: `handshake`, `read` (one packet that fits one read), `send:HEX`, `close`. Then it stays, silent, until
it is killed. Says `listening` first and `done` when the steps are.
"""

import socket
import sys
import time

import tls

port, identity, key = int(sys.argv[1]), sys.argv[2], bytes.fromhex(sys.argv[3])
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(socket.getaddrinfo("127.0.0.1", port)[0][-1])
listener.listen(1)
print("listening")
sock, _ = listener.accept()
stream = sock
for step in sys.argv[4:]:
    name, _, value = step.partition(":")
    if name == "handshake":
        context = tls.SSLContext(tls.PROTOCOL_TLS_SERVER)
        context.verify_mode = tls.CERT_NONE
        context.set_ciphers([suite for suite in context.get_ciphers() if suite.startswith("TLS-PSK-WITH")])
        context.psk_identity = identity.encode()
        context.psk_key = key
        stream = context.wrap_socket(sock, server_side=True)
    elif name == "read":
        head = stream.read(2)
        stream.read(head[1])
    elif name == "send":
        stream.write(bytes.fromhex(value))
    elif name == "close":
        stream.close()
        sock.close()
    else:
        raise ValueError(step)
print("done")
while True:
    time.sleep(1)
