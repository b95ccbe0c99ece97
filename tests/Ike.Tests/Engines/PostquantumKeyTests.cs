using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>Post-quantum preshared keys, RFC 8784: the table of §3 on who has one and who demands one.</summary>
public class PostquantumKeyTests
{
    static PostquantumKey Key(string identity = "lab", byte fill = 1) => new() { Identity = identity, Key = new Secret(Enumerable.Repeat(fill, 32).ToArray()) };

    static EnginePair Dial(PostquantumKey? a, PostquantumKey? b, bool aDemands = false, bool bDemands = false)
    {
        var pair = new EnginePair(
            Connections.EngineA(Connections.OfA() with { PostquantumKeys = a is null ? [] : [a], RequiresPostquantumKey = aDemands }),
            Connections.EngineB(Connections.OfB() with { PostquantumKeys = b is null ? [] : [Key("unused", 9), b], RequiresPostquantumKey = bDemands }));
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(2));
        return pair;
    }

    static bool IsUsed(EnginePair pair) => pair.A.Of<MessagePassed>().SelectMany(passed => passed.Notes).Any(note => note.Contains("ppk lab"))
        && pair.B.Of<MessagePassed>().SelectMany(passed => passed.Notes).Any(note => note.Contains("ppk lab"));

    [Theory]
    [InlineData(true, true, false, false, true)]
    [InlineData(true, true, true, true, true)]
    [InlineData(true, false, false, false, false)]
    [InlineData(false, true, false, false, false)]
    public void IsUsedWhereBothHaveIt(bool a, bool b, bool aDemands, bool bDemands, bool used)
    {
        using EnginePair pair = Dial(a ? Key() : null, b ? Key() : null, aDemands, bDemands);
        Agreement.AssertSame(pair);
        Assert.Single(pair.A.Installed);
        Assert.Equal(used, IsUsed(pair));
    }

    [Fact]
    public void TravelsAsTheRfcSays()
    {
        using EnginePair optional = Dial(Key(), Key());
        MessagePassed[] ladder = [.. optional.A.Of<MessagePassed>()];
        Assert.Contains("N(USE_PPK)", ladder[0].Payloads);
        Assert.Contains("N(USE_PPK)", ladder[1].Payloads);
        Assert.Equal(["IDi", "AUTH", "N(PPK_IDENTITY)", "N(NO_PPK_AUTH)"], ladder[2].Payloads.Take(4));
        Assert.Equal(["IDr", "AUTH", "N(PPK_IDENTITY)"], ladder[3].Payloads.Take(3));
        using EnginePair mandatory = Dial(Key(), Key(), aDemands: true);
        Assert.DoesNotContain("N(NO_PPK_AUTH)", mandatory.A.Of<MessagePassed>().ElementAt(2).Payloads);
    }

    [Fact]
    public void OneThatThePeerDoesNotHaveIsDoneWithout()
    {
        using EnginePair pair = Dial(Key("mine"), Key("yours"));
        Agreement.AssertSame(pair);
        Assert.Single(pair.A.Installed);
        Assert.False(IsUsed(pair));
    }

    [Fact]
    public void InitiatorThatDemandsOneEndsBeforeItAuthenticates()
    {
        using EnginePair pair = Dial(Key(), null, aDemands: true);
        Assert.Equal(["A IKE_SA_INIT request 0", "B IKE_SA_INIT response 0"], pair.Sent);
        Assert.Contains("requires a post-quantum preshared key", pair.A.Status(pair.Now).Reasons.Single().Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ResponderThatDemandsOneRefuses(bool initiatorHasAnother)
    {
        using EnginePair pair = Dial(initiatorHasAnother ? Key("another") : null, Key(), bDemands: true);
        Assert.Empty(pair.A.Installed);
        Assert.Equal(["N(AUTHENTICATION_FAILED)"], pair.B.Of<MessagePassed>().Last().Payloads);
        Assert.Contains("requires a post-quantum preshared key", pair.B.Of<NegotiationRefused>().Single().Reasons.Single().Text);
    }

    [Fact]
    public void DifferentKeysOfOneNameAuthenticateNobody()
    {
        using EnginePair pair = Dial(Key(), Key(fill: 2));
        Assert.Empty(pair.A.Installed);
        Assert.Empty(pair.B.Installed);
        Assert.Equal(["N(AUTHENTICATION_FAILED)"], pair.B.Of<MessagePassed>().Last().Payloads);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void KeysOfOneNameAreToldApartByThePeersIdentity(byte fill)
    {
        Identity one = Identity.Fqdn("one.example"), two = Identity.Fqdn("two.example");
        using var pair = new EnginePair(
            Connections.EngineA(Connections.OfA() with
            {
                LocalIdentity = fill == 1 ? one : two,
                PostquantumKeys = [Key(fill: fill)],
                RequiresPostquantumKey = true
            }),
            Connections.EngineB(
                Connections.OfB() with { Name = "one", RemoteIdentity = one, PostquantumKeys = [Key(fill: 1)], RequiresPostquantumKey = true },
                Connections.OfB() with { Name = "two", RemoteIdentity = two, PostquantumKeys = [Key(fill: 2)], RequiresPostquantumKey = true }));
        pair.Establish();
        Agreement.AssertSame(pair);
        Assert.True(IsUsed(pair));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OneOfAnotherIdentityIsAsGoodAsUnknown(bool isDemanded)
    {
        using var pair = new EnginePair(
            Connections.EngineA(Connections.OfA() with { PostquantumKeys = [Key()], RequiresPostquantumKey = isDemanded }),
            Connections.EngineB(Connections.OfB() with { RemoteIdentity = Identity.From(Connections.AddressA), PostquantumKeys = [Key("unused", 9)] },
                Connections.OfB() with { Name = "other", RemoteIdentity = Identity.Fqdn("other.example"), PostquantumKeys = [Key()] }));
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(isDemanded ? 0 : 1, pair.A.Installed.Count);
        Assert.False(IsUsed(pair));
    }

    [Fact]
    public void KeysOfChildrenAndRekeysComeFromTheMixedKey()
    {
        using EnginePair with = Dial(Key(), Key());
        using EnginePair without = Dial(null, null);
        Assert.NotEqual(without.A.OnlyChild.OutboundEncryptionKey.Span.ToArray(), with.A.OnlyChild.OutboundEncryptionKey.Span.ToArray());
        with.Do(room => Assert.Null(room.A.Engine.RekeyIke("tunnel", room.Now).Error));
        with.Run(TimeSpan.FromSeconds(2));
        with.Do(room => Assert.Null(room.B.Engine.RekeyChild("tunnel", null, room.Now).Error));
        with.Run(TimeSpan.FromSeconds(2));
        Agreement.AssertSame(with);
    }

    [Fact]
    public void MixedKeysAreTheFormulaOfTheRfc()
    {
        using IkeKeys keys = new()
        {
            SkD = Octets(1),
            SkAi = Octets(2),
            SkAr = Octets(3),
            SkEi = Octets(4),
            SkEr = Octets(5),
            SkPi = Octets(6),
            SkPr = Octets(7),
        };
        using Secret ppk = Octets(8);
        using var mixed = PostquantumKeys.Derive(PseudorandomFunction.HmacSha256, ppk, keys);
        // prf+ (K, S) is at first prf (K, S | 0x01), RFC 7296 §2.13.
        Assert.Equal(System.Security.Cryptography.HMACSHA256.HashData(ppk.Span, (byte[])[.. keys.SkD.Span, 1]), mixed.SkD.Span.ToArray());
        Assert.Equal(System.Security.Cryptography.HMACSHA256.HashData(ppk.Span, (byte[])[.. keys.SkPi.Span, 1]), mixed.SkPi.Span.ToArray());
        Assert.Equal(System.Security.Cryptography.HMACSHA256.HashData(ppk.Span, (byte[])[.. keys.SkPr.Span, 1]), mixed.SkPr.Span.ToArray());
    }

    [Fact]
    public void IdentityHasATypeInFront()
    {
        Assert.Equal("026c6162", Convert.ToHexStringLower(PostquantumKeyIdentity.ToNotify("lab"u8).Data.Span));
        Assert.Equal("lab"u8.ToArray(), Read([2, .. "lab"u8]));
        Assert.Empty(Read([1, .. "lab"u8]));
        Assert.Empty(Read([]));

        static byte[] Read(byte[] data) => PostquantumKeyIdentity.Read(new IkeMessage(default, [new NotifyPayload(NotifyType.PpkIdentity, data)])).ToArray();
    }

    static Secret Octets(byte fill) => new(Enumerable.Repeat(fill, 32).ToArray());
}
