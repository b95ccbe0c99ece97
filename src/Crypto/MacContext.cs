namespace Ipsec.Crypto;

/// <summary>A keyed message authentication code that computes one after the other. Not thread-safe; allocates nothing after construction.</summary>
abstract class MacContext : IDisposable
{
    /// <summary>Octets of the longest code.</summary>
    internal const int LongestCode = 64;

    /// <summary>Octets of the whole code, before any truncation.</summary>
    internal abstract int OutputLength { get; }

    /// <summary>Starts over with the same key.</summary>
    internal abstract void Reset();

    /// <summary>Adds a few octets: a header, an IV, a counter.</summary>
    internal abstract void AppendShort(ReadOnlySpan<byte> data);

    internal abstract void Append(ReadOnlySpan<byte> data);

    /// <summary>Writes the code, <see cref="OutputLength"/> octets.</summary>
    internal abstract void Finish(Span<byte> destination);

    public abstract void Dispose();
}
