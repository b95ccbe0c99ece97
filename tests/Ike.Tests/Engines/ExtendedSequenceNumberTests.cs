using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>Extended sequence numbers are negotiated, never assumed (RFC 7296 §3.3.2): in IKE_AUTH and in a rekey from either side.</summary>
public class ExtendedSequenceNumberTests
{
    [Theory]
    [InlineData("esn-noesn", "esn-noesn", true)]
    [InlineData("noesn-esn", "esn-noesn", true)]
    [InlineData("esn-noesn", "noesn-esn", false)]
    [InlineData("noesn-esn", "noesn-esn", false)]
    [InlineData("esn-noesn", "esn", true)]
    [InlineData("esn-noesn", "noesn", false)]
    [InlineData("esn", "noesn-esn", true)]
    [InlineData("noesn", "esn-noesn", false)]
    [InlineData("esn", "esn", true)]
    public void TheResponderPrefers(string offered, string accepted, bool expected)
    {
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA(esp: $"aes256gcm16-{offered}")),
            Connections.EngineB(Connections.OfB(esp: $"aes256gcm16-{accepted}")));
        pair.Establish();
        Assert.Equal(expected, pair.A.OnlyChild.Suite.ExtendedSequenceNumbers);
        Agreement.AssertSame(pair);
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(expected, pair.A.OnlyChild.Suite.ExtendedSequenceNumbers);
        Agreement.AssertSame(pair);
    }

    [Theory]
    [InlineData("esn", "noesn")]
    [InlineData("noesn", "esn")]
    public void WhatOneSideRequiresAndTheOtherDoesNotHaveIsRefusedInWords(string offered, string accepted)
    {
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA(esp: $"aes256gcm16-{offered}")),
            Connections.EngineB(Connections.OfB(esp: $"aes256gcm16-{accepted}")));
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(pair.A.EverInstalled);
        Assert.Empty(pair.B.EverInstalled);
        Assert.Equal((0, 0), (pair.A.LooseSpis, pair.B.LooseSpis));
        Reason ours = pair.B.Of<NegotiationRefused>().Single().Reasons[0];
        Assert.Equal(("no-proposal-chosen", Certainty.Known), (ours.Code, ours.Certainty));
        Assert.Contains($"extended sequence numbers: offered {offered}; accepted {accepted} only", ours.Text);
        Assert.Contains(pair.A.Of<NegotiationRefused>().Single().Reasons, reason => reason.Code == "no-proposal-chosen");
        // The IKE SA stays: RFC 7296 §1.2.
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
    }
}
