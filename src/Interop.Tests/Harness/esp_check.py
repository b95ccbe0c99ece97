"""ESP of IP protocol 50 with extended sequence numbers, by scapy.

esp_check.py open PCAP ESP_SA FIRST
    Opens every whole ESP packet of a capture with the keys of a Wireshark esp_sa table. The 64-bit numbers of each SPI are followed
    from FIRST on. Prints a line for each SPI: SPI, packets opened, lowest number, highest number; "bad" and a reason for each packet
    that does not open, "truncated" and a count at the end.

esp_check.py ping ESP_SA SPI_OUT SPI_IN LOCAL REMOTE INNER_LOCAL INNER_REMOTE REPLY_NUMBER NUMBER...
    Sends an echo request sealed under SPI_OUT for each 64-bit NUMBER and opens the replies under SPI_IN, which are numbered near
    REPLY_NUMBER. Prints "answered N of M".
"""
import csv
import hmac
import select
import socket
import struct
import sys
import time

from scapy.all import ESP, ICMP, IP, PcapReader, Raw, SecurityAssociation, raw

CIPHERS = {"AES-GCM with 16 octet ICV [RFC4106]": "AES-GCM", "AES-CBC [RFC3602]": "AES-CBC"}
DIGESTS = {"NULL": None, "HMAC-SHA-256-128 [RFC4868]": "sha256"}
ICV_LENGTH = 16
REPLY_SECONDS = 5
IDENTIFIER = 0x5CA9


class Association:
    """One SPI. scapy's HMAC leaves the high half of the number out for ESP, so that this is done here (RFC 4303 section 2.2.1)."""

    def __init__(self, spi, cipher, key, integrity, integrity_key):
        self.spi, self.cipher, self.key = spi, CIPHERS[cipher], bytes.fromhex(key[2:])
        self.digest, self.integrity_key = DIGESTS[integrity], bytes.fromhex(integrity_key[2:])

    def seal(self, inner, number, source, destination):
        sa = self.scapy(number, source, destination)
        sa.seq_num = number & 0xFFFFFFFF
        esp = raw(sa.encrypt(inner)[ESP])
        return esp + self.icv(esp, number) if self.digest else esp

    def open(self, esp, number):
        if self.digest:
            esp, icv = esp[:-ICV_LENGTH], esp[-ICV_LENGTH:]
            if icv != self.icv(esp, number):
                raise ValueError("wrong ICV")
        return self.scapy(number, "0.0.0.0", "0.0.0.0").decrypt(IP(raw(IP(proto=socket.IPPROTO_ESP) / Raw(esp))))

    def icv(self, esp, number):
        return hmac.digest(self.integrity_key, esp + struct.pack("!L", number >> 32), self.digest)[:ICV_LENGTH]

    def scapy(self, number, source, destination):
        return SecurityAssociation(ESP, spi=self.spi, crypt_algo=self.cipher, crypt_key=self.key,
                                   tunnel_header=IP(src=source, dst=destination), esn_en=True, esn=number >> 32)


def read_associations(path):
    with open(path, newline="") as table:
        return {int(row[3], 16): Association(int(row[3], 16), *row[4:8]) for row in csv.reader(table)}


def nearest(low, last):
    """The 64-bit number with this low half that is closest to the last one."""
    candidates = [(high << 32) + low for high in range(max(0, (last >> 32) - 1), (last >> 32) + 2)]
    return min(candidates, key=lambda number: abs(number - last))


def open_capture(path, key_path, first):
    associations = read_associations(key_path)
    opened, truncated, last = {}, 0, {}
    for packet in PcapReader(path):
        if ESP not in packet:
            continue
        outer = packet[IP]
        if len(raw(outer)) < outer.len:
            truncated += 1
            continue
        spi, low = outer[ESP].spi, outer[ESP].seq
        number = nearest(low, last.get(spi, first))
        try:
            inner = associations[spi].open(raw(outer[ESP])[:outer.len - 4 * outer.ihl], number)
            if IP not in inner or not inner.dst.startswith("10."):
                raise ValueError("what came out is no inner packet: " + inner.summary())
        except Exception as fault:
            print("bad", hex(spi), number, type(fault).__name__, fault)
            continue
        last[spi] = number
        opened.setdefault(spi, []).append(number)
    for spi, numbers in opened.items():
        print("%08x" % spi, len(set(numbers)), min(numbers), max(numbers))
    print("truncated", truncated)


def ping(key_path, spi_out, spi_in, local, remote, inner_local, inner_remote, reply_number, numbers):
    associations = read_associations(key_path)
    wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ESP)
    wire.bind((local, 0))
    answered = set()
    for i, number in enumerate(numbers):
        request = IP(src=inner_local, dst=inner_remote) / ICMP(id=IDENTIFIER, seq=i) / Raw(b"sealed by scapy")
        wire.sendto(associations[spi_out].seal(request, number, local, remote), (remote, 0))
        deadline = time.monotonic() + REPLY_SECONDS
        while i not in answered and (left := deadline - time.monotonic()) > 0:
            if not select.select([wire], [], [], left)[0]:
                break
            reply = IP(wire.recv(65535))
            if reply[ESP].spi != spi_in:
                continue
            inner = associations[spi_in].open(raw(reply[ESP]), nearest(reply[ESP].seq, reply_number))
            if ICMP in inner and inner[ICMP].type == 0 and inner[ICMP].id == IDENTIFIER:
                answered.add(inner[ICMP].seq)
    print("answered", len(answered), "of", len(numbers))


if sys.argv[1] == "open":
    open_capture(sys.argv[2], sys.argv[3], int(sys.argv[4]))
else:
    ping(sys.argv[2], int(sys.argv[3], 16), int(sys.argv[4], 16), *sys.argv[5:9], int(sys.argv[9]), [int(number) for number in sys.argv[10:]])
