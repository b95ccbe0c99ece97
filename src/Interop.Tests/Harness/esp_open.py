"""Opens ESP packets of a capture with scapy and the keys of a Wireshark table, and prints what was inside.

esp_open.py PCAP ESP_SA [esn]      "esn": the high half of the sequence number is authenticated (RFC 4303 2.2.1)
One line for each packet: SPI, sequence number, inner source, inner destination, inner protocol. Any packet that does not open ends it.
"""
import csv
import sys

from scapy.all import ESP, IP, UDP, Ether, PcapReader, Raw
from scapy.layers.ipsec import SecurityAssociation

capture, table, extended = sys.argv[1], sys.argv[2], "esn" in sys.argv[3:]
CIPHERS = {"AES-GCM with 16 octet ICV [RFC4106]": "AES-GCM", "AES-CBC [RFC3602]": "AES-CBC", "TripleDES-CBC [RFC2451]": "3DES"}
CODES = {"NULL": "NULL", "HMAC-SHA-1-96 [RFC2404]": "HMAC-SHA1-96", "HMAC-SHA-256-128 [RFC4868]": "SHA2-256-128",
         "HMAC-SHA-384-192 [RFC4868]": "SHA2-384-192", "HMAC-SHA-512-256 [RFC4868]": "SHA2-512-256"}

associations = {}
with open(table, newline="") as rows:
    for _, _, _, spi, cipher, key, code, code_key in csv.reader(rows):
        associations[int(spi, 16)] = SecurityAssociation(
            ESP, spi=int(spi, 16), crypt_algo=CIPHERS[cipher], crypt_key=bytes.fromhex(key[2:]),
            auth_algo=CODES[code], auth_key=bytes.fromhex(code_key[2:]) or None, esn_en=extended, esn=0, tunnel_header=IP())

for frame in PcapReader(capture):
    packet = frame[IP] if IP in frame else None
    if packet is None:
        continue
    if packet.proto == 17 and packet[UDP].dport == 4500:
        payload = bytes(packet[UDP].payload)
        if len(payload) < 8 or payload[:4] == bytes(4):
            continue
        packet = IP(src=packet.src, dst=packet.dst, proto=50) / ESP(payload)
    elif packet.proto != 50:
        continue
    spi, number = packet[ESP].spi, packet[ESP].seq
    inner = associations[spi].decrypt(packet, esn_en=extended, esn=0)
    print(f"{spi:08x} {number} {inner.src} {inner.dst} {inner.proto}")
