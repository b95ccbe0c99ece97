authority ca ecdsa 256
authority other ecdsa 256
issue ours ecdsa 256 ca
issue theirs ecdsa 256 other
give theirs
trust ca other
