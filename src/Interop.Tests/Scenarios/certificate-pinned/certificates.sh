pair ecdsa 256
cp ours.pem theirs/x509/
