namespace Ipsec.Ike.Configuration;

/// <summary>How ESP carries packets (RFC 4301 §3.2).</summary>
public enum ChildMode
{
    Tunnel,

    /// <summary>
    /// Between the two ends of the IKE SA only; asked for with USE_TRANSPORT_MODE, and refused to a peer that does not ask (RFC 7296 §1.3.1).
    /// </summary>
    Transport,
}

/// <summary>IKE SAs without a child SA (RFC 6023).</summary>
public enum ChildlessPolicy
{
    /// <summary>Accepted as responder; as initiator the first child SA is made with the IKE SA.</summary>
    Allow,

    /// <summary>Initiated, where the peer supports it.</summary>
    Prefer,

    /// <summary>Nothing else is initiated or accepted.</summary>
    Force,

    /// <summary>Neither initiated nor accepted.</summary>
    Never,
}

/// <summary>When a gateway redirects its peers (RFC 5685).</summary>
public enum RedirectMoment
{
    /// <summary>In answer to IKE_SA_INIT, before anything is spent on the peer (§3).</summary>
    Init,

    /// <summary>In answer to IKE_AUTH, once the peer has proven who it is (§6).</summary>
    Auth,
}
