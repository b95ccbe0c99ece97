using Ipsec.Crypto.Signatures;

namespace Ipsec.Ike.Configuration;

/// <summary>What a configured signature method stands for on the wire.</summary>
static class SignatureMethodNames
{
    /// <summary>
    /// A configuration names ECDSA with its hash; authentication methods 9, 10 and 11 write the same signature in another form (RFC 4754 §3).
    /// </summary>
    public static bool MakesSameSignatureAs(this SignatureMethod configured, SignatureMethod method) =>
        configured == method || method.Scheme == SignatureScheme.EcdsaFixed && configured == SignatureMethod.Ecdsa(method.Hash);
}
