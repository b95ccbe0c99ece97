using System.Buffers.Binary;
using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>
/// Our half of a child SA that is being asked for: in IKE_AUTH without a nonce and a key exchange of its own (RFC 7296 §1.2), in
/// CREATE_CHILD_SA with both (§1.3). It owns the SPI and the private value until they are used.
/// </summary>
sealed class ChildOffer : IDisposable
{
    readonly EngineContext _context;
    readonly SecurityAssociationPayload _proposals;
    IKeyExchange? _keyExchange;
    bool _spiIsOurs = true;

    ChildOffer(EngineContext context, ChildConfiguration child, ChildSelectors selectors, uint spi, SecurityAssociationPayload proposals,
        IKeyExchange? keyExchange, byte[] nonce)
    {
        _context = context;
        Configuration = child;
        Selectors = selectors;
        InboundSpi = spi;
        _proposals = proposals;
        _keyExchange = keyExchange;
        Nonce = nonce;
    }

    public ChildConfiguration Configuration { get; }
    public uint InboundSpi { get; }

    /// <summary>As they are proposed.</summary>
    public ChildSelectors Selectors { get; }

    /// <summary>Empty in IKE_AUTH, where the nonces of IKE_SA_INIT serve.</summary>
    public byte[] Nonce { get; }

    /// <summary>RFC 7296 §1.2: IKE_AUTH has no key exchange, and so its proposals have no such transforms.</summary>
    bool WithKeyExchange => Nonce.Length > 0;

    /// <summary>Null where every inbound SPI is in use.</summary>
    public static ChildOffer? ForAuthentication(EngineContext context, ChildConfiguration child, ChildSelectors selectors) =>
        Create(context, child, selectors, KeyExchangeMethod.None, withNonce: false);

    /// <param name="selectors">In a rekey those in use: RFC 7296 §2.9.2, a new scope is not narrower than the old one.</param>
    /// <param name="method">The group to send a public value for; None asks for no perfect forward secrecy.</param>
    public static ChildOffer? ForCreateChild(EngineContext context, ChildConfiguration child, ChildSelectors selectors, KeyExchangeMethod method) =>
        Create(context, child, selectors, method, withNonce: true);

    /// <summary>[N(USE_TRANSPORT_MODE),] SA, [Ni], [KEi], TSi, TSr.</summary>
    public IEnumerable<Payload> ToPayloads()
    {
        if (Configuration.Mode == ChildMode.Transport)
            yield return new NotifyPayload(NotifyType.UseTransportMode);
        yield return _proposals;
        if (Nonce.Length > 0)
            yield return new NoncePayload(Nonce);
        if (_keyExchange is not null)
            yield return new KeyExchangePayload((ushort)_keyExchange.Method, _keyExchange.PublicValue.ToArray());
        foreach (Payload payload in Selectors.ToPayloads(weInitiate: true))
            yield return payload;
    }

    /// <summary>Reads what the peer made of it.</summary>
    /// <param name="addresses">Of the IKE SA as they are now: the peer may have given us virtual IPs, and then nothing but those is ours.</param>
    public ChildOfferResult Read(IkeMessage response, ChildAddresses addresses)
    {
        if (response.Find<SecurityAssociationPayload>() is not SecurityAssociationPayload chosen)
        {
            NotifyPayload? error = response.FindErrorNotify();
            return error is null
                ? new ChildOfferResult.Unusable(null, [Reasons.Known("invalid-syntax", "The peer neither granted nor refused the child SA.")])
                : new ChildOfferResult.Refused(error);
        }
        uint? peerSpi = chosen.Proposals is [{ Protocol: ProtocolId.Esp, Spi.Length: 4 } first, ..] ? BinaryPrimitives.ReadUInt32BigEndian(first.Spi.Span)
            : null;
        if (!ProposalSelection.TryAcceptReply(Configuration.InitiatorProposals, chosen, WithKeyExchange, out SelectedProposal? selected)
            || peerSpi is not uint outboundSpi)
            return new ChildOfferResult.Unusable(peerSpi, [Reasons.Known("invalid-proposal", "The peer chose a child proposal that was not offered.")]);
        EspSuite suite = selected.ToEspSuite();
        // RFC 7296 §1.3.1: the responder that declines transport mode leaves the notify out, and then it is tunnel mode.
        bool isTransport = response.FindNotify(NotifyType.UseTransportMode) is not null;
        if (isTransport != (Configuration.Mode == ChildMode.Transport))
            return new ChildOfferResult.Unusable(outboundSpi, [Reasons.Known("transport-mode", isTransport
                ? "The peer chose transport mode, which was not asked for." : "The peer declined transport mode.")]);
        if (Accept(response, addresses, out TransportAddresses original) is not ChildSelectors narrowed)
            return new ChildOfferResult.Unusable(outboundSpi, [Reasons.Known("ts-unacceptable",
                "The peer answered with traffic selectors that are wider than what was proposed.")]);
        Secret? sharedSecret = null;
        if (suite.KeyExchange != KeyExchangeMethod.None && !TryAgree(response, suite.KeyExchange, out sharedSecret))
            return new ChildOfferResult.Unusable(outboundSpi, [Reasons.Known("invalid-ke",
                "The peer's key exchange value is not acceptable for the group that it chose (RFC 6989 §2).")])
            { EndsIkeSa = true };
        return new ChildOfferResult.Granted(suite, outboundSpi, narrowed, isTransport ? original : null, sharedSecret, response.Find<NoncePayload>()?.Data
            ?? default);
    }

    /// <summary>The SPI goes over to an installed SA.</summary>
    public void Use() => _spiIsOurs = false;

    /// <summary>Gives the SPI back unless it is in use, and clears the private value.</summary>
    public void Dispose()
    {
        _keyExchange?.Dispose();
        _keyExchange = null;
        if (_spiIsOurs)
            _context.Spis.Release(InboundSpi);
        _spiIsOurs = false;
    }

    static ChildOffer? Create(EngineContext context, ChildConfiguration child, ChildSelectors selectors, KeyExchangeMethod method, bool withNonce)
    {
        if (!context.Spis.TryAllocate(out uint spi))
            return null;
        byte[] spiOctets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(spiOctets, spi);
        SecurityAssociationPayload proposals = WireProposal.Offer(child.InitiatorProposals, spiOctets, withKeyExchange: withNonce);
        IKeyExchange? keyExchange = method == KeyExchangeMethod.None ? null : KeyExchanges.Create(method, context.Random);
        return new ChildOffer(context, child, selectors, spi, proposals, keyExchange, withNonce ? context.NewNonce() : []);
    }

    /// <summary>The peer's selectors if they lie within what was proposed, of a virtual IP only as much as is ours; or null.</summary>
    ChildSelectors? Accept(IkeMessage response, ChildAddresses addresses, out TransportAddresses original)
    {
        original = default;
        ChildSelectors? narrowed = ChildSelectors.From(response, weInitiate: true);
        if (narrowed is not null && Configuration.Mode == ChildMode.Transport)
            narrowed = addresses.Substitute(narrowed, out original);
        if (narrowed is null || !SelectorNarrowing.IsWithin(narrowed, Selectors))
            return null;
        if (Configuration.DynamicLocalSelectors.IsEmpty || Configuration.Mode == ChildMode.Transport)
            return narrowed;
        narrowed = narrowed with { Local = SelectorNarrowing.Narrow(narrowed.Local, addresses.SelectorsOf(Configuration).Local) };
        return narrowed.Local.IsEmpty ? null : narrowed;
    }

    bool TryAgree(IkeMessage response, KeyExchangeMethod method, out Secret? sharedSecret)
    {
        sharedSecret = null;
        return _keyExchange is not null && _keyExchange.Method == method
            && response.Find<KeyExchangePayload>() is KeyExchangePayload theirs && theirs.Method == (ushort)method
            && _keyExchange.TryDeriveSharedSecret(theirs.Data.Span, out sharedSecret);
    }
}

/// <summary>What came of a <see cref="ChildOffer"/>.</summary>
abstract record ChildOfferResult
{
    /// <param name="SharedSecret">Of the exchange's own key exchange; the receiver disposes it.</param>
    public sealed record Granted(EspSuite Suite, uint OutboundSpi, ChildSelectors Selectors, TransportAddresses? TransportMode, Secret? SharedSecret,
        ReadOnlyMemory<byte> NonceR) : ChildOfferResult;

    public sealed record Refused(NotifyPayload Error) : ChildOfferResult;

    /// <summary>The peer has installed something that we cannot use: it has to be deleted (RFC 7296 §2.21).</summary>
    public sealed record Unusable(uint? OutboundSpi, ImmutableArray<Reason> Reasons) : ChildOfferResult
    {
        /// <summary>RFC 6989 §2.5: who gets a bad key exchange value in a response MUST delete the IKE SA.</summary>
        public bool EndsIkeSa { get; init; }
    }
}
