namespace Ipsec.Azure.Rules;

/// <summary>Something that Azure would refuse, or that this emulator cannot do.</summary>
/// <param name="ResourceType">"virtualNetworkGateways", without the provider.</param>
/// <param name="ResourceName">The resource's name.</param>
/// <param name="PropertyPath">"properties.ipsecPolicies[0].dhGroup"; empty for the resource itself.</param>
/// <param name="Message">One clause that follows the path: "must be …, not …".</param>
/// <param name="Code">The code of ARM's own error, where it is known.</param>
public sealed record AzureError(string ResourceType, string ResourceName, string PropertyPath, string Message, string? Code = null)
{
    /// <summary>"Microsoft.Network/connections/hub-to-branch properties.sharedKey".</summary>
    public string ArmPath => $"Microsoft.Network/{ResourceType}/{ResourceName} {PropertyPath}".TrimEnd();

    /// <summary>The message with ARM's code: "must be …, not … (Azure: NetcfgSubnetRangesOverlap)".</summary>
    public string Sentence => Code is null ? Message : $"{Message} (Azure: {Code})";
}

/// <summary>Codes of ARM's errors, as users have reported them.</summary>
static class ArmErrorCodes
{
    public const string InvalidResourceReference = "InvalidResourceReference";
    public const string SubnetOutsideAddressSpace = "NetcfgInvalidSubnet";
    public const string SubnetRangesOverlap = "NetcfgSubnetRangesOverlap";
    public const string AddressSpacesOverlap = "VnetAddressSpacesOverlap";
    public const string OverlapsWithPeered = "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet";
    public const string RemoteHasNoGateways = "RemoteVnetHasNoGateways";
    public const string PeeredAlready = "AnotherPeeringAlreadyReferencesRemoteVnet";
}
