# What the scenarios' certificates.sh share: keys, authorities and certificates by strongSwan's pki, which answers on standard output.
# Files of ours stand in the scenario's folder, strongSwan's below theirs/ where swanctl looks for them.

mkdir -p theirs/x509 theirs/x509ca theirs/x509crl theirs/private theirs/pubkey

# key NAME TYPE [BITS] - makes NAME.key (rsa, ecdsa or ed25519)
key() {
    pki --gen --type "$2" ${3:+--size "$3"} --outform pem > "$1.key"
}

# authority NAME TYPE BITS [OPTION...] - a self-signed authority CN=NAME
authority() {
    name=$1 type=$2 bits=$3
    shift 3
    key "$name" "$type" "$bits"
    pki --self --ca --in "$name.key" --type priv --dn "C=CH, O=Interop, CN=$name" --lifetime 3650 "$@" --outform pem > "$name.pem"
}

# issue NAME TYPE BITS ISSUER [OPTION...] - a certificate CN=NAME of an authority; the alternative name is NAME.example
issue() {
    name=$1 type=$2 bits=$3 issuer=$4
    shift 4
    [ -f "$name.key" ] || key "$name" "$type" "$bits"
    pki --pub --in "$name.key" --type priv --outform pem > "$name.pub"
    pki --issue --in "$name.pub" --cacert "$issuer.pem" --cakey "$issuer.key" --dn "C=CH, O=Interop, CN=$name" --san "$name.example" \
        --lifetime 1000 "$@" --outform pem > "$name.pem"
}

# give NAME - puts a certificate and its key into strongSwan's hands
give() {
    cp "$1.pem" theirs/x509/
    cp "$1.key" theirs/private/
}

# trust NAME... - makes authorities known to strongSwan
trust() {
    for name in "$@"; do cp "$name.pem" theirs/x509ca/; done
}

# pair TYPE BITS [OPTION...] - one authority, one certificate for each side
pair() {
    type=$1 bits=$2
    shift 2
    authority ca "$type" "$bits" "$@"
    issue ours "$type" "$bits" ca "$@"
    issue theirs "$type" "$bits" ca "$@"
    give theirs
    trust ca
}
