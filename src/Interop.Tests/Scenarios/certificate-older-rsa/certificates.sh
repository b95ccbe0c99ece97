pair rsa 2048
