using Ipsec.Ike.Configuration;
using Ipsec.Ike.Engine;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Net;

namespace Ipsec.Ike.PeerAuthentication;

/// <summary>What both sides of IKE_AUTH need to know about the IKE SA. Everything is borrowed.</summary>
sealed record AuthenticationSituation(EngineContext Context, NetworkPath Path, IkeSuite Suite, IkeKeys Keys, InitialMessages Messages);
