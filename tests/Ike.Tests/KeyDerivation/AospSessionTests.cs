using System.Text.Json;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Protection;
using Ipsec.Ike.Wire;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.KeyDerivation;

/// <summary>A whole IKEv2 session with a pre-shared key, its Diffie-Hellman result and every key, recorded by Android's IKE library.</summary>
public class AospSessionTests
{
    [Fact]
    public void RecomputesTheWholeSession()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(OutsideData.PathOf("vectors/aosp-ipsec/psk_session.json")));
        JsonElement session = document.RootElement.GetProperty("sessions")[0];
        byte[] Value(string name) => HexText.Parse(session.GetProperty(name).GetString()!);
        ulong Spi(string name) => System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(Value(name));

        byte[] initRequest = Value("ike_sa_init_request");
        Assert.True(MessageReader.TryParse(initRequest, out IkeHeader header, out IkeMessage? init, out MessageFault fault), fault.ToString());
        Assert.Equal(Spi("ispi"), header.InitiatorSpi);
        Assert.True(ExchangeTable.TryMatch(init, isProtected: false, out ExchangeRow? row, out fault), fault.ToString());
        Assert.Equal(MessageKind.IkeSaInitRequest, row.Kind);
        Equal(Value("ni"), init.Find<NoncePayload>()!.Data.Span);

        AlgorithmProposal policy = ProposalText.Parse("aes128-sha1-modp1024", ProtocolId.Ike);
        Assert.True(ProposalSelection.TrySelect([policy], init.Find<SecurityAssociationPayload>()!.Proposals, true, out SelectedProposal? selected, out _));
        IkeSuite suite = selected.ToIkeSuite();

        using var shared = new Secret(Value("dh_shared"));
        using Secret skeySeed = SkeySeed.Derive(suite.Prf, Value("ni"), Value("nr"), shared);
        Equal(Value("skeyseed"), skeySeed.Span);
        using var keys = IkeKeys.Derive(suite, skeySeed, Value("ni"), Value("nr"), Spi("ispi"), Spi("rspi"));
        Equal(Value("sk_d"), keys.SkD.Span);
        Equal(Value("sk_ai"), keys.SkAi.Span);
        Equal(Value("sk_ar"), keys.SkAr.Span);
        Equal(Value("sk_ei"), keys.SkEi.Span);
        Equal(Value("sk_er"), keys.SkEr.Span);
        Equal(Value("sk_pi"), keys.SkPi.Span);
        Equal(Value("sk_pr"), keys.SkPr.Span);

        var responder = new MessageProtection(suite, keys, isInitiator: false, new SeededRandomSource(1));
        Assert.True(MessageEnvelope.TryParse(Value("ike_auth_request"), out _, out MessageEnvelope envelope, out fault), fault.ToString());
        Assert.True(responder.TryOpen(envelope, out OpenedMessage? opened));
        Equal(Value("ike_auth_request_plaintext_without_padding"), opened.Payloads.Span);
        Assert.True(opened.TryParse(out IkeMessage? auth, out fault), fault.ToString());
        Assert.True(ExchangeTable.TryMatch(auth, isProtected: true, out row, out fault), fault.ToString());
        Assert.Equal(MessageKind.IkeAuthRequest, row.Kind);

        var identity = auth.Find<IdentificationPayload>(PayloadType.IdentificationInitiator)!;
        Equal(Value("idi_body"), identity.ToBody());
        using var presharedKey = new Secret(Value("psk_hex"));
        byte[] expected = PresharedKeyAuthentication.Compute(suite.Prf, presharedKey,
            SignedOctets.OfInitiator(suite.Prf, new InitialMessages(initRequest, [], [], Value("nr")), keys.SkPi, identity));
        Equal(Value("auth_value_initiator"), expected);
        Assert.True(PresharedKeyAuthentication.Verify(auth.Find<AuthenticationPayload>()!, expected));

        using var child = ChildKeys.Derive(suite.Prf, keys.SkD, new EspSuite(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 128),
            IntegrityAlgorithm.HmacSha1_96, false, KeyExchangeMethod.None), null, Value("ni"), Value("nr"));
        byte[] Child(string name) => HexText.Parse(session.GetProperty("first_child").GetProperty(name).GetString()!);
        Equal(Child("encr_i"), child.InitiatorEncryption.Span);
        Equal(Child("auth_i"), child.InitiatorIntegrity.Span);
        Equal(Child("encr_r"), child.ResponderEncryption.Span);
        Equal(Child("auth_r"), child.ResponderIntegrity.Span);
    }

    static void Equal(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual) => Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(actual));
}
