pair rsa 2048 --digest sha384
