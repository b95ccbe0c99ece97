using System.Collections.Immutable;
using Ipsec.Ike.Addresses;

namespace Ipsec.Ike.Outputs;

/// <summary>What the peer of a connection gave us.</summary>
public sealed record VirtualAddresses(string Connection, AssignedConfiguration Configuration);

/// <summary>
/// These are the addresses, and what belongs to them, that peers have given us: a complete list. What is not in it any more has been taken back.
/// </summary>
public sealed record VirtualAddressesChanged(ImmutableArray<VirtualAddresses> Addresses) : IkeOutput;
