using System.Collections.Immutable;

namespace Ipsec.Azure;

/// <summary>
/// The Vendor IDs that a peer of an Azure point-to-site gateway has logged, in their order: MD5 of the text, behind the first one the version, here 9.
/// The engine is that of Windows, which calls itself so.
/// </summary>
static class VendorIds
{
    public static ImmutableArray<ReadOnlyMemory<byte>> Windows { get; } =
    [
        // "MS NT5 ISAKMPOAKLEY", version 9
        Convert.FromHexString("1e2b516905991c7d7c96fcbfb587e46100000009"),
        // "MS-Negotiation Discovery Capable"
        Convert.FromHexString("fb1de3cdf341b7ea16b7e5be0855f120"),
    ];
}
