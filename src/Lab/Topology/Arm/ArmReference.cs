namespace Ipsec.Lab.Topology.Arm;

/// <summary>A reference to another resource: its name, or an ARM id that ends in "…/virtualNetworks/hub".</summary>
static class ArmReference
{
    public static string Name(string reference, string resourceType)
    {
        string marker = $"/{resourceType}/";
        int start = reference.LastIndexOf(marker, StringComparison.OrdinalIgnoreCase);
        if (start < 0)
            return reference;
        string name = reference[(start + marker.Length)..];
        int end = name.IndexOf('/');
        return end < 0 ? name : name[..end];
    }

    /// <summary>A subnet: "hub/app", or an ARM id that ends in "…/virtualNetworks/hub/subnets/app".</summary>
    public static (string VirtualNetwork, string Subnet) Subnet(string reference)
    {
        if (reference.Contains("/subnets/", StringComparison.OrdinalIgnoreCase))
            return (Name(reference, ArmShorthand.VirtualNetworks), Name(reference, "subnets"));
        int slash = reference.IndexOf('/');
        return slash < 0 ? (reference, "") : (reference[..slash], reference[(slash + 1)..]);
    }
}
