using Ipsec.Ike.Configuration;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Mobility;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Associations;

/// <summary>
/// One IKE SA from its first message to its last: the SPIs that name it, the path to the peer, and the state that it is in.
/// Everything else belongs to the state.
/// </summary>
sealed class IkeSa(EngineContext context, IkeSaId id, bool isInitiator, ulong initiatorSpi, ulong responderSpi, NetworkPath path, Instant now)
{
    NetworkPath _path = path;
    NatSituation _nat;

    public EngineContext Context { get; } = context;
    public IkeSaId Id { get; } = id;

    /// <summary>We are the original initiator (RFC 7296 §2.2): who began this IKE SA, in a rekey who began the rekey.</summary>
    public bool IsInitiator { get; } = isInitiator;
    public ulong InitiatorSpi { get; } = initiatorSpi;

    /// <summary>0 while the responder has not answered.</summary>
    public ulong ResponderSpi { get; set; } = responderSpi;
    public ulong LocalSpi => IsInitiator ? InitiatorSpi : ResponderSpi;

    public NetworkPath Path
    {
        get => _path;
        set
        {
            if (Heir is IkeSa heir && heir.Path == _path)
                heir.Path = value;
            _path = value;
        }
    }

    public NatSituation Nat
    {
        get => _nat;
        set
        {
            if (Heir is IkeSa heir && heir.Nat == _nat)
                heir.Nat = value;
            _nat = value;
        }
    }

    /// <summary>The peer's rekey of this one while a collision is not settled: it moves along, unless it has been moved itself.</summary>
    public IkeSa? Heir { get; set; }

    /// <summary>What the peer announced when the first of this row of rekeyed IKE SAs was set up.</summary>
    public PeerCapabilities Capabilities { get; set; } = PeerCapabilities.None;

    /// <summary>Octets of the longest IP datagram for an IKE message of ours before it is fragmented (RFC 7383 §2.5.1); 0 where we do not fragment.</summary>
    public int FragmentSize { get; set; }

    /// <summary>What MOBIKE knows; a rekey hands it on.</summary>
    public MobilityState Mobility { get; init; } = new();


    /// <summary>The gateway that redirected us to this one (RFC 5685 §3).</summary>
    public IpAddress? RedirectedFrom { get; init; }

    /// <summary>The peer's token of quick crash detection (RFC 6290); empty where it gave none.</summary>
    public ReadOnlyMemory<byte> PeerCrashToken { get; set; }
    public Instant CreatedAt { get; } = now;

    /// <summary>Null before the connection is known (D10).</summary>
    public string? ConnectionName { get; set; }

    /// <summary>How its requests are repeated; those of a responder that does not know the connection yet as by default.</summary>
    public RetransmissionPolicy Retransmission { get; set; } = new();

    public IkeSaState? State { get; private set; }

    /// <summary>Goes over to another state. The old one has handed on what the new one needs.</summary>
    public void Become(IkeSaState state) => State = state;

    /// <summary>Nothing is left of it.</summary>
    public void End() => State = null;
}
