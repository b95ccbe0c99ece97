using Ipsec.Crypto;
using Ipsec.Esp.Packets;

namespace Ipsec.Esp.Associations;

/// <summary>
/// The opening contexts of one SA. A context has one user at a time: a worker rents one and gives it back; only when several workers
/// open packets of the same SA at once is another one made. Closing frees the idle ones at once and a rented one
/// on its return, so native memory goes exactly when its last user has left it.
/// </summary>
sealed class InboundCiphers
{
    readonly Lock _lock = new();
    readonly Stack<PacketCipher> _idle = new(4);
    readonly EspTransforms _transforms;
    readonly Secret _encryptionKey;
    readonly Secret _integrityKey;
    bool _isClosed;

    public InboundCiphers(EspTransforms transforms, Secret encryptionKey, Secret integrityKey)
    {
        _transforms = transforms;
        _encryptionKey = encryptionKey.Clone();
        _integrityKey = integrityKey.Clone();
        PacketCipher first = Create();
        _idle.Push(first);
        PayloadOffset = EspHeader.Length + first.IvLength;
        IcvLength = first.IcvLength;
        BlockLength = first.BlockLength;
        PreferredRun = first.PreferredRun;
    }

    /// <summary>Where the payload stands in a packet.</summary>
    public int PayloadOffset { get; }
    public int IcvLength { get; }
    public int BlockLength { get; }

    /// <summary>Packets that a context is best given together.</summary>
    public int PreferredRun { get; }

    /// <summary>Null after <see cref="Close"/>.</summary>
    public PacketCipher? Rent()
    {
        lock (_lock)
        {
            if (_isClosed)
                return null;
            return _idle.TryPop(out PacketCipher? cipher) ? cipher : Create();
        }
    }

    public void Return(PacketCipher cipher)
    {
        lock (_lock)
        {
            if (!_isClosed)
            {
                _idle.Push(cipher);
                return;
            }
        }
        cipher.Dispose();
    }

    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            while (_idle.TryPop(out PacketCipher? cipher))
                cipher.Dispose();
            _encryptionKey.Dispose();
            _integrityKey.Dispose();
        }
    }

    PacketCipher Create() => PacketCiphers.Create(_transforms.Encryption, _encryptionKey.Span,
        _transforms.Integrity, _integrityKey.Span, forSealing: false);
}
