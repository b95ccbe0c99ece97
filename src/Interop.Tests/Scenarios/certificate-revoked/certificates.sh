authority ca ecdsa 256
issue ours ecdsa 256 ca
issue theirs ecdsa 256 ca
give theirs
trust ca
pki --signcrl --cacert ca.pem --cakey ca.key --cert theirs.pem --reason key-compromise --lifetime 30 --outform pem > ca.crl
