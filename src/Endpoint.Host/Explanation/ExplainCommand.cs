using System.Collections.Immutable;
using System.CommandLine;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.Lab.Explanation;
using Ipsec.Lab.Report;
using Ipsec.Lab.Topology;

namespace Ipsec.EndpointHost.Explanation;

/// <summary><c>explain FILE [--peer FILE]</c>: what will happen at the start and at the first rekey, from either side, without running anything.</summary>
static class ExplainCommand
{
    public static Command Create(TimeProvider clock)
    {
        var file = new Argument<string>("FILE") { Description = "The topology file." };
        var peer = new Option<string?>("--peer")
        {
            Description = "The other side's configuration: a topology file, or a strongSwan swanctl.conf (a name that ends with .conf). "
                + "Without it both ends are in FILE.",
            HelpName = "FILE",
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON document and nothing else." };
        var explain = new VerbCommand("explain",
            "Say what will come up, from which side, what fails at the first rekey, and which traffic has no route, without running anything. "
            + "Exit code 0 only if everything comes up and stays up, and traffic goes as the file expects.",
            "ipsec-endpoint explain samples/site-to-site.yaml",
            "ipsec-endpoint explain samples/with-strongswan/azure-gateway.yaml --peer samples/with-strongswan/swanctl.conf")
        { file, peer, json };
        explain.SetAction(parsed =>
        {
            ExplanationReport report = Explain(parsed.GetRequiredValue(file), parsed.GetValue(peer), clock.GetUtcNow());
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
                output.WriteLine(LabReportJson.Write(report));
            else
                ExplanationText.Write(output, report);
            return report.Passed ? 0 : 1;
        });
        return explain;
    }

    /// <exception cref="UserErrorException">A file is at fault.</exception>
    static ExplanationReport Explain(string file, string? peerFile, DateTimeOffset utc)
    {
        TopologyModel ours = NodeFile.LoadTopology(file);
        if (peerFile is null)
            return Explainer.Explain(ours, file, utc);
        if (!PeerFile.TryLoad(FileText.Read(peerFile), peerFile, new FileSecretSource(peerFile), pattern => Included(peerFile, pattern), out PeerFile? peer,
            out ImmutableArray<TopologyError> errors))
            throw new UserErrorException(errors.Select(error => error.ToString()));
        return Explainer.Explain(ours, file, peer, utc);
    }

    /// <summary>The files that an include names, a relative pattern from the including file's folder, in the order of their names.</summary>
    static IReadOnlyList<string> Included(string file, string pattern)
    {
        string path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, pattern);
        string folder = Path.GetDirectoryName(path)!;
        return Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder, Path.GetFileName(path)).Order(StringComparer.Ordinal).Select(FileText.Read)]
            : [];
    }
}
