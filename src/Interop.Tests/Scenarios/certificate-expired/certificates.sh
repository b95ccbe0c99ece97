authority ca ecdsa 256
issue ours ecdsa 256 ca
issue theirs ecdsa 256 ca --dateform %Y-%m-%d --not-before 2023-01-01 --not-after 2024-01-01
give theirs
trust ca
