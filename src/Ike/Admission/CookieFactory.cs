using System.Buffers.Binary;
using System.Security.Cryptography;
using Ipsec.Crypto;
using Ipsec.Net;

namespace Ipsec.Ike.Admission;

/// <summary>
/// Stateless cookies of a responder under load, RFC 7296 §2.6:
/// Cookie = VersionIDofSecret | Hash(Ni | IPi | SPIi | secret).
/// The secret is renewed on use once it is older than its lifetime, and the previous one still verifies for one more lifetime.
/// The initiator's port is hashed with its address, so that peers behind one NAT do not share a cookie.
/// </summary>
sealed class CookieFactory(IRandomSource random, TimeSpan secretLifetime) : IDisposable
{
    const int VersionLength = sizeof(uint);
    const int SecretLength = 32;

    /// <summary>Octets of a cookie; RFC 7296 §2.6 allows 1 to 64.</summary>
    public const int CookieLength = VersionLength + SHA256.HashSizeInBytes;

    uint _version;
    Secret? _current;
    Secret? _previous;
    TimeSpan _currentSince;

    public byte[] Create(ReadOnlySpan<byte> nonce, TransportAddress initiator, ulong initiatorSpi, Instant now)
    {
        Rotate(now);
        byte[] cookie = new byte[CookieLength];
        BinaryPrimitives.WriteUInt32BigEndian(cookie, _version);
        Hash(_current!, nonce, initiator, initiatorSpi, cookie.AsSpan(VersionLength));
        return cookie;
    }

    /// <summary>True for a cookie that this factory made for the same nonce, address and SPI, under the current or the previous secret.</summary>
    public bool Verify(ReadOnlySpan<byte> cookie, ReadOnlySpan<byte> nonce, TransportAddress initiator, ulong initiatorSpi, Instant now)
    {
        Rotate(now);
        if (cookie.Length != CookieLength)
            return false;
        uint version = BinaryPrimitives.ReadUInt32BigEndian(cookie);
        Secret? secret = version == _version ? _current : version == unchecked(_version - 1) ? _previous : null;
        if (secret is null)
            return false;
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(secret, nonce, initiator, initiatorSpi, expected);
        return CryptographicOperations.FixedTimeEquals(cookie[VersionLength..], expected);
    }

    public void Dispose()
    {
        _current?.Dispose();
        _previous?.Dispose();
    }

    void Rotate(Instant now)
    {
        TimeSpan age = now.Monotonic - _currentSince;
        if (_current is not null && age < secretLifetime)
            return;
        _previous?.Dispose();
        // After a long pause the old secret is older than two lifetimes and must not verify any more.
        _previous = age < 2 * secretLifetime ? _current : null;
        if (_previous is null)
            _current?.Dispose();
        Span<byte> octets = stackalloc byte[SecretLength];
        random.Fill(octets);
        _current = new Secret(octets);
        octets.Clear();
        _currentSince = now.Monotonic;
        _version = unchecked(_version + 1);
    }

    static void Hash(Secret secret, ReadOnlySpan<byte> nonce, TransportAddress initiator, ulong initiatorSpi, Span<byte> destination)
    {
        // A nonce has at most 256 octets (RFC 7296 §3.9); address, port and SPI add 26.
        Span<byte> input = stackalloc byte[nonce.Length + initiator.Address.ByteLength + sizeof(ushort) + sizeof(ulong) + SecretLength];
        nonce.CopyTo(input);
        int offset = nonce.Length;
        offset += initiator.Address.WriteTo(input[offset..]);
        BinaryPrimitives.WriteUInt16BigEndian(input[offset..], initiator.Port);
        offset += sizeof(ushort);
        BinaryPrimitives.WriteUInt64BigEndian(input[offset..], initiatorSpi);
        offset += sizeof(ulong);
        secret.Span.CopyTo(input[offset..]);
        SHA256.HashData(input, destination);
        input.Clear();
    }
}
