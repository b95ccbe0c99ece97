using Ipsec.Crypto;

namespace Ipsec.Crypto.Tests;

/// <summary>Hands out given octets, once each and in order: the private values of published vectors.</summary>
sealed class ScriptedRandomSource(params byte[][] draws) : IRandomSource
{
    readonly Queue<byte[]> _draws = new(draws);

    public void Fill(Span<byte> destination)
    {
        byte[] draw = _draws.Dequeue();
        Assert.Equal(draw.Length, destination.Length);
        draw.CopyTo(destination);
    }
}
