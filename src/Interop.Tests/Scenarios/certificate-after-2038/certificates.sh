dates="--dateform %Y-%m-%d --not-before 2025-01-01 --not-after 2060-01-01"
authority ca ecdsa 256 $dates
issue ours ecdsa 256 ca $dates
issue theirs ecdsa 256 ca $dates
give theirs
trust ca
