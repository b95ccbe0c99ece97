using Ipsec.Crypto;

namespace Ipsec.Crypto.Tests;

public sealed class SecretBufferTests
{
    [Fact]
    public void HoldsItsPartsInOrder()
    {
        using SecretBuffer buffer = new(14);
        buffer.Append([1, 2]).Append(0x0304_0506_0708_090AUL);
        buffer.Reserve(2).Fill(0xFF);
        Assert.Equal<byte>([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xFF, 0xFF], buffer.Span.ToArray());
        Assert.Equal<byte>([0, 0], buffer.Reserve(2).ToArray());
    }

    [Fact]
    public void RefusesMoreThanItsCapacity()
    {
        // A slot of 16 octets: what lies behind the capacity is not the buffer's.
        using SecretBuffer buffer = new(3);
        Assert.Throws<ArgumentException>(() => buffer.Append([1, 2, 3, 4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Append(1UL));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Reserve(4).Length);
        Assert.Equal(0, buffer.Span.Length);
    }

    [Fact]
    public void HasNoOctetsOnceDisposed()
    {
        SecretBuffer buffer = new(8);
        Span<byte> memory = buffer.Reserve(8);
        memory.Fill(1);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => buffer.Append(1UL));
    }
}
