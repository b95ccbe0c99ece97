key ours rsa 2048
key theirs rsa 2048
pki --pub --in ours.key --type priv --outform pem > theirs/pubkey/ours.pub
pki --pub --in theirs.key --type priv --outform pem > theirs.pub
cp theirs.pub theirs/pubkey/theirs.pub
cp theirs.key theirs/private/
