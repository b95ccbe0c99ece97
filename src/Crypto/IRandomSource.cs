namespace Ipsec.Crypto;

/// <summary>
/// Where nonces, SPIs, cookies and private key-exchange values come from. The core has no other randomness: the host injects
/// the operating system's, the in-memory fabric a seeded one, so that the same seed gives the same bytes.
/// </summary>
public interface IRandomSource
{
    void Fill(Span<byte> destination);
}
