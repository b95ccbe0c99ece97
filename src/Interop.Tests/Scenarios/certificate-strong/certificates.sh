pair rsa 4096 --digest sha512
