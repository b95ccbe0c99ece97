pair ecdsa 521
