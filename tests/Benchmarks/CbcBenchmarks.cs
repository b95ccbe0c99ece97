using BenchmarkDotNet.Attributes;
using Ipsec.Crypto;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.PayloadCiphers;
using Ipsec.Crypto.Registry;

namespace Ipsec.Benchmarks;

/// <summary>
/// AES-256-CBC with HMAC by our own code and by contexts of libcrypto that are kept: one packet, and a run of sixteen, per packet; opening with a copy of
/// the ciphertext.
/// </summary>
[MemoryDiagnoser]
public class CbcBenchmarks
{
    const int HeaderLength = 8;
    const int IvLength = 16;

    PacketCipher _sealer = null!;
    PacketCipher _opener = null!;
    byte[] _packets = [];
    byte[] _sealed = [];
    int _length;

    [Params("own", "libcrypto")]
    public string Code { get; set; } = "";

    [Params(IntegrityAlgorithm.HmacSha256_128, IntegrityAlgorithm.HmacSha1_96, IntegrityAlgorithm.HmacSha512_256)]
    public IntegrityAlgorithm Integrity { get; set; }

    /// <summary>Octets of the payload, padding among them.</summary>
    [Params(64, 512, 1408)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _sealer = Create(forSealing: true);
        _opener = Create(forSealing: false);
        _length = HeaderLength + IvLength + Length + _sealer.IcvLength;
        _packets = new byte[PacketCipher.LongestRun * _length];
        _sealer.SealRun(_packets, _length, []);
        _sealed = [.. _packets];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _sealer.Dispose();
        _opener.Dispose();
    }

    [Benchmark]
    public void SealOne() => _sealer.SealRun(_packets.AsSpan(0, _length), _length, []);

    [Benchmark]
    public uint OpenOne()
    {
        _sealed.AsSpan(0, _length).CopyTo(_packets);
        return _opener.OpenRun(_packets.AsSpan(0, _length), _length, []);
    }

    [Benchmark(OperationsPerInvoke = PacketCipher.LongestRun)]
    public void SealRun() => _sealer.SealRun(_packets, _length, []);

    [Benchmark(OperationsPerInvoke = PacketCipher.LongestRun)]
    public uint OpenRun()
    {
        _sealed.CopyTo(_packets, 0);
        return _opener.OpenRun(_packets, _length, []);
    }

    PacketCipher Create(bool forSealing)
    {
        EncryptionEntry encryption = AlgorithmRegistry.Find(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 256))!;
        IntegrityEntry integrity = AlgorithmRegistry.Find(Integrity)!;
        byte[] key = new byte[32];
        byte[] integrityKey = new byte[integrity.KeyLength];
        return Code == "own" ? new CipherMacPacketCipher(encryption, key, integrity, integrityKey, forSealing)
            : new CipherMacPacketCipher(encryption, integrity, new LibraryChainCipher(encryption, key, forSealing),
                LibraryMac.Hmac(integrity.Digest, integrity.KeyLength, integrityKey));
    }
}
