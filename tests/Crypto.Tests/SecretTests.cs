using System.Runtime.CompilerServices;
using Ipsec.Crypto;
using Ipsec.Crypto.Secrets;

namespace Ipsec.Crypto.Tests;

public sealed class SecretTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(20)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1024)]
    [InlineData(5000)]
    public void ClearsItselfAndItsCopiesLiveOn(int length)
    {
        byte[] octets = [.. Enumerable.Range(1, length).Select(number => (byte)(number % 255 + 1))];
        SecretSlot slot = SecretMemory.Take(length);
        octets.CopyTo(slot.Octets);
        Span<byte> memory = slot.Octets;
        Secret secret = new(memory);
        using Secret copy = secret.Clone();
        secret.Dispose();
        slot.Free();
        Assert.Equal(-1, memory.IndexOfAnyExcept((byte)0));
        Assert.Equal<byte>(octets, copy.Span.ToArray());
        Assert.Equal(length, copy.Length);
    }

    [Fact]
    public void HasNoOctetsOnceDisposed()
    {
        Secret secret = new([1, 2, 3]);
        secret.Dispose();
        Assert.Throws<ObjectDisposedException>(() => secret.Span.Length);
        Assert.Throws<ObjectDisposedException>(secret.Clone);
        Assert.Equal("Secret(3 octets)", secret.ToString());
    }

    [Fact]
    public void DisposedTwiceLeavesTheNextOwnerAlone()
    {
        SecretPool pool = new(32);
        SecretSlot first = pool.Take(32);
        ref byte place = ref first.Octets[0];
        first.Free();
        SecretSlot next = pool.Take(32);
        Assert.True(Unsafe.AreSame(ref place, ref next.Octets[0]));
        next.Octets.Fill(7);
        first.Free();
        Assert.Equal(32, next.Octets.Count((byte)7));
        SecretSlot other = pool.Take(32);
        Assert.False(Unsafe.AreSame(ref place, ref other.Octets[0]));
    }

    [Fact]
    public void EmptyOneIsLikeAnyOther()
    {
        Secret empty = new([]);
        Assert.Equal(0, empty.Span.Length);
        Assert.Equal(0, empty.Length);
        empty.Dispose();
        empty.Dispose();
        Assert.Throws<ObjectDisposedException>(() => empty.Span.Length);
    }

    [Fact]
    public void PrintsItsLengthOnly()
    {
        using Secret secret = new([0xab, 0xcd]);
        Assert.Equal("Secret(2 octets)", secret.ToString());
        Assert.Equal(2, secret.Length);
    }
}
