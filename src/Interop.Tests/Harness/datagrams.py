"""Numbered UDP datagrams of mixed sizes, each of which tells whether it is whole.

datagrams.py receive ADDRESS PORT                        counts until the sender has said that it is done
datagrams.py send LOCAL REMOTE PORT SECONDS RATE SIZES   sends RATE datagrams a second; SIZES is LOWEST-HIGHEST in octets of UDP payload

The sender prints how many it sent. The receiver prints, as one JSON object, "received" (different ones), "duplicated", "damaged" and
"late": those that came after one with a higher number. One time in sixteen the sender gives the kernel sixteen of one size at once
(UDP_SEGMENT).
"""
import hashlib
import json
import random
import socket
import struct
import sys
import time

HEADER = struct.Struct("!QI")
END = (1 << 64) - 1
FAREWELLS = 40
DRAIN_SECONDS = 0.3
TIMEOUT = 60
TICK_SECONDS = 0.002
BURST = 16
SO_RCVBUFFORCE = 33
UDP_SEGMENT = 103
LONGEST_SEGMENT = 1200  # below the MTU of every tunnel here: the kernel cuts no segment
BUFFER = 64 << 20


def datagram(number, size):
    header = HEADER.pack(number, size)
    body = hashlib.sha256(header).digest()
    return (header + body * (size // len(body) + 1))[:size]


def open_socket(address):
    return socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)


def receive(address, port):
    listener = open_socket(address)
    listener.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    listener.bind((address, int(port)))
    print("listening", flush=True)
    seen, counts, highest, end = set(), {"duplicated": 0, "damaged": 0, "late": 0}, -1, None
    listener.settimeout(TIMEOUT)
    while True:
        if end is not None:
            if (left := end - time.monotonic()) <= 0:
                break
            listener.settimeout(left)
        try:
            packet = listener.recv(1 << 16)
        except TimeoutError:
            break
        number, size = HEADER.unpack_from(packet) if len(packet) >= HEADER.size else (0, 0)
        if packet != datagram(number, size):
            counts["damaged"] += 1
        elif number == END:
            end = end or time.monotonic() + DRAIN_SECONDS
        elif number in seen:
            counts["duplicated"] += 1
        else:
            seen.add(number)
            counts["late"] += number < highest
            highest = max(highest, number)
    print(json.dumps({"received": len(seen), **counts}), flush=True)


def send(local, remote, port, seconds, rate, sizes):
    sender, source = open_socket(remote), random.Random(1)
    sender.bind((local, 0))
    sender.connect((remote, int(port)))
    lowest, highest = (int(size) for size in sizes.split("-"))
    number, start = 0, time.monotonic()
    while (elapsed := time.monotonic() - start) < float(seconds):
        while number < elapsed * int(rate):
            count, size = BURST if source.randrange(16 * BURST) < BURST else 1, source.randint(lowest, highest)
            octets = b"".join(datagram(number + index, size) for index in range(count))
            number += count
            if count > 1 and size <= LONGEST_SEGMENT:
                sender.sendmsg([octets], [(socket.IPPROTO_UDP, UDP_SEGMENT, struct.pack("=H", size))])
            else:
                for index in range(count):
                    sender.send(octets[index * size:(index + 1) * size])
        time.sleep(TICK_SECONDS)
    for _ in range(FAREWELLS):
        time.sleep(DRAIN_SECONDS / FAREWELLS)
        try:
            sender.send(datagram(END, HEADER.size))
        except ConnectionRefusedError:  # it has understood and gone
            break
    print(number, flush=True)


{"receive": receive, "send": send}[sys.argv[1]](*sys.argv[2:])
