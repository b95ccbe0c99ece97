using Ipsec.Lab.Network;
using Ipsec.Lab.Tests.Support;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Network;

public sealed class FragmentationTests
{
    static readonly byte[] Large = Packets.Udp("192.0.2.1:1", "192.0.2.2:2", 77, payloadLength: 3000);
    static readonly byte[] LargeV6 = Packets.Udp("[2001:db8::1]:1", "[2001:db8::2]:2", 77, payloadLength: 3000);

    [Theory]
    [InlineData(1500, false)]
    [InlineData(68, false)]
    [InlineData(1280, true)]
    public void ReassemblesInAnyOrderWithDuplicates(int mtu, bool isV6)
    {
        IReadOnlyList<byte[]> pieces = Fragment(isV6, mtu);
        Assert.All(pieces, piece => Assert.InRange(piece.Length, 1, mtu));
        var reassembler = new FragmentReassembler();
        foreach (byte[] piece in pieces.Skip(1).Reverse())
        {
            Assert.Null(reassembler.Add(piece, TimeSpan.Zero));
            Assert.Null(reassembler.Add(piece, TimeSpan.Zero));
        }
        Assert.Equal(isV6 ? LargeV6 : Large, reassembler.Add(pieces[0], TimeSpan.Zero));
    }

    [Fact]
    public void FragmentsAFragmentAgain()
    {
        var reassembler = new FragmentReassembler();
        byte[]? whole = null;
        foreach (byte[] piece in Fragment(false, 1500))
        {
            IReadOnlyList<byte[]> smaller = [piece];
            if (piece.Length > 500)
                Assert.True(IpFragmentation.TryFragmentV4(piece, 500, out smaller));
            foreach (byte[] small in smaller)
                whole ??= reassembler.Add(small, TimeSpan.Zero);
        }
        Assert.Equal(Large, whole);
    }

    [Fact]
    public void ForgetsAnIncompleteDatagram()
    {
        IReadOnlyList<byte[]> pieces = Fragment(false, 1500);
        var reassembler = new FragmentReassembler();
        Assert.Null(reassembler.Add(pieces[0], TimeSpan.Zero));
        TimeSpan late = FragmentReassembler.Timeout + TimeSpan.FromTicks(1);
        Assert.Null(reassembler.Add(pieces[1], late));
        Assert.Null(reassembler.Add(pieces[2], late));
        Assert.Equal(Large, reassembler.Add(pieces[0], late));
    }

    [Fact]
    public void DiscardsOverlaps()
    {
        IReadOnlyList<byte[]> pieces = Fragment(false, 1500);
        var reassembler = new FragmentReassembler();
        Assert.Null(reassembler.Add(pieces[0], TimeSpan.Zero));
        byte[] overlapping = [.. pieces[1]];
        overlapping[7]--; // eight octets earlier
        Assert.Null(reassembler.Add(overlapping, TimeSpan.Zero));
        Assert.Null(reassembler.Add(pieces[1], TimeSpan.Zero));
        Assert.Null(reassembler.Add(pieces[2], TimeSpan.Zero));
    }

    [Fact]
    public void IsBoundedUnderAFlood()
    {
        var reassembler = new FragmentReassembler();
        IReadOnlyList<byte[]> pieces = Fragment(false, 1500);
        reassembler.Add(pieces[0], TimeSpan.Zero);
        for (int i = 1; i <= 64; i++)
        {
            byte[] other = [.. pieces[0]];
            other[5] = (byte)i;
            Assert.Null(reassembler.Add(other, TimeSpan.Zero));
        }
        // The first datagram made room, so its other pieces complete nothing.
        Assert.Null(reassembler.Add(pieces[1], TimeSpan.Zero));
        Assert.Null(reassembler.Add(pieces[2], TimeSpan.Zero));
    }

    [Fact]
    public void NeverThrowsOnMutatedFragments()
    {
        var random = new SeededRandomSource(3, "mutations");
        var reassembler = new FragmentReassembler();
        IReadOnlyList<byte[]>[] sources = [Fragment(false, 576), Fragment(true, 1280)];
        Span<byte> draw = stackalloc byte[4];
        for (int i = 0; i < 20_000; i++)
        {
            random.Fill(draw);
            IReadOnlyList<byte[]> pieces = sources[draw[0] % 2];
            byte[] piece = [.. pieces[draw[1] % pieces.Count]];
            piece[draw[2] % 56] = draw[3];
            byte[]? whole = reassembler.Add(piece, TimeSpan.FromSeconds(i));
            Assert.True(whole is null || whole.Length <= ushort.MaxValue + 40);
        }
    }

    [Fact]
    public void RefusesWhatMustNotBeFragmented()
    {
        Assert.False(IpFragmentation.TryFragmentV4(Packets.Udp("192.0.2.1:1", "192.0.2.2:2", payloadLength: 900, dontFragment: true), 600, out _));
        Assert.False(IpFragmentation.TryFragmentV4(LargeV6, 1500, out _));
        Assert.False(IpFragmentation.TryFragmentV4(Large, 27, out _));
        Assert.False(IpFragmentation.TryFragmentV4(new byte[5], 600, out _));
    }

    static IReadOnlyList<byte[]> Fragment(bool isV6, int mtu)
    {
        if (isV6)
            return IpFragmentation.FragmentV6(LargeV6, mtu, 99);
        Assert.True(IpFragmentation.TryFragmentV4(Large, mtu, out IReadOnlyList<byte[]> pieces));
        return pieces;
    }
}
