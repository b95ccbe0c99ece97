authority ca ecdsa 384
issue sales ecdsa 384 ca --ca --pathlen 0
issue research ecdsa 384 ca --ca --pathlen 0
issue ours ecdsa 256 sales
issue theirs ecdsa 256 research
cat ours.pem sales.pem > ours-chain.pem
give theirs
trust ca research
