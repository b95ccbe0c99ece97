using Ipsec.Lab.Topology.Arm;
using Ipsec.Lab.Topology.Schema;

namespace Ipsec.Lab.Topology.Reading;

/// <summary>Checks the keys that are names: they become parts of socket, interface and file names, and of expectation lines.</summary>
static class NameRules
{
    public static void Check(NodeReader file, ErrorList errors)
    {
        CheckKeys(file, "sites", errors);
        CheckKeys(file, "hosts", errors);
        foreach ((_, NodeReader site) in file.Named("sites"))
        {
            foreach (SourcedNode connection in site.Child("device")?.Items("connections") ?? [])
                CheckKeys(new NodeReader(connection), "children", errors);
        }
        if (file.Child("azure") is not NodeReader azure)
            return;
        foreach (string type in ArmExpander.Types)
            CheckKeys(azure, type, errors);
        foreach ((_, NodeReader network) in azure.Named(ArmShorthand.VirtualNetworks))
            CheckKeys(network, "subnets", errors);
        foreach ((_, NodeReader gateway) in azure.Named(ArmShorthand.VirtualNetworkGateways))
            CheckKeys(gateway, "natRules", errors);
    }

    static void CheckKeys(NodeReader parent, string key, ErrorList errors)
    {
        foreach ((string name, NodeReader value) in parent.Named(key))
        {
            if (!ScalarText.IsName(name))
                errors.Add(value.Source, $"must be {SchemaFormat.Find("name").Accepted}");
        }
    }
}
