using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ipsec.Crypto.Signatures;

namespace Ipsec.Tests.Support.Certificates;

/// <summary>Lets .NET's certificate builder sign with our keys, Ed25519 among them, and with any method.</summary>
sealed class KeySignatureGenerator(SigningKey key, SignatureMethod method) : X509SignatureGenerator
{
    public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => method.ToAlgorithmIdentifier();

    public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.Sign(method, data);

    protected override System.Security.Cryptography.X509Certificates.PublicKey BuildPublicKey() =>
        System.Security.Cryptography.X509Certificates.PublicKey.CreateFromSubjectPublicKeyInfo(key.PublicKey.Encoding, out _);
}
