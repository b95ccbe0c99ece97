using System.CommandLine;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.Lab.DeviceConfig;
using Ipsec.Lab.Explanation;
using Ipsec.Lab.Report;
using Ipsec.Lab.Swanctl;
using Ipsec.Lab.Topology;

namespace Ipsec.EndpointHost.DeviceConfig;

/// <summary><c>device-config FILE --node SITE</c>: what is typed into the real device for the connections of a site.</summary>
static class DeviceConfigCommand
{
    const string Table = "table";
    const string Swanctl = "swanctl";
    const string Json = "json";

    public static Command Create(TimeProvider clock)
    {
        var file = new Argument<string>("FILE") { Description = "The topology file." };
        var node = new Option<string?>("--node") { Description = "The site; not needed where there is only one.", HelpName = "SITE" };
        var connection = new Option<string?>("--connection") { Description = "One connection of the site; without it all of them.", HelpName = "NAME" };
        var format = new Option<string>("--format")
        {
            Description = "A table for people, a complete swanctl.conf for strongSwan with the pre-shared key, or one JSON document.",
            HelpName = $"{Table}|{Swanctl}|{Json}",
            DefaultValueFactory = _ => Table,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (text is not (Table or Swanctl or Json))
                    result.AddError($"--format takes '{Table}', '{Swanctl}' or '{Json}', not '{text}'.");
                return text;
            },
        };
        var showSecrets = new Option<bool>("--show-secrets")
        {
            Description = "Show pre-shared keys in the table and in the JSON document; a swanctl.conf always has them.",
        };
        var verb = new VerbCommand("device-config",
            "Write the settings that a user types into a site's real device, each with the public document that says it. "
            + "Compares them with the other side's, on standard error.",
            "ipsec-endpoint device-config samples/site-to-site.yaml --node branch",
            "ipsec-endpoint device-config samples/site-to-site.yaml --node branch --format swanctl > swanctl.conf")
        { file, node, connection, format, showSecrets };
        verb.SetAction(parsed =>
        {
            string name = parsed.GetRequiredValue(file);
            TopologyModel topology = NodeFile.LoadTopology(name);
            NodeDefinition device = ChooseDevice(topology, name, parsed.GetValue(node));
            string? chosen = parsed.GetValue(connection);
            TunnelConfiguration[] tunnels = [.. DeviceConfigurator.Choose(device, chosen)];
            if (tunnels.Length == 0)
                throw new UserErrorException(NoConnection(device, chosen));
            TextWriter output = parsed.InvocationConfiguration.Output;
            TextWriter error = parsed.InvocationConfiguration.Error;
            switch (parsed.GetRequiredValue(format))
            {
                case Swanctl:
                    WriteSwanctl(output, error, topology, device, tunnels);
                    break;
                case Json:
                    output.WriteLine(LabReportJson.Write(DeviceConfigurator.Describe(topology, device, chosen, parsed.GetValue(showSecrets))));
                    break;
                default:
                    DeviceConfigText.Write(output, DeviceConfigurator.Describe(topology, device, chosen, parsed.GetValue(showSecrets)));
                    break;
            }
            WriteForecast(error, Explainer.Explain(topology, name, clock.GetUtcNow()), tunnels);
            foreach (NodeDefinition each in topology.Nodes)
                NodeFile.DisposeKeys(each.Endpoint);
            return 0;
        });
        return verb;
    }

    static NodeDefinition ChooseDevice(TopologyModel topology, string file, string? name)
    {
        NodeDefinition[] sites = [.. topology.Nodes.Where(node => node.Kind == NodeKind.Device)];
        string known = string.Join(", ", sites.Select(site => site.Name));
        if (sites.Length == 0)
            throw new UserErrorException($"{file} has no sites, so there is no device to configure.");
        if (name is null)
            return sites.Length == 1 ? sites[0] : throw new UserErrorException($"Name the site with --node; {file} has {known}.");
        return sites.FirstOrDefault(site => site.Name == name) ?? throw new UserErrorException(topology.Nodes.Any(node => node.Name == name)
            ? $"{name} is an Azure gateway and has no device to configure; the sites of {file} are {known}."
            : $"{file} has no site '{name}'; its sites are {known}.");
    }

    static string NoConnection(NodeDefinition device, string? name)
    {
        string known = string.Join(", ", device.Endpoint.Tunnels.Select(tunnel => tunnel.Connection.Name));
        return known.Length == 0 ? $"{device.Name} has no connections." : $"{device.Name} has no connection '{name}'; it has {known}.";
    }

    static void WriteSwanctl(TextWriter output, TextWriter error, TopologyModel topology, NodeDefinition device, TunnelConfiguration[] tunnels)
    {
        string[] refused = [.. tunnels.Select(tunnel => SwanctlWriter.WhyNot(tunnel.Connection)).OfType<string>()];
        if (refused.Length > 0)
            throw new UserErrorException(refused);
        output.Write(SwanctlWriter.Write(topology, device, tunnels));
        error.WriteLine("The swanctl.conf holds pre-shared keys in clear: keep it where only root reads it.");
    }

    /// <summary>Settings that the other side of the file does not agree to are worth a warning before they are typed.</summary>
    static void WriteForecast(TextWriter error, ExplanationReport report, TunnelConfiguration[] tunnels)
    {
        HashSet<string> names = [.. tunnels.Select(tunnel => tunnel.Connection.Name)];
        foreach (ConnectionExplanation explained in report.Connections.Where(explained => explained.Right.Length > 0 && names.Contains(explained.Connection)))
        {
            string outcome = explained.ComesUp ? "comes up and goes down at a rekey" : "does not come up";
            IEnumerable<Statement> failures = explained.Statements.Where(statement => statement.Verdict == Statement.Fails);
            foreach (Statement failure in failures.DistinctBy(statement => statement.Reason.Code))
                error.WriteLine($"{explained.Connection} {outcome}: {failure.Reason.Text}");
        }
    }
}
