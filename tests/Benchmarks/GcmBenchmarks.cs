using BenchmarkDotNet.Attributes;
using Ipsec.Crypto;
using Ipsec.Crypto.Gcm;
using Ipsec.Crypto.Registry;

namespace Ipsec.Benchmarks;

/// <summary>AES-256-GCM by our own code and by a libcrypto context that is kept, in place; opening with a copy of the ciphertext.</summary>
[MemoryDiagnoser]
public class GcmBenchmarks
{
    static readonly byte[] Header = [0, 0, 1, 0, 0, 0, 0, 1];
    static readonly byte[] Iv = new byte[8];

    readonly byte[] _icv = new byte[16];
    PacketCipher _sealer = null!;
    PacketCipher _opener = null!;
    byte[] _payload = [];
    byte[] _ciphertext = [];

    [Params("own", "libcrypto")]
    public string Code { get; set; } = "";

    [Params(64, 512, 1400)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _sealer = Create(forSealing: true);
        _opener = Create(forSealing: false);
        _payload = new byte[Length];
        _ciphertext = new byte[Length];
        _sealer.Seal(Header, null, Iv, _ciphertext, _icv);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _sealer.Dispose();
        _opener.Dispose();
    }

    [Benchmark]
    public void Seal() => _sealer.Seal(Header, null, Iv, _payload, _icv);

    [Benchmark]
    public bool Open()
    {
        _ciphertext.CopyTo(_payload, 0);
        return _opener.TryOpen(Header, null, Iv, _payload, _icv);
    }

    PacketCipher Create(bool forSealing)
    {
        EncryptionEntry entry = AlgorithmRegistry.Find(new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 256))!;
        byte[] key = new byte[36];
        if (Code == "libcrypto")
            return new StreamingPacketCipher(entry, key, forSealing);
        return GcmKernel.IsSupported ? new AcceleratedGcmCipher(entry, key) : throw new NotSupportedException("This processor has no AES, AVX2 or VPCLMULQDQ.");
    }
}
