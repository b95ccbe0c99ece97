using Ipsec.Crypto;

namespace Ipsec.Ike.KeyDerivation;

/// <summary>
/// SK_d' = prf+ (PPK, SK_d), SK_pi' = prf+ (PPK, SK_pi), SK_pr' = prf+ (PPK, SK_pr) of RFC 8784 §3. The owner disposes it; SK_d' goes over to the IKE SA
/// when it is used.
/// </summary>
sealed class PostquantumKeys(Secret skD, Secret skPi, Secret skPr) : IDisposable
{
    public Secret SkD { get; } = skD;
    public Secret SkPi { get; } = skPi;
    public Secret SkPr { get; } = skPr;

    public static PostquantumKeys Derive(PseudorandomFunction prf, Secret postquantumKey, IkeKeys keys) =>
        new(Mix(prf, postquantumKey, keys.SkD), Mix(prf, postquantumKey, keys.SkPi), Mix(prf, postquantumKey, keys.SkPr));

    public void Dispose()
    {
        SkD.Dispose();
        SkPi.Dispose();
        SkPr.Dispose();
    }

    static Secret Mix(PseudorandomFunction prf, Secret postquantumKey, Secret key)
    {
        var material = KeyMaterial.Expand(prf, postquantumKey, key.Span, prf.OutputLength());
        Secret mixed = material.Take(prf.OutputLength());
        material.Dispose();
        return mixed;
    }
}
