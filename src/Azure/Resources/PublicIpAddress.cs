using Ipsec.Net;

namespace Ipsec.Azure.Resources;

/// <summary>Microsoft.Network/publicIPAddresses.</summary>
/// <param name="IpAddress"><c>properties.ipAddress</c>; Azure assigns it, an emulator is told.</param>
public sealed record PublicIpAddress(string Name, IpAddress IpAddress);
