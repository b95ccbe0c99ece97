using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Engine;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Net;

namespace Ipsec.Ike.PeerAuthentication;

/// <summary>What both sides of IKE_AUTH need to know about the IKE SA. Everything is borrowed.</summary>
sealed record AuthenticationSituation(IkeSa Sa, IkeSuite Suite, IkeKeys Keys, InitialMessages Messages)
{
    public EngineContext Context => Sa.Context;
    public NetworkPath Path => Sa.Path;
    public PeerCapabilities Peer => Sa.Capabilities;
}
