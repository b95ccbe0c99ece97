namespace Ipsec.Lab.Hosts.Tcp;

/// <summary>What was given to send and is not acknowledged yet.</summary>
sealed class SendBuffer
{
    byte[] _octets = new byte[4096];
    int _start;

    public int Length { get; private set; }

    public void Append(ReadOnlySpan<byte> data)
    {
        if (_start + Length + data.Length > _octets.Length)
            MakeRoom(data.Length);
        data.CopyTo(_octets.AsSpan(_start + Length));
        Length += data.Length;
    }

    /// <summary>A copy, since the segment travels while this goes on.</summary>
    public byte[] Slice(int offset, int length) => _octets.AsSpan(_start + offset, length).ToArray();

    /// <summary>They have arrived.</summary>
    public void Drop(int octets)
    {
        _start += octets;
        Length -= octets;
    }

    void MakeRoom(int more)
    {
        byte[] target = Length + more <= _octets.Length / 2 ? _octets : new byte[Math.Max(2 * _octets.Length, Length + more)];
        _octets.AsSpan(_start, Length).CopyTo(target);
        (_octets, _start) = (target, 0);
    }
}
