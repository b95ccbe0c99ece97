using System.Collections.Immutable;
using Ipsec.Crypto.Certificates;
using Ipsec.Crypto.Signatures;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>
/// Class 16 of adversaries: whoever has no right credential learns nothing about what is configured. All refusals of IKE_AUTH are the same octets and cost
/// the same operations; only our own events know the reason (D8). CVE-2018-5389's online half, CVE-2023-26463, CVE-2024-28882's kind.
/// </summary>
public class OracleTests
{
    static readonly TestCertificate Root = TestCertificate.Root("CN=Lab Root");
    static readonly TestCertificate Stranger = TestCertificate.Root("CN=Other Root");
    static readonly TestCertificate OfB = Root.Issue("CN=b", new CertificateOptions { Dns = ["b.example"] });
    static readonly Identity Branch = Identity.Fqdn("a.example"), Nobody = Identity.Fqdn("nobody.example"), Second = Identity.Fqdn("second.example");

    static TestCertificate Issued(TestCertificate issuer, string dns) => issuer.Issue($"CN={dns}", new CertificateOptions { Key = "rsa2048", Dns = [dns] });

    static LocalAuthentication Signs(TestCertificate certificate, SigningKey? key = null) => new LocalAuthentication.SignatureAuthentication(
        [new LocalSigner { Key = key ?? certificate.Key, Chain = [certificate.Certificate] }]);

    static RemoteAuthentication Both => new() { AllowsPresharedKey = true, Trust = new CertificatePathValidator([Root.Certificate], [], []) };

    /// <summary>Every wrong credential, by name: what A is and what it changes in its IKE_AUTH request before it is protected.</summary>
    static (ConnectionConfiguration A, string Key, Func<IkeMessage, IkeMessage> Edit) Wrong(string what)
    {
        ConnectionConfiguration psk = Connections.OfA() with { LocalIdentity = Branch, RemoteAuthentication = Both };
        ConnectionConfiguration Certified(TestCertificate certificate, Identity? identity = null, SigningKey? key = null) =>
            psk with { LocalIdentity = identity ?? Branch, LocalAuthentication = Signs(certificate, key) };
        Func<IkeMessage, IkeMessage> Auth(Func<AuthenticationPayload, AuthenticationPayload> change) => message =>
            message with { Payloads = [.. message.Payloads.Select(payload => payload is AuthenticationPayload auth ? change(auth) : payload)] };
        const string right = "Gh7s0pQ2xV9k", wrong = "wrong";
        return what switch
        {
            "wrong key" => (psk, wrong, message => message),
            "unknown identity with the right key" => (psk with { LocalIdentity = Nobody }, right, message => message),
            "unknown identity with a wrong key" => (psk with { LocalIdentity = Nobody }, wrong, message => message),
            "identity of a connection that takes certificates only" => (psk with { LocalIdentity = Second }, right, message => message),
            "unknown identity asked for" => (psk with { RemoteIdentity = Nobody }, right, message => message),
            "AUTH cut short" => (psk, right, Auth(auth => auth with { Data = auth.Data[..^1] })),
            "AUTH too long" => (psk, right, Auth(auth => auth with { Data = (byte[])[.. auth.Data.Span, 0] })),
            "AUTH empty" => (psk, right, Auth(auth => auth with { Data = default })),
            "NULL authentication" => (psk, right, Auth(auth => auth with { Method = (AuthenticationMethod)13, Data = default })),
            "DSS" => (psk, right, Auth(auth => auth with { Method = AuthenticationMethod.DssDigitalSignature })),
            "method that is not assigned" => (psk, right, Auth(auth => auth with { Method = (AuthenticationMethod)200 })),
            "digital signature with an unknown algorithm" => (psk, right,
                Auth(auth => auth with { Method = AuthenticationMethod.DigitalSignature, Data = new byte[] { 2, 5, 0, 1 } })),
            "digital signature cut inside its algorithm" => (psk, right,
                Auth(auth => auth with { Method = AuthenticationMethod.DigitalSignature, Data = new byte[] { 200, 5 } })),
            "no AUTH at all" => (psk, right, message => message with { Payloads = message.Payloads.RemoveAll(payload => payload is AuthenticationPayload) }),
            "foreign certificate" => (Certified(Issued(Stranger, "a.example")), right, message => message),
            "certificate of another identity" => (Certified(Issued(Root, "c.example")), right, message => message),
            "certificate and unknown identity" => (Certified(Issued(Root, "nobody.example"), Nobody), right, message => message),
            "signature of another key" => (Certified(Issued(Root, "a.example"), key: Issued(Root, "x.example").Key), right, message => message),
            "signature with broken padding" => (Certified(Issued(Root, "a.example")), right,
                Auth(auth => auth with { Data = (byte[])[.. auth.Data.Span[..^1], (byte)(auth.Data.Span[^1] ^ 1)] })),
            "certificate that cannot be parsed" => (Certified(Issued(Root, "a.example")), right, message => message with
            {
                Payloads = [.. message.Payloads.Select(payload => payload is CertificatePayload
                    ? new CertificatePayload(CertificateEncoding.X509Signature, new byte[40]) : payload)],
            }),
            "hash and URL" => (Certified(Issued(Root, "a.example")), right, message => message with
            {
                Payloads = [.. message.Payloads.Select(payload => payload is CertificatePayload
                    ? new CertificatePayload((CertificateEncoding)12, "0123456789abcdef0123http://198.51.100.66/"u8.ToArray()) : payload)],
            }),
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, null),
        };
    }

    public static TheoryData<string> WithPresharedKey =>
    [
        "wrong key", "unknown identity with the right key", "unknown identity with a wrong key", "identity of a connection that takes certificates only",
        "unknown identity asked for", "AUTH cut short", "AUTH too long", "AUTH empty", "NULL authentication", "DSS", "method that is not assigned",
        "digital signature with an unknown algorithm", "digital signature cut inside its algorithm",
    ];

    public static TheoryData<string> WithCertificate =>
        ["foreign certificate", "certificate of another identity", "certificate and unknown identity", "signature of another key",
            "signature with broken padding"];

    public static TheoryData<string> WithoutAnythingUsable => ["no AUTH at all", "certificate that cannot be parsed", "hash and URL"];

    static EnginePair Attempt(string what)
    {
        (ConnectionConfiguration a, string key, Func<IkeMessage, IkeMessage> edit) = Wrong(what);
        var hooks = new MessageEditor { Outgoing = message => message.Header is { Exchange: ExchangeType.IkeAuth, IsRequest: true } ? edit(message) : message };
        ConnectionConfiguration b = Connections.OfB() with
        { RemoteIdentity = Branch, LocalIdentity = Identity.Fqdn("b.example"), LocalAuthentication = Signs(OfB), RemoteAuthentication = Both };
        ConnectionConfiguration second = b with { Name = "second", RemoteIdentity = Second, RemoteAuthentication = Both with { AllowsPresharedKey = false } };
        var pair = new EnginePair(Connections.EngineA(a) with { PresharedKeys = [Connections.Key(key)] }, Connections.EngineB(b, second), 1, hooks);
        pair.SetUtc(CertificateOptions.Now);
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromMilliseconds(500));
        return pair;
    }

    /// <summary>The reply on the wire. The two INITs are the same octets in every attempt, and so are the keys: equal replies are equal octets.</summary>
    static string ReplyOf(EnginePair pair) => Convert.ToHexString(pair.Datagrams[pair.Sent.IndexOf("B IKE_AUTH response 1")]);

    static string CostsOf(EnginePair pair)
    {
        ImmutableSortedDictionary<string, ulong> counters = pair.B.Engine.GetStatus(pair.Now).Counters;
        return string.Join(", ", counters.Where(counter => counter.Key.StartsWith("authentication-")).Select(counter => $"{counter.Value} {counter.Key}"));
    }

    static void AssertSilent(string what, string costs)
    {
        using EnginePair reference = Attempt("wrong key");
        using EnginePair pair = Attempt(what);
        Assert.Equal(reference.Datagrams[0], pair.Datagrams[0]);
        Assert.Equal(reference.Datagrams[1], pair.Datagrams[1]);
        Assert.Equal(ReplyOf(reference), ReplyOf(pair));
        Assert.Equal(costs, CostsOf(pair));
        Assert.Empty(pair.B.Installed);
        Assert.Empty(pair.B.EverInstalled);
        Assert.Empty(pair.B.Of<IkeSaEstablished>());
        Assert.Empty(pair.B.Signatures);
        Assert.Equal(Certainty.Known, pair.B.Of<NegotiationRefused>().Single().Reasons.Single().Certainty);
    }

    [Theory]
    [MemberData(nameof(WithPresharedKey))]
    public void WrongPresharedKeysAreAnsweredAndCostAlike(string what) => AssertSilent(what, "1 authentication-prf");

    [Theory]
    [MemberData(nameof(WithCertificate))]
    public void WrongCertificatesAreAnsweredAndCostAlike(string what) => AssertSilent(what, "1 authentication-path, 1 authentication-signature");

    [Theory]
    [MemberData(nameof(WithoutAnythingUsable))]
    public void WhatCannotBeVerifiedIsAnsweredAlikeAndCostsNothing(string what) => AssertSilent(what, "");

    [Fact]
    public void ReasonsAreKeptApartOnOurSideOnly()
    {
        Dictionary<string, string> texts = new()
        {
            ["wrong key"] = "its pre-shared key is not the one configured here",
            ["unknown identity with the right key"] = "No connection from this address is for the identity nobody.example",
            ["identity of a connection that takes certificates only"] = "authenticates with a pre-shared key, which connection second does not allow",
            ["NULL authentication"] = "authentication method 13",
            ["no AUTH at all"] = "EAP",
            ["foreign certificate"] = "is not trusted",
            ["signature with broken padding"] = "does not verify with the public key",
            ["hash and URL"] = "sent no certificate or public key that can be used",
        };
        foreach ((string what, string text) in texts)
        {
            using EnginePair pair = Attempt(what);
            Assert.Contains(text, pair.B.Of<NegotiationRefused>().Single().Reasons.Single().Text);
        }
    }

    [Fact]
    public void RightCredentialsGetIn()
    {
        ConnectionConfiguration b = Connections.OfB() with
        { RemoteIdentity = Branch, LocalIdentity = Identity.Fqdn("b.example"), LocalAuthentication = Signs(OfB), RemoteAuthentication = Both };
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA() with { LocalIdentity = Branch, RemoteAuthentication = Both }),
            Connections.EngineB(b));
        pair.SetUtc(CertificateOptions.Now);
        pair.Establish();
        Assert.Equal("1 authentication-prf", CostsOf(pair));
    }

    [Fact]
    public void NothingIsRekeyedOrDeletedBeforeThePeerIsAuthenticated()
    {
        foreach (ExchangeType exchange in new[] { ExchangeType.CreateChildSa, ExchangeType.Informational })
        {
            var hooks = new MessageEditor
            {
                Outgoing = message => message.Header is { Exchange: ExchangeType.IkeAuth, IsRequest: true }
                    ? new IkeMessage(message.Header with { Exchange = exchange }, exchange == ExchangeType.CreateChildSa
                        ? [.. message.Payloads.Where(payload =>
                            payload.Type is PayloadType.SecurityAssociation or PayloadType.TrafficSelectorInitiator or PayloadType.TrafficSelectorResponder),
                                MessageSamples.Nonce]
                        : [new DeletePayload(ProtocolId.Ike, [])])
                    : message,
            };
            using var pair = new EnginePair(Connections.EngineA(), Connections.EngineB(), 1, hooks);
            pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
            pair.Run(TimeSpan.FromMilliseconds(500));
            Assert.Empty(pair.B.EverInstalled);
            Assert.Equal(["N(AUTHENTICATION_FAILED)"], pair.B.Of<MessagePassed>().Last(passed => passed.Sent).Payloads);
            Assert.Contains("before it authenticated", pair.B.Of<NegotiationRefused>().Single().Reasons.Single().Text);
        }
    }
}
