using System.Diagnostics.CodeAnalysis;
using Ipsec.Crypto.Signatures;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.PeerAuthentication;

/// <summary>Between an AUTH payload and a signature with its method (RFC 7296 §3.8, RFC 4754 §3, RFC 7427 §3).</summary>
static class SignaturePayload
{
    // RFC 7427 §3: one octet length, the AlgorithmIdentifier, the signature value.
    const int AlgorithmLengthOffset = 0;
    const int AlgorithmOffset = 1;

    /// <summary>The method of authentication methods 1, 9, 10, 11 and 14; false for any other, and for what is cut short or not known.</summary>
    public static bool TryRead(AuthenticationPayload payload, [NotNullWhen(true)] out SignatureMethod? method, out ReadOnlyMemory<byte> signature)
    {
        signature = payload.Data;
        method = payload.Method switch
        {
            AuthenticationMethod.RsaDigitalSignature => SignatureMethod.RsaPkcs1(SignatureHash.Sha1),
            AuthenticationMethod.EcdsaSha256P256 => SignatureMethod.EcdsaFixed(SignatureHash.Sha256),
            AuthenticationMethod.EcdsaSha384P384 => SignatureMethod.EcdsaFixed(SignatureHash.Sha384),
            AuthenticationMethod.EcdsaSha512P521 => SignatureMethod.EcdsaFixed(SignatureHash.Sha512),
            _ => null,
        };
        return method is not null || payload.Method == AuthenticationMethod.DigitalSignature
            && TryReadDigitalSignature(payload.Data, out method, out signature);
    }

    /// <param name="isDigitalSignature">Method 14, or the one that has a number of its own.</param>
    public static AuthenticationPayload Write(SignatureMethod method, bool isDigitalSignature, ReadOnlyMemory<byte> signature)
    {
        if (!isDigitalSignature)
            return new AuthenticationPayload(NumberOf(method), signature);
        byte[] algorithm = method.ToAlgorithmIdentifier();
        return new AuthenticationPayload(AuthenticationMethod.DigitalSignature,
            new byte[][] { [(byte)algorithm.Length], algorithm, signature.ToArray() }.SelectMany(part => part).ToArray());
    }

    static AuthenticationMethod NumberOf(SignatureMethod method) => (method.Scheme, method.Hash) switch
    {
        (SignatureScheme.RsaPkcs1, SignatureHash.Sha1) => AuthenticationMethod.RsaDigitalSignature,
        (SignatureScheme.EcdsaFixed, SignatureHash.Sha256) => AuthenticationMethod.EcdsaSha256P256,
        (SignatureScheme.EcdsaFixed, SignatureHash.Sha384) => AuthenticationMethod.EcdsaSha384P384,
        (SignatureScheme.EcdsaFixed, SignatureHash.Sha512) => AuthenticationMethod.EcdsaSha512P521,
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "A method without a number of its own."),
    };

    static bool TryReadDigitalSignature(ReadOnlyMemory<byte> data, [NotNullWhen(true)] out SignatureMethod? method, out ReadOnlyMemory<byte> signature)
    {
        method = null;
        signature = default;
        if (data.IsEmpty || data.Span[AlgorithmLengthOffset] is var length && data.Length < AlgorithmOffset + length)
            return false;
        signature = data[(AlgorithmOffset + length)..];
        return SignatureMethod.TryParseAlgorithmIdentifier(data.Span.Slice(AlgorithmOffset, length), out method);
    }
}
