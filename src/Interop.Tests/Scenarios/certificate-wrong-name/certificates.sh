authority ca ecdsa 256
issue ours ecdsa 256 ca
issue somebody ecdsa 256 ca
cp somebody.pem theirs/x509/theirs.pem
cp somebody.key theirs/private/
trust ca
