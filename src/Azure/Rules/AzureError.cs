namespace Ipsec.Azure.Rules;

/// <summary>Something that Azure would refuse, or that this emulator cannot do.</summary>
/// <param name="ResourceType">"virtualNetworkGateways", without the provider.</param>
/// <param name="ResourceName">The resource's name.</param>
/// <param name="PropertyPath">"properties.ipsecPolicies[0].dhGroup"; empty for the resource itself.</param>
/// <param name="Message">One clause that follows the path: "must be …, not …".</param>
public sealed record AzureError(string ResourceType, string ResourceName, string PropertyPath, string Message)
{
    /// <summary>"Microsoft.Network/connections/hub-to-branch properties.sharedKey".</summary>
    public string ArmPath => $"Microsoft.Network/{ResourceType}/{ResourceName} {PropertyPath}".TrimEnd();
}
