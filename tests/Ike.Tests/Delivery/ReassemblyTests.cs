using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Engine;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Protection;
using Ipsec.Ike.Tests.Engines;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Delivery;

/// <summary>
/// Fragments of every kind, by a peer that has the keys and by one that has not (RFC 7383 §2.6): what came of CVE-2016-1287, CVE-2016-1344 (lengths that
/// lie) and CVE-2026-12413 (outer payloads that nobody knows) elsewhere.
/// </summary>
public sealed class ReassemblyTests : IDisposable
{
    static readonly Instant Start = new(TimeSpan.FromSeconds(1), DateTimeOffset.UnixEpoch);

    readonly IkeKeys _keys;
    readonly MessageProtection _peer;
    readonly MessageProtection _ours;
    readonly EngineContext _context;
    readonly IkeSa _sa;
    readonly MessageOpening _opening;

    public ReassemblyTests()
    {
        AlgorithmProposal policy = ProposalText.Parse("aes256gcm16-prfsha256-ecp256", ProtocolId.Ike);
        var suite = new IkeSuite(policy.Encryption[0], policy.PseudorandomFunctions[0], IntegrityAlgorithm.None, KeyExchangeMethod.Ecp256);
        using var seed = new Secret(MessageSamples.Octets(32, 1));
        _keys = IkeKeys.Derive(suite, seed, MessageSamples.Octets(32, 2), MessageSamples.Octets(32, 3), 1, 2);
        _peer = new MessageProtection(suite, _keys, isInitiator: true, new SeededRandomSource(1));
        _ours = new MessageProtection(suite, _keys, isInitiator: false, new SeededRandomSource(2));
        IkeEngineConfiguration configuration = Engines.Connections.EngineB() with
        {
            Options = new IkeEngineOptions { MaximumHalfOpenReassembly = 20_000, MaximumReassembly = 40_000 },
        };
        _context = new EngineContext(configuration, new EngineNode("B", Engines.Connections.EngineB(), 3, 1, null), new SeededRandomSource(3), null, null);
        _sa = NewSa();
        _opening = new MessageOpening(_sa);
    }

    [Fact]
    public void PutsAMessageTogetherFromFragmentsInAnyOrder()
    {
        IkeMessage message = Large(3000);
        byte[][] fragments = _peer.Seal(message, 600);
        Assert.InRange(fragments.Length, 6, 7);
        foreach (int[] order in new int[][] { [.. Enumerable.Range(0, fragments.Length)], [.. Enumerable.Range(0, fragments.Length).Reverse()],
            [2, 0, 5, 1, 4, 3] })
        {
            ReassembledMessage? whole = null;
            foreach (int i in order)
            {
                Assert.Null(whole);
                whole = Take(fragments[i]);
                if (whole is null)
                    Assert.Null(Take(fragments[i]));
            }
            Assert.True(whole!.Message.TryParse(out IkeMessage? parsed, out _));
            Assert.Equal<Payload>(message.Payloads, parsed.Payloads);
            Assert.Equal(600, whole.LargestDatagram);
            Assert.Equal(MessageDigest.Of(fragments[0]), whole.Digest);
            Assert.Equal(0, _context.Reassembly.Used);
        }
    }

    [Fact]
    public void AFinerSetReplacesACoarserOneAndNotTheOtherWayRound()
    {
        IkeMessage message = Large(3000);
        byte[][] coarse = _peer.Seal(message, 1200);
        byte[][] fine = _peer.Seal(message, 600);
        Take(coarse[0]);
        Take(coarse[1]);
        Take(fine[0]);
        Assert.InRange(_context.Reassembly.Used, 1, 800);
        Assert.Null(Take(coarse[2]));
        ReassembledMessage? whole = null;
        foreach (byte[] fragment in fine[1..])
            whole = Take(fragment);
        Assert.NotNull(whole);
    }

    [Fact]
    public void NumbersThatCannotBeAreDiscardedBeforeAnythingIsSpentOnThem()
    {
        byte[] fragment = _peer.Seal(Large(3000), 600)[1];
        foreach ((int number, int total, PeerFault expected) in new[]
        {
            (0, 6, PeerFault.InvalidFragment), (1, 0, PeerFault.InvalidFragment), (7, 6, PeerFault.InvalidFragment), (0, 0, PeerFault.InvalidFragment),
            (2, WireLimits.Fragments + 1, PeerFault.TooManyFragments), (65535, 65535, PeerFault.TooManyFragments), (2, 5, PeerFault.ProtectionFailed),
        })
        {
            byte[] changed = [.. fragment];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(changed.AsSpan(IkeHeader.EncodedLength + PayloadHeader.EncodedLength), (ushort)number);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(changed.AsSpan(IkeHeader.EncodedLength + PayloadHeader.EncodedLength + 2),
                (ushort)total);
            Assert.Equal(expected, FaultOf(changed));
            Assert.Equal(0, _context.Reassembly.Used);
        }
    }

    [Fact]
    public void LengthsThatLieAndEveryTruncationAreDiscarded()
    {
        byte[] fragment = _peer.Seal(Large(3000), 600)[0];
        for (int length = IkeHeader.EncodedLength; length < fragment.Length; length++)
        {
            byte[] cut = fragment[..length];
            Assert.NotEqual(PeerFault.None, FaultOf(cut));
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(cut.AsSpan(IkeHeader.LengthOffset), length);
            Assert.NotEqual(PeerFault.None, FaultOf(cut));
            if (length >= IkeHeader.EncodedLength + PayloadHeader.EncodedLength)
                System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(cut.AsSpan(IkeHeader.EncodedLength + 2),
                    (ushort)(length - IkeHeader.EncodedLength));
            Assert.NotEqual(PeerFault.None, FaultOf(cut));
        }
        for (int payloadLength = 0; payloadLength <= ushort.MaxValue; payloadLength += 97)
        {
            byte[] lying = [.. fragment];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(lying.AsSpan(IkeHeader.EncodedLength + 2), (ushort)payloadLength);
            Assert.NotEqual(PeerFault.None, FaultOf(lying));
        }
        Assert.Equal(0, _context.Reassembly.Used);
    }

    [Fact]
    public void WithoutTheKeysNothingIsStored()
    {
        byte[] fragment = _peer.Seal(Large(3000), 600)[0];
        for (int i = 0; i < fragment.Length; i++)
        {
            byte[] forged = [.. fragment];
            forged[i] ^= 0x10;
            Assert.NotEqual(PeerFault.None, FaultOf(forged));
        }
        Assert.Equal(0, _context.Reassembly.Used);
    }

    [Fact]
    public void OuterPayloadsThatNobodyKnowsAreNotKept()
    {
        // 100 payloads of an unknown type in front of the fragment, authentic or not.
        byte[] fragment = _peer.Seal(Large(3000), 600)[0];
        var writer = new OctetWriter();
        for (int i = 0; i < 100; i++)
        {
            writer.U8(i < 99 ? (byte)200 : (byte)PayloadType.EncryptedFragment);
            writer.U8(0);
            writer.U16(504);
            writer.Zeros(500);
        }
        byte[] filled = [.. fragment[..IkeHeader.EncodedLength], .. writer.Written, .. fragment[IkeHeader.EncodedLength..]];
        filled[IkeHeader.NextPayloadOffset] = 200;
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(filled.AsSpan(IkeHeader.LengthOffset), filled.Length);
        Assert.Equal(PeerFault.ProtectionFailed, FaultOf(filled));
        Assert.Equal(0, _context.Reassembly.Used);
    }

    [Fact]
    public void WhatHasNotBeenNegotiatedIsDiscarded()
    {
        _sa.Capabilities = PeerCapabilities.None;
        Assert.Equal(PeerFault.FragmentNotNegotiated, FaultOf(_peer.Seal(Large(3000), 600)[0]));
    }

    [Fact]
    public void OneMessageHoldsNoMoreThanAMessageMay()
    {
        var roomy = new EngineContext(Engines.Connections.EngineB(), new EngineNode("B", Engines.Connections.EngineB(), 3, 1, null), new SeededRandomSource(3),
            null, null);
        var opening = new MessageOpening(NewSa(roomy));
        int stored = 0;
        foreach (byte[] fragment in _peer.Seal(Large(65_000), 400))
        {
            Assert.True(MessageEnvelope.TryParse(fragment, out _, out MessageEnvelope envelope, out _));
            opening.TryOpen(envelope, _ours, Start, out _, out _);
            stored++;
            Assert.InRange(roomy.Reassembly.Used, 0, WireLimits.MessageLength + stored * ReassemblyBudget.FragmentOverhead);
        }
        Assert.InRange(stored, 150, WireLimits.Fragments);
    }

    [Fact]
    public void ManyHalfOpenIkeSasShareOneBudgetAndGiveItBackInTime()
    {
        byte[] fragment = _peer.Seal(Large(9000), 3000)[0];
        List<MessageOpening> openings = [];
        for (int i = 0; i < 100; i++)
        {
            IkeSa sa = NewSa();
            _context.HalfOpen.Add(sa, (UInt128)i + 1, [], hasCookie: false);
            openings.Add(new MessageOpening(sa));
            Assert.Null(Take(fragment, openings[^1]));
            Assert.InRange(_context.Reassembly.Used, 1, 20_000);
        }
        Assert.True(_context.Counters["reassembly-limit"] > 50);
        // An authenticated peer is heard all the same.
        Assert.Null(Take(fragment));
        Assert.InRange(_context.Reassembly.Used, 20_000 - 3000 + 1, 23_500);

        _context.Timers.RunDue(Start.Plus(TimeSpan.FromSeconds(31)));
        Assert.Equal(0, _context.Reassembly.Used);
        Assert.Null(_context.Timers.Next);
    }

    [Fact]
    public void AnotherMessageIdStartsOver()
    {
        byte[][] first = _peer.Seal(Large(3000), 600);
        byte[][] second = _peer.Seal(Large(3000) with { Header = Large(0).Header with { MessageId = 8 } }, 600);
        Take(first[0]);
        Take(second[0]);
        Assert.InRange(_context.Reassembly.Used, 1, 800);
        ReassembledMessage? whole = null;
        foreach (byte[] fragment in second[1..])
            whole = Take(fragment);
        Assert.Equal(8u, whole!.Message.Header.MessageId);
    }

    public void Dispose() => _keys.Dispose();

    static IkeMessage Large(int octets) =>
        new(new IkeHeader(1, 2, ExchangeType.Informational, IkeHeaderFlags.Initiator, 7), [new VendorIdPayload(new byte[octets])]);

    IkeSa NewSa(EngineContext? context = null)
    {
        context ??= _context;
        return new IkeSa(context, context.NextIkeSaId(), isInitiator: false, 1, 2, Engines.Adversarial.ByzantinePeer.PathToB, Start)
        {
            Capabilities = new PeerCapabilities { Fragmentation = true },
        };
    }

    ReassembledMessage? Take(byte[] datagram, MessageOpening? opening = null)
    {
        Assert.True(MessageEnvelope.TryParse(datagram, out _, out MessageEnvelope envelope, out _));
        (opening ?? _opening).TryOpen(envelope, _ours, Start, out ReassembledMessage? message, out MessageFault fault);
        Assert.Equal(PeerFault.None, fault.Fault);
        return message;
    }

    PeerFault FaultOf(byte[] datagram)
    {
        if (!MessageEnvelope.TryParse(datagram, out _, out MessageEnvelope envelope, out MessageFault fault))
            return fault.Fault;
        Assert.False(_opening.TryOpen(envelope, _ours, Start, out _, out fault));
        return fault.Fault;
    }
}
