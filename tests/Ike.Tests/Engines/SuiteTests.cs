using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>Every suite in scope, negotiated for real.</summary>
public class SuiteTests
{
    static readonly string[] Ciphers = ["3des", "aes128", "aes192", "aes256"];
    static readonly string[] Hashes = ["sha1", "sha256", "sha384", "sha512"];
    static readonly string[] CombinedCiphers = ["aes128gcm16", "aes256gcm16"];
    static readonly string[] Groups = ["modp1024", "modp2048", "ecp256", "ecp384", "curve25519"];

    public static TheoryData<string> IkeSuites =>
    [
        .. from cipher in Ciphers from hash in Hashes from theGroup in Groups select $"{cipher}-{hash}-{theGroup}",
        .. from cipher in CombinedCiphers from hash in Hashes from theGroup in Groups select $"{cipher}-prf{hash}-{theGroup}",
    ];

    public static TheoryData<string> EspSuites =>
    [
        .. from cipher in Ciphers from hash in Hashes select $"{cipher}-{hash}",
        .. from cipher in Ciphers from theGroup in Groups select $"{cipher}-sha256-{theGroup}",
        .. from cipher in CombinedCiphers from theGroup in Groups select $"{cipher}-{theGroup}",
        .. from cipher in CombinedCiphers select $"{cipher}-esn",
    ];

    [Theory]
    [MemberData(nameof(IkeSuites))]
    public void EstablishesAndRekeysWithIkeSuite(string suite)
    {
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA(suite)), Connections.EngineB(Connections.OfB(suite)));
        pair.Establish();
        Assert.Equal(ProposalText.Print(ProposalText.Parse(suite, ProtocolId.Ike)), ProposalText.Print(pair.A.Status(pair.Now).IkeSas[0].Suite));
        pair.Do(room => room.B.Engine.RekeyIke("tunnel", room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(2, pair.A.EverInstalled.Count);
        Agreement.AssertSame(pair);
    }

    [Theory]
    [MemberData(nameof(EspSuites))]
    public void EstablishesAndRekeysChildWithEspSuite(string suite)
    {
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA(esp: suite)), Connections.EngineB(Connections.OfB(esp: suite)));
        pair.Establish();
        Agreement.AssertSame(pair);
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Agreement.AssertSame(pair);
        Assert.Equal(ProposalText.Print(ProposalText.Parse(suite, ProtocolId.Esp)), ProposalText.Print(pair.A.OnlyChild.Suite));
    }
}
