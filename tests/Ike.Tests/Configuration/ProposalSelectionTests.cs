using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Configuration;

public class ProposalSelectionTests
{
    [Theory]
    // Our order of proposals and of algorithms counts, not the initiator's.
    [InlineData("aes128-sha1-modp1024 aes256-sha256-modp2048", "aes256-sha256-modp2048 aes128-sha1-modp1024", "aes256-sha256-modp2048", 2)]
    [InlineData("aes128-aes256-sha1-sha256-modp1024-ecp256", "aes256-aes128-sha256-sha1-ecp256-modp1024", "aes256-sha256-ecp256", 1)]
    [InlineData("aes128-sha256-modp2048 aes256gcm16-prfsha384-ecp384", "aes256gcm16-prfsha384-ecp384", "aes256gcm16-prfsha384-ecp384", 2)]
    [InlineData("3des-aes128-sha1-modp1024", "3des-sha1-modp1024", "3des-sha1-modp1024", 1)]
    // Additional key exchanges, RFC 9370 §2.2: optional where NONE is among them, and no method twice.
    [InlineData("aes128-sha1-ecp256-ke1_ecp384-ke1_none", "aes128-sha1-ecp256", "aes128-sha1-ecp256", 1)]
    [InlineData("aes128-sha1-ecp256", "aes128-sha1-ecp256-ke1_ecp384-ke1_none", "aes128-sha1-ecp256", 1)]
    [InlineData("aes128-sha1-ecp256-ke1_ecp384-ke1_modp2048", "aes128-sha1-ecp256-ke1_modp2048-ke1_ecp384", "aes128-sha1-ecp256-ke1_modp2048", 1)]
    [InlineData("aes128-sha1-ecp256-ecp384-ke1_ecp256", "aes128-sha1-ecp256-ecp384-ke1_ecp256", "aes128-sha1-ecp384-ke1_ecp256", 1)]
    [InlineData("aes128-sha1-ecp256-ke2_ecp384-ke7_modp2048", "aes128-sha1-ecp256-ke2_ecp384-ke7_modp2048", "aes128-sha1-ecp256-ke2_ecp384-ke7_modp2048", 1)]
    public void ChoosesWhatTheResponderPrefers(string offer, string policy, string expected, int number)
    {
        SelectedProposal selected = Select(offer, policy, ProtocolId.Ike);
        Assert.Equal(expected, ProposalText.Print(selected.ToIkeSuite()));
        Assert.Equal(number, selected.Number);
        Proposal reply = Assert.Single(selected.ToReply(default).Proposals);
        Assert.Equal(number, reply.Number);
        Assert.Equal(reply.Transforms.Length, reply.Transforms.DistinctBy(transform => transform.Type).Count());
    }

    [Theory]
    [InlineData("aes256-sha256-modp2048", "aes256-sha256-modp2048", true, "aes256-sha256-modp2048")]
    [InlineData("aes256-sha256-modp2048", "aes256-sha256", false, "aes256-sha256")]
    [InlineData("aes256-sha256", "aes256-sha256-modp2048", false, "aes256-sha256")]
    [InlineData("aes256gcm16-esn-noesn", "aes256gcm16-noesn-esn", true, "aes256gcm16")]
    [InlineData("aes256gcm16-esn-noesn", "aes256gcm16-esn", true, "aes256gcm16-esn")]
    // Extended sequence numbers, RFC 7296 §3.3.2: who offers both leaves the choice to the responder, in its order.
    [InlineData("aes256gcm16-esn-noesn", "aes256gcm16-esn-noesn", true, "aes256gcm16-esn")]
    [InlineData("aes256gcm16-noesn-esn", "aes256gcm16-esn-noesn", true, "aes256gcm16-esn")]
    [InlineData("aes256gcm16-noesn-esn", "aes256gcm16-noesn-esn", true, "aes256gcm16")]
    [InlineData("aes256gcm16-esn-noesn", "aes256gcm16-noesn-esn", false, "aes256gcm16")]
    [InlineData("aes256gcm16-noesn-esn", "aes256gcm16-esn", false, "aes256gcm16-esn")]
    [InlineData("aes256gcm16-esn-noesn", "aes256gcm16", true, "aes256gcm16")]
    [InlineData("aes256gcm16-esn", "aes256gcm16-noesn-esn", true, "aes256gcm16-esn")]
    [InlineData("aes256gcm16", "aes256gcm16-esn-noesn", true, "aes256gcm16")]
    [InlineData("aes256gcm16", "aes256gcm16-modp2048-modpnone", true, "aes256gcm16")]
    [InlineData("aes256gcm16-modpnone-ecp256", "aes256gcm16", true, "aes256gcm16")]
    [InlineData("aes256gcm16-modpnone-ecp256", "aes256gcm16-ecp256", true, "aes256gcm16-ecp256")]
    public void ChoosesForEsp(string offer, string policy, bool withKeyExchange, string expected) =>
        Assert.Equal(expected, ProposalText.Print(Select(offer, policy, ProtocolId.Esp, withKeyExchange).ToEspSuite()));

    [Theory]
    [InlineData("curve25519 group", "aes256-sha1-curve25519-ecp256-modp2048", "aes256-sha1-modp1024 aes256-sha256-modp1024",
        "key exchange: offered curve25519, ecp256, modp2048; accepted modp1024 only")]
    [InlineData("cipher", "3des-sha1-modp1024", "aes256-sha1-modp1024", "encryption: offered 3des; accepted aes256 only")]
    [InlineData("integrity", "aes256-sha1-prfsha256-modp1024", "aes256-sha256-modp1024 aes256-sha384-prfsha256-modp1024",
        "integrity: offered sha1; accepted sha256, sha384")]
    [InlineData("prf", "aes256gcm16-prfsha256-ecp384", "aes256gcm16-prfsha384-ecp384", "PRF: offered prfsha256; accepted prfsha384 only")]
    [InlineData("additional", "aes256-sha256-ecp256-ke1_ecp384", "aes256-sha256-ecp256-ke1_modp2048",
        "additional key exchange 1: offered ke1_ecp384; accepted ke1_modp2048 only")]
    [InlineData("additional missing", "aes256-sha256-ecp256", "aes256-sha256-ecp256-ke2_modp2048",
        "additional key exchange 2: offered none; accepted ke2_modp2048 only")]
    [InlineData("one method for two", "aes256-sha256-ecp256-ke1_ecp256", "aes256-sha256-ecp256-ke1_ecp256",
        "additional key exchange 1: offered ke1_ecp256; accepted ke1_ecp256 only")]
    [InlineData("closest pair", "3des-sha1-modp1024 aes256-sha256-modp1024", "aes256-sha256-modp2048",
        "key exchange: offered modp1024; accepted modp2048 only")]
    public void NamesTheFirstAttributeThatDiffers(string what, string offer, string policy, string summary)
    {
        Assert.NotEmpty(what);
        ImmutableArray<AlgorithmProposal> offered = Parse(offer, ProtocolId.Ike);
        Assert.False(ProposalSelection.TrySelect(Parse(policy, ProtocolId.Ike), WireProposal.Offer(offered, default, true).Proposals, true, out _,
            out ProposalMismatch? mismatch));
        Assert.Equal(summary, mismatch.Summary);
        Assert.Equal($"{summary} (offer: {offer.Replace(" ", ", ")}; accepted: {policy.Replace(" ", ", ")})", mismatch.ToString());
        Assert.Equal(mismatch.ToString(), ProposalSelection.Compare(offered, Parse(policy, ProtocolId.Ike), true)?.ToString());
    }

    [Fact]
    public void SaysThatOneSideWantsNoKeyExchange()
    {
        ProposalMismatch? mismatch = ProposalSelection.Compare(Parse("aes256gcm16", ProtocolId.Esp), Parse("aes256gcm16-modp2048", ProtocolId.Esp), true);
        Assert.Equal("key exchange: offered none; accepted modp2048 only", mismatch?.Summary);
        mismatch = ProposalSelection.Compare(Parse("aes256gcm16-modp2048", ProtocolId.Esp), Parse("aes256gcm16", ProtocolId.Esp), true);
        Assert.Equal("key exchange: offered modp2048; accepted none", mismatch?.Summary);
        Assert.Null(ProposalSelection.Compare(Parse("aes256gcm16-modp2048", ProtocolId.Esp), Parse("aes256gcm16", ProtocolId.Esp), false));
    }

    [Fact]
    public void SkipsTransformsThatItDoesNotKnow()
    {
        Proposal known = Offer("aes256-sha256-modp2048");
        Proposal more = known with
        {
            Transforms = [new(TransformType.Encryption, 99, 256), new(TransformType.Encryption, 12, 512),
                new(TransformType.KeyExchange, 4711), .. known.Transforms],
        };
        Assert.True(ProposalSelection.TrySelect(Parse("aes256-sha256-modp2048", ProtocolId.Ike), [more], true, out SelectedProposal? selected, out _));
        Assert.Equal("aes256-sha256-modp2048", ProposalText.Print(selected.ToIkeSuite()));
    }

    [Fact]
    public void CannotChooseTransformsWithUnknownAttributes()
    {
        Proposal proposal = Offer("aes256-sha256-modp2048");
        Proposal marked = proposal with { Transforms = [.. proposal.Transforms.Select(transform => transform with { HasUnknownAttribute = true })] };
        Assert.False(ProposalSelection.TrySelect(Parse("aes256-sha256-modp2048", ProtocolId.Ike), [marked], true, out _, out ProposalMismatch? mismatch));
        Assert.Equal("encryption: offered aes256+; accepted aes256 only", mismatch.Summary);
    }

    [Fact]
    public void CannotChooseProposalsWithUnknownTransformTypes()
    {
        // RFC 7296 §3.3.6.
        Proposal proposal = Offer("aes256-sha256-modp2048");
        Proposal withUnknown = proposal with { Transforms = [.. proposal.Transforms, new Transform((TransformType)13, 36)] };
        ImmutableArray<AlgorithmProposal> policy = Parse("aes256-sha256-modp2048", ProtocolId.Ike);
        Assert.False(ProposalSelection.TrySelect(policy, [withUnknown], true, out _, out ProposalMismatch? mismatch));
        Assert.Equal("protocol", mismatch.Attribute);
        Assert.True(ProposalSelection.TrySelect(policy, [withUnknown, proposal with { Number = 2 }], true, out SelectedProposal? selected, out _));
        Assert.Equal(2, selected.Number);
    }

    [Fact]
    public void CannotChooseAnotherProtocol()
    {
        Assert.False(ProposalSelection.TrySelect(Parse("aes256-sha256", ProtocolId.Esp), [Offer("aes256-sha256-modp2048")], true, out _, out _));
        Assert.False(ProposalSelection.TrySelect(Parse("aes256-sha256", ProtocolId.Esp), [], true, out _, out ProposalMismatch? mismatch));
        Assert.Equal("protocol: offered none; accepted aes256-sha256 only", mismatch.Summary);
    }

    [Fact]
    public void AcceptsIntegrityNoneBesideACombinedModeCipher()
    {
        // RFC 7296 §3.3: a combined-mode proposal has no integrity algorithm or NONE.
        Proposal offer = Offer("aes256gcm16-prfsha256-ecp256");
        offer = offer with { Transforms = [.. offer.Transforms, new Transform(TransformType.Integrity, 0)] };
        Assert.True(ProposalSelection.TrySelect(Parse("aes256gcm16-prfsha256-ecp256", ProtocolId.Ike), [offer], true, out SelectedProposal? selected, out _));
        Assert.DoesNotContain(selected.Transforms, transform => transform.Type == TransformType.Integrity);
    }

    [Fact]
    public void AcceptsAReplyThatIsOneOfTheOffers()
    {
        ImmutableArray<AlgorithmProposal> offered = Parse("aes128-aes256-sha1-sha256-modp1024-ecp256 aes256gcm16-prfsha256-ecp384", ProtocolId.Ike);
        foreach (string answer in new[] { "aes128-sha256-ecp256", "aes256-sha1-prfsha256-modp1024" })
            Assert.True(Accepts(offered, Offer(answer)));
        Assert.True(Accepts(offered, Offer("aes256gcm16-prfsha256-ecp384") with { Number = 2 }));
    }

    [Theory]
    [InlineData("another number", "aes128-sha1-modp1024", 2)]
    [InlineData("no such number", "aes128-sha1-modp1024", 3)]
    [InlineData("two ciphers", "aes128-aes256-sha1-modp1024", 1)]
    [InlineData("a cipher that was not offered", "aes192-sha1-modp1024", 1)]
    [InlineData("a group that was not offered", "aes128-sha1-curve25519", 1)]
    [InlineData("an integrity algorithm beside a combined-mode cipher", "aes256-sha256-ecp384", 2)]
    public void RefusesAReplyThatIsNotOneOfTheOffers(string what, string answer, int number)
    {
        Assert.NotEmpty(what);
        ImmutableArray<AlgorithmProposal> offered = Parse("aes128-aes256-sha1-modp1024-ecp256 aes256gcm16-prfsha256-ecp384", ProtocolId.Ike);
        Assert.False(Accepts(offered, Offer(answer) with { Number = (byte)number }));
    }

    [Fact]
    public void RefusesAReplyThatLacksAType()
    {
        ImmutableArray<AlgorithmProposal> offered = Parse("aes128-sha1-modp1024", ProtocolId.Ike);
        Proposal whole = Offer("aes128-sha1-modp1024");
        foreach (Transform missing in whole.Transforms)
            Assert.False(Accepts(offered, whole with { Transforms = whole.Transforms.Remove(missing) }));
        Assert.False(Accepts(offered, whole with { Protocol = ProtocolId.Esp }));
        Assert.False(ProposalSelection.TryAcceptReply(offered, new SecurityAssociationPayload([whole, whole with { Number = 2 }]), true, out _));
    }

    [Fact]
    public void WhatOneSideSelectsTheOtherAccepts()
    {
        string[] texts = ["aes128-sha1-modp1024", "aes256-aes128-sha256-sha1-ecp256-modp1024", "aes256gcm16-aes128gcm16-prfsha384-prfsha256-ecp384-curve25519",
            "3des-aes256-sha1-sha512-modp1024-modp2048"];
        int agreed = 0;
        foreach (string offer in texts)
        {
            foreach (string policy in texts)
            {
                ImmutableArray<AlgorithmProposal> offered = Parse($"{offer} aes128gcm16-prfsha256-curve25519", ProtocolId.Ike);
                SecurityAssociationPayload payload = WireProposal.Offer(offered, default, true);
                if (!ProposalSelection.TrySelect(Parse(policy, ProtocolId.Ike), payload.Proposals, true, out SelectedProposal? selected, out _))
                    continue;
                Assert.True(ProposalSelection.TryAcceptReply(offered, selected.ToReply(default), true, out SelectedProposal? accepted));
                Assert.Equal(selected.ToIkeSuite(), accepted.ToIkeSuite());
                agreed++;
            }
        }
        Assert.True(agreed >= 8);
    }

    static bool Accepts(ImmutableArray<AlgorithmProposal> offered, Proposal answer) =>
        ProposalSelection.TryAcceptReply(offered, new SecurityAssociationPayload([answer]), true, out _);

    static SelectedProposal Select(string offer, string policy, ProtocolId protocol, bool withKeyExchange = true)
    {
        ReadOnlyMemory<byte> spi = protocol == ProtocolId.Esp ? new byte[] { 1, 2, 3, 4 } : default;
        Assert.True(ProposalSelection.TrySelect(Parse(policy, protocol), WireProposal.Offer(Parse(offer, protocol), spi, withKeyExchange).Proposals,
            withKeyExchange, out SelectedProposal? selected, out ProposalMismatch? mismatch), mismatch?.ToString());
        Assert.True(selected.PeerSpi.Span.SequenceEqual(spi.Span));
        return selected;
    }

    static Proposal Offer(string text) => WireProposal.From(ProposalText.Parse(text, ProtocolId.Ike), 1, default, withKeyExchange: true);

    static ImmutableArray<AlgorithmProposal> Parse(string texts, ProtocolId protocol) =>
        [.. texts.Split(' ').Select(text => ProposalText.Parse(text, protocol))];
}
