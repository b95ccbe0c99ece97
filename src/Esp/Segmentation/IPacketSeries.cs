namespace Ipsec.Esp.Segmentation;

/// <summary>The packets that one handed-over packet becomes; each is written straight to where it is sealed.</summary>
interface IPacketSeries
{
    /// <summary>Octets of the packet that <see cref="WriteNext"/> writes; 0 when there is none left.</summary>
    int NextLength { get; }

    void WriteNext(scoped Span<byte> destination);
}

/// <summary>One packet as it is.</summary>
ref struct WholePacket(ReadOnlySpan<byte> packet) : IPacketSeries
{
    readonly ReadOnlySpan<byte> _packet = packet;
    bool _isWritten;

    public readonly int NextLength => _isWritten ? 0 : _packet.Length;

    public void WriteNext(scoped Span<byte> destination)
    {
        _packet.CopyTo(destination);
        _isWritten = true;
    }
}
