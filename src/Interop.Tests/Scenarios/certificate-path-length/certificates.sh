authority ca ecdsa 256 --pathlen 0
issue middle ecdsa 256 ca --ca
issue ours ecdsa 256 ca
issue theirs ecdsa 256 middle
give theirs
trust ca middle
