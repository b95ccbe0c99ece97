pair ecdsa 384
