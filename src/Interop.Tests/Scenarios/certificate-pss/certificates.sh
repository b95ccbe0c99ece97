pair rsa 2048 --rsa-padding pss
