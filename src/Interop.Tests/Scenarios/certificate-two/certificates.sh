authority first ecdsa 256
authority second rsa 2048
issue ours ecdsa 256 first
cp ours.pem ours-first.pem
mv ours.key ours-first.key
issue ours rsa 2048 second
issue theirs rsa 2048 second
give theirs
trust second
