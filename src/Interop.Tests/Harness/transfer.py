"""Moves octets over one TCP connection and prints their SHA-256.

transfer.py receive ADDRESS PORT          waits for one connection, reads it to its end
transfer.py send LOCAL REMOTE PORT COUNT  connects from LOCAL and sends COUNT octets that repeat a marker
"""
import hashlib
import socket
import sys

MARKER = b"CLEAR-TEXT-OF-THE-INTEROP-SCENARIOS "
TIMEOUT = 120


def receive(address, port):
    listener = socket.create_server((address, int(port)), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
    listener.settimeout(TIMEOUT)
    print("listening", flush=True)
    connection, _ = listener.accept()
    connection.settimeout(TIMEOUT)
    digest, count = hashlib.sha256(), 0
    while chunk := connection.recv(1 << 16):
        digest.update(chunk)
        count += len(chunk)
    print(count, digest.hexdigest(), flush=True)


def send(local, remote, port, count):
    connection = socket.create_connection((remote, int(port)), TIMEOUT, (local, 0))
    digest, left, number = hashlib.sha256(), int(count), 0
    while left > 0:
        chunk = b"".join(MARKER + b"%08d\n" % (number + line) for line in range(1000))[:left]
        number += 1000
        digest.update(chunk)
        connection.sendall(chunk)
        left -= len(chunk)
    connection.shutdown(socket.SHUT_WR)
    connection.recv(1)
    print(int(count), digest.hexdigest(), flush=True)


{"receive": receive, "send": send}[sys.argv[1]](*sys.argv[2:])
