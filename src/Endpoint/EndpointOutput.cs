using System.Collections.Immutable;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Endpoint;

/// <summary>Something the endpoint wants its host to do or know. Taken in order.</summary>
public abstract record EndpointOutput;

/// <summary>Send one UDP payload from the path's local to its remote address and port.</summary>
public sealed record SendDatagram(NetworkPath Path, ReadOnlyMemory<byte> Datagram) : EndpointOutput;

/// <summary>These remote networks must now lead into the endpoint's inner side (the TUN). A complete list, not a difference.</summary>
public sealed record InnerRoutesChanged(ImmutableArray<IpPrefix> Routes) : EndpointOutput;

/// <summary>These addresses in peers' networks are now this endpoint's own (RFC 7296 §2.19). A complete list, not a difference.</summary>
public sealed record InnerAddressesChanged(ImmutableArray<VirtualAddresses> Addresses) : EndpointOutput;

/// <summary>Something happened, for logs, metrics, the ladder and watchers.</summary>
public sealed record EndpointEvent(IkeEvent Event) : EndpointOutput;

/// <summary>Something to do off the engine's thread; answered once with <see cref="IpsecEndpoint.HandleCompletion"/>.</summary>
public sealed record EndpointOperation(OperationRequested Operation) : EndpointOutput;

/// <summary>The keys of an ESP SA, emitted only when key logging is on; for the key log and nothing else (D9). The receiver owns and disposes them.</summary>
public sealed record EspKeysInstalled(NetworkPath Path, Ike.Configuration.EspSuite Suite, uint InboundSpi, uint OutboundSpi,
    Crypto.Secret InboundEncryptionKey, Crypto.Secret InboundIntegrityKey, Crypto.Secret OutboundEncryptionKey, Crypto.Secret OutboundIntegrityKey)
        : EndpointOutput;

/// <summary>After <c>Shutdown</c>: every SA is deleted or its time is up; the host may stop.</summary>
public sealed record EndpointClosed : EndpointOutput;
