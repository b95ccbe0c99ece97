using Ipsec.Crypto.Certificates;
using Ipsec.Crypto.Signatures;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>IKE_AUTH with signatures: certificates and raw public keys, every method, and what is refused.</summary>
public class SignatureTests
{
    static readonly TestCertificate Root = TestCertificate.Root("C=CH, O=Lab, CN=Lab Root");
    static readonly TestCertificate OtherRoot = TestCertificate.Root("C=CH, O=Other, CN=Other Root");

    static TestCertificate OfA(string kind = "p256") => Root.Issue("C=CH, O=Lab, CN=a", new CertificateOptions { Key = kind, Dns = ["a.example"] });
    static TestCertificate OfB(string kind = "p256") => Root.Issue("C=CH, O=Lab, CN=b", new CertificateOptions { Key = kind, Dns = ["b.example"] });

    static CertificatePathValidator Trust(params TestCertificate[] anchors) => new(anchors.Select(anchor => anchor.Certificate), [], []);

    static LocalAuthentication Signs(params TestCertificate[] certificates) => new LocalAuthentication.SignatureAuthentication(
        [.. certificates.Select(certificate => new LocalSigner { Key = certificate.Key, Chain = [certificate.Certificate] })]);

    static LocalAuthentication SignsRaw(TestCertificate certificate) =>
        new LocalAuthentication.SignatureAuthentication([new LocalSigner { Key = certificate.Key }]);

    static ConnectionConfiguration A(LocalAuthentication local, RemoteAuthentication? remote = null) => Connections.OfA() with
    {
        LocalIdentity = Identity.Fqdn("a.example"),
        RemoteIdentity = Identity.Fqdn("b.example"),
        LocalAuthentication = local,
        RemoteAuthentication = remote ?? new RemoteAuthentication { Trust = Trust(Root) },
    };

    static ConnectionConfiguration B(LocalAuthentication local, RemoteAuthentication? remote = null) => Connections.OfB() with
    {
        LocalIdentity = Identity.Fqdn("b.example"),
        RemoteIdentity = Identity.Fqdn("a.example"),
        LocalAuthentication = local,
        RemoteAuthentication = remote ?? new RemoteAuthentication { Trust = Trust(Root) },
    };

    static EnginePair Dial(ConnectionConfiguration a, params ConnectionConfiguration[] b)
    {
        var pair = new EnginePair(Connections.EngineA(a) with { PresharedKeys = [] }, Connections.EngineB(b) with { PresharedKeys = [] });
        pair.SetUtc(CertificateOptions.Now);
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(2));
        return pair;
    }

    static void AssertUp(EnginePair pair)
    {
        Assert.Equal([], pair.A.Of<NegotiationRefused>().Concat(pair.B.Of<NegotiationRefused>()).SelectMany(refused => refused.Reasons)
            .Select(reason => reason.Text));
        Agreement.AssertSame(pair);
        Assert.Single(pair.A.Installed);
    }

    /// <summary>B refused A: the wire says AUTHENTICATION_FAILED and nothing more, B's own reason is known.</summary>
    static void AssertRefused(EnginePair pair, string reason)
    {
        Assert.Empty(pair.A.Installed);
        Assert.Empty(pair.B.Installed);
        MessagePassed answer = pair.B.Of<MessagePassed>().Last(passed => passed.Sent);
        Assert.Equal(["N(AUTHENTICATION_FAILED)"], answer.Payloads);
        Reason known = Assert.Single(pair.B.Of<NegotiationRefused>().Single().Reasons);
        Assert.Equal(Certainty.Known, known.Certainty);
        Assert.Contains(reason, known.Text);
    }

    [Fact]
    public void ConnectionBehindManyOthersIsFoundByItsIdentity()
    {
        ConnectionConfiguration[] others = [.. Enumerable.Range(0, 10)
            .Select(i => B(Signs(OfB()), new RemoteAuthentication { Trust = Trust(TestCertificate.Root($"CN=Root {i}")) }) with
        {
            Name = $"other{i}",
            RemoteIdentity = Identity.Fqdn($"a{i}.example"),
        })];
        using EnginePair pair = Dial(A(Signs(OfA())), [.. others, B(Signs(OfB()))]);
        AssertUp(pair);
        Assert.Equal("tunnel", pair.B.OnlyChild.Connection);
    }

    [Theory]
    [InlineData("rsa2048", "rsa-pss-sha256")]
    [InlineData("p256", "ecdsa-sha256")]
    [InlineData("p384", "ecdsa-sha384")]
    [InlineData("p521", "ecdsa-sha512")]
    [InlineData("ed25519", "ed25519")]
    public void CertificatesAuthenticateBothSides(string kind, string method)
    {
        using EnginePair pair = Dial(A(Signs(OfA(kind))), B(Signs(OfB(kind))));
        AssertUp(pair);
        MessagePassed[] ladder = [.. pair.A.Of<MessagePassed>()];
        Assert.Contains("CERTREQ", ladder[1].Payloads);
        Assert.Contains("N(SIGNATURE_HASH_ALGORITHMS)", ladder[0].Payloads);
        Assert.Contains("N(SIGNATURE_HASH_ALGORITHMS)", ladder[1].Payloads);
        Assert.Equal(["IDi", "CERT", "CERTREQ", "IDr", "AUTH"], ladder[2].Payloads.Take(5));
        Assert.Equal(["IDr", "CERT", "AUTH"], ladder[3].Payloads.Take(3));
        Assert.Contains(ladder[3].Notes, note => note.StartsWith($"{method} of"));
    }

    [Theory]
    [InlineData("rsa2048")]
    [InlineData("p256")]
    [InlineData("ed25519")]
    public void RawPublicKeysAuthenticateBothSides(string kind)
    {
        TestCertificate a = OfA(kind), b = OfB(kind);
        using EnginePair pair = Dial(
            A(SignsRaw(a), new RemoteAuthentication { TrustedKeys = [b.Key.PublicKey] }),
            B(SignsRaw(b), new RemoteAuthentication { TrustedKeys = [a.Key.PublicKey] }));
        AssertUp(pair);
        Assert.DoesNotContain("CERTREQ", pair.A.Of<MessagePassed>().SelectMany(passed => passed.Payloads));
    }

    [Theory]
    [InlineData("rsa2048", AuthenticationMethod.RsaDigitalSignature)]
    [InlineData("p256", AuthenticationMethod.EcdsaSha256P256)]
    [InlineData("p384", AuthenticationMethod.EcdsaSha384P384)]
    [InlineData("p521", AuthenticationMethod.EcdsaSha512P521)]
    public void OlderMethodsServeAPeerThatAnnouncesNoHashAlgorithms(string kind, AuthenticationMethod method)
    {
        List<AuthenticationMethod> used = [];
        var hooks = new MessageEditor
        {
            Outgoing = message =>
            {
                used.AddRange(message.Payloads.OfType<AuthenticationPayload>().Select(payload => payload.Method));
                return message with
                {
                    Payloads = message.Payloads.RemoveAll(payload =>
                    payload is NotifyPayload { NotifyType: NotifyType.SignatureHashAlgorithms })
                };
            },
        };
        using var pair = new EnginePair(Connections.EngineA(A(Signs(OfA(kind)))), Connections.EngineB(B(Signs(OfB(kind)))), 1, hooks, hooks);
        pair.SetUtc(CertificateOptions.Now);
        pair.Establish();
        Assert.Equal([method, method], used);
    }

    [Fact]
    public void EveryNamedMethodIsUsedWhereItIsConfigured()
    {
        foreach (string name in SignatureMethod.Names)
        {
            Assert.True(SignatureMethod.TryParse(name, out SignatureMethod? method));
            string kind = name.StartsWith("rsa") ? "rsa2048" : name.StartsWith("ecdsa") ? "p256" : name;
            TestCertificate a = OfA(kind), b = OfB(kind);
            var accepts = new RemoteAuthentication { Trust = Trust(Root), AcceptedMethods = [method] };
            using EnginePair pair = Dial(A(With(Signs(a), method), accepts), B(With(Signs(b), method), accepts));
            AssertUp(pair);
            Assert.Contains(pair.A.Of<MessagePassed>().SelectMany(passed => passed.Notes), note => note.StartsWith($"{name} of"));
        }
    }

    static LocalAuthentication With(LocalAuthentication local, SignatureMethod method) =>
        (LocalAuthentication.SignatureAuthentication)local with { Methods = [method] };

    [Fact]
    public void OneSideMaySignWhileTheOtherHasAPresharedKey()
    {
        ConnectionConfiguration a = A(Signs(OfA()), RemoteAuthentication.OnlyPresharedKey);
        ConnectionConfiguration b = B(LocalAuthentication.PresharedKey);
        using var pair = new EnginePair(Connections.EngineA(a), Connections.EngineB(b));
        pair.SetUtc(CertificateOptions.Now);
        pair.Establish();
        AssertUp(pair);
    }

    [Fact]
    public void SubjectOfTheCertificateIsTheIdentityWhereNoneIsConfigured()
    {
        using EnginePair pair = Dial(A(Signs(OfA())) with { LocalIdentity = null, RemoteIdentity = null },
            B(Signs(OfB())) with { LocalIdentity = null, RemoteIdentity = Identity.Parse("C=CH, O=Lab, CN=*") });
        AssertUp(pair);
        Assert.Equal("C=CH, O=Lab, CN=b", pair.A.Of<IkeSaEstablished>().Single().RemoteIdentity);
        Assert.Equal("C=CH, O=Lab, CN=a", pair.B.Of<IkeSaEstablished>().Single().RemoteIdentity);
    }

    [Fact]
    public void CertificateIsChosenByThePeersRequest()
    {
        TestCertificate other = OtherRoot.Issue("C=CH, O=Other, CN=a", new CertificateOptions { Dns = ["a.example"] });
        var both = new RemoteAuthentication { Trust = Trust(Root, OtherRoot) };
        using EnginePair pair = Dial(A(Signs(other, OfA()), both), B(Signs(OfB())));
        AssertUp(pair);
        Assert.Contains(pair.B.Of<MessagePassed>().Where(passed => passed.Sent).SelectMany(passed => passed.Notes), note => note.Contains("C=CH, O=Lab, CN=a"));
    }

    [Fact]
    public void IntermediateAuthoritiesTravelWithTheCertificate()
    {
        TestCertificate authority = Root.IssueAuthority("C=CH, O=Lab, CN=Lab Sub");
        TestCertificate a = authority.Issue("C=CH, O=Lab, CN=a", new CertificateOptions { Dns = ["a.example"] });
        var local = new LocalAuthentication.SignatureAuthentication([new LocalSigner { Key = a.Key, Chain = [a.Certificate, authority.Certificate] }]);
        using EnginePair pair = Dial(A(local), B(Signs(OfB())));
        AssertUp(pair);
    }

    [Fact]
    public void CertificateOfAnotherAuthorityIsRefused()
    {
        TestCertificate stranger = OtherRoot.Issue("C=CH, O=Other, CN=a", new CertificateOptions { Dns = ["a.example"] });
        using EnginePair pair = Dial(A(Signs(stranger)), B(Signs(OfB())));
        AssertRefused(pair, "is not trusted");
    }

    [Fact]
    public void TrustedCertificateOfAnotherIdentityIsRefused()
    {
        TestCertificate stranger = Root.Issue("C=CH, O=Lab, CN=c", new CertificateOptions { Dns = ["c.example"] });
        using EnginePair pair = Dial(A(Signs(stranger)), B(Signs(OfB())));
        AssertRefused(pair, "does not have the identity a.example");
    }

    [Fact]
    public void ExpiredCertificateIsRefusedAtTheTimeOfTheCheck()
    {
        TestCertificate old = Root.Issue("C=CH, O=Lab, CN=a", new CertificateOptions
        { Dns = ["a.example"], NotBefore = CertificateOptions.Now.AddDays(-10), NotAfter = CertificateOptions.Now.AddDays(-1) });
        using EnginePair pair = Dial(A(Signs(old)), B(Signs(OfB())));
        AssertRefused(pair, "is not trusted");
    }

    [Fact]
    public void SignatureOfAnotherKeyIsRefused()
    {
        TestCertificate a = OfA();
        var local = new LocalAuthentication.SignatureAuthentication([new LocalSigner { Key = OfB().Key, Chain = [a.Certificate] }]);
        using EnginePair pair = Dial(A(local), B(Signs(OfB())));
        AssertRefused(pair, "does not verify with the public key of");
    }

    [Fact]
    public void RawPublicKeyThatIsNotConfiguredIsRefused()
    {
        using EnginePair pair = Dial(A(SignsRaw(OfA())), B(Signs(OfB()), new RemoteAuthentication { TrustedKeys = [OfA("rsa2048").Key.PublicKey] }));
        AssertRefused(pair, "is none of those configured here");
    }

    [Fact]
    public void PresharedKeyDoesNotServeWhereACertificateIsDemanded()
    {
        using var pair = new EnginePair(Connections.EngineA(A(LocalAuthentication.PresharedKey)), Connections.EngineB(B(Signs(OfB()))));
        pair.SetUtc(CertificateOptions.Now);
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(2));
        AssertRefused(pair, "authenticates with a pre-shared key, which connection tunnel does not allow");
    }

    [Fact]
    public void CertificateDoesNotServeWhereAPresharedKeyIsDemanded()
    {
        using EnginePair pair = Dial(A(Signs(OfA())), B(Signs(OfB()), RemoteAuthentication.OnlyPresharedKey));
        AssertRefused(pair, "authenticates with a signature, which connection tunnel does not allow");
    }

    [Fact]
    public void MethodThatIsNotAcceptedIsRefused()
    {
        var onlyPss = new RemoteAuthentication { Trust = Trust(Root), AcceptedMethods = [SignatureMethod.RsaPss(SignatureHash.Sha256)] };
        using EnginePair pair = Dial(A(With(Signs(OfA("rsa2048")), SignatureMethod.RsaPkcs1(SignatureHash.Sha256))), B(Signs(OfB()), onlyPss));
        AssertRefused(pair, "signs with rsa-sha256, which connection tunnel does not accept");
    }

    [Fact]
    public void InitiatorRefusesAResponderWithAForeignCertificate()
    {
        TestCertificate stranger = OtherRoot.Issue("C=CH, O=Other, CN=b", new CertificateOptions { Dns = ["b.example"] });
        using EnginePair pair = Dial(A(Signs(OfA())), B(Signs(stranger)));
        Assert.Empty(pair.A.Installed);
        Assert.Empty(pair.B.Installed);
        Assert.Contains("A INFORMATIONAL request 2", pair.Sent);
        Assert.Contains("is not trusted", pair.A.Status(pair.Now).Reasons[0].Text);
    }

    [Fact]
    public void RequestThatIsRepeatedWhileASignatureIsUnderWayIsNotAnsweredTwice()
    {
        using var pair = new EnginePair(Connections.EngineA(A(Signs(OfA()))), Connections.EngineB(B(Signs(OfB())))) { HoldsSignatures = true };
        pair.SetUtc(CertificateOptions.Now);
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromMilliseconds(100));
        pair.Do(room => room.A.Sign(Assert.Single(room.A.Signatures), room.Now));
        pair.Run(TimeSpan.FromSeconds(4));
        Assert.Equal(3, pair.Sent.Count(name => name == "A IKE_AUTH request 1"));
        Assert.DoesNotContain("B IKE_AUTH response 1", pair.Sent);
        OperationRequested signature = Assert.Single(pair.B.Signatures);
        pair.Do(room => room.B.Sign(signature, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Single(pair.Sent, name => name == "B IKE_AUTH response 1");
        AssertUp(pair);
        pair.Do(room => room.B.Sign(signature, room.Now));
        Assert.Equal(1UL, pair.B.Engine.GetStatus(pair.Now).Counters["late-completion"]);
    }

    [Fact]
    public void SignatureThatNeverComesEndsTheAttempt()
    {
        using var pair = new EnginePair(Connections.EngineA(A(Signs(OfA()))), Connections.EngineB(B(Signs(OfB())))) { HoldsSignatures = true };
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(12));
        Assert.Equal(["A IKE_SA_INIT request 0", "B IKE_SA_INIT response 0"], pair.Sent);
        Assert.Contains("It was not done within 10 s", pair.A.Status(pair.Now).Reasons[0].Text);
        Assert.Equal(0, pair.A.LooseSpis);
    }

    [Fact]
    public void AttemptThatIsTakenDownCancelsItsSignature()
    {
        using var pair = new EnginePair(Connections.EngineA(A(Signs(OfA()))), Connections.EngineB(B(Signs(OfB())))) { HoldsSignatures = true };
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromMilliseconds(100));
        pair.Do(room => room.A.Engine.Terminate("tunnel", room.Now));
        pair.Do(room => room.A.Sign(Assert.Single(room.A.Signatures), room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain("A IKE_AUTH request 1", pair.Sent);
        Assert.Equal(0, pair.A.LooseSpis);
    }
}
