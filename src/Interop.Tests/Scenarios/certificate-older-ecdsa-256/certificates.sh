pair ecdsa 256
