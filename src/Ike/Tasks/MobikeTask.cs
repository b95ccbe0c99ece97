using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Mobility;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tasks;

/// <summary>MOBIKE_SUPPORTED with the additional addresses (RFC 4555 §3.2, §3.4), and NO_NATS_ALLOWED where there is no NAT traversal (§3.9).</summary>
sealed class MobikeTask : AuthTask
{
    public override IEnumerable<Payload> Ask(AuthRequestSituation situation)
    {
        if (situation.Connection.Configuration.Mobike is null)
            return [];
        ImmutableArray<Payload> prohibition = situation.Sa.Capabilities.NatTraversal ? [] : [AddressNotifies.NoNatsAllowed(situation.Sa.Path)];
        return [.. Announce(situation.Sa), .. prohibition];
    }

    public override void ReadAnswer(AuthAnswerSituation situation) => Read(situation);

    public override IEnumerable<Payload> Answer(AuthAnswerSituation situation) => Read(situation) ? Announce(situation.Ike.Sa) : [];

    /// <summary>A responder's check of NO_NATS_ALLOWED in the first IKE_AUTH request (RFC 4555 §3.9); there is none where one side has no MOBIKE.</summary>
    public static bool IsUnexpectedlyTranslated(ConnectionConfiguration connection, IkeMessage request, NetworkPath path) =>
        BothHaveIt(connection, request) && AddressNotifies.IsUnexpectedlyTranslated(request, path);

    static bool BothHaveIt(ConnectionConfiguration connection, IkeMessage message) =>
        connection.Mobike is not null && message.FindNotify(NotifyType.MobikeSupported) is not null;

    /// <summary>True: both sides have it.</summary>
    static bool Read(AuthAnswerSituation situation)
    {
        IkeSa sa = situation.Ike.Sa;
        if (!BothHaveIt(situation.Ike.Connection.Configuration, situation.Message))
            return false;
        sa.Capabilities = sa.Capabilities with { Mobike = true };
        sa.Mobility.PeerAddresses = AddressNotifies.ReadList(situation.Message) ?? [];
        return true;
    }

    static IEnumerable<Payload> Announce(IkeSa sa)
    {
        sa.Mobility.Announced = sa.Context.LocalAddresses;
        ImmutableArray<IpAddress> additional = [.. sa.Context.LocalAddresses.Where(address => address != sa.Path.Local.Address)];
        return [new NotifyPayload(NotifyType.MobikeSupported), .. additional.IsEmpty ? [] : AddressNotifies.List(additional)];
    }
}
