using System.CommandLine;
using System.Globalization;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Netns;
using Ipsec.Lab.Netns;
using Ipsec.Lab.Topology;

namespace Ipsec.EndpointHost.Lab;

/// <summary><c>lab down</c>: ends a lab on network namespaces and takes away what it made, also after a crash.</summary>
static class LabDownCommand
{
    /// <summary>A lab says goodbye to its peers first; what takes longer is killed.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static VerbCommand Create()
    {
        var name = new Argument<string?>("NAME") { Description = "The lab's name or its topology file; may be left out where one lab is there.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "Every lab of this machine." };
        var down = new VerbCommand("down", "End a lab on network namespaces and take its namespaces away, also after a crash.",
            "ipsec-endpoint lab down", "ipsec-endpoint lab down samples/topologies/01-site-to-site.yaml")
        { name, all };
        down.SetAction(async (parsed, cancellation) =>
        {
            if (!Environment.IsPrivilegedProcess)
                throw new UserErrorException("lab down takes network namespaces away, which needs root; run it with sudo.");
            if (parsed.GetValue(name) is string file && File.Exists(file) && await TryRemoveUnrecordedAsync(file) is string removed)
            {
                await TellAsync(parsed, removed);
                return 0;
            }
            foreach (LabRecord record in parsed.GetValue(all) ? LabRecord.All() : [Choose(parsed.GetValue(name))])
            {
                await EndAsync(record, cancellation);
                await NetnsSession.RemoveAsync(record);
                await TellAsync(parsed, record.Lab);
            }
            return 0;
        });
        return down;
    }

    /// <summary>The lab of a name or a file; null means the only one.</summary>
    /// <exception cref="UserErrorException">None fits, or more than one does.</exception>
    public static LabRecord Choose(string? name)
    {
        LabRecord[] all = LabRecord.All();
        string there = all.Length == 0 ? "no lab is on network namespaces here" : $"there are {string.Join(", ", all.Select(record => record.Lab))}";
        if (name is null)
        {
            return all.Length == 1 ? all[0] : throw new UserErrorException(all.Length == 0 ? "No lab is on network namespaces here; start one with lab run FILE --fabric netns --stay."
                : "Several labs are on network namespaces here; name one (lab down NAME, lab exec --lab NAME …): "
                    + $"{string.Join(", ", all.Select(record => record.Lab))}.");
        }
        string lab = File.Exists(name) ? NodeFile.LoadTopology(name).Name : name;
        return all.FirstOrDefault(record => record.Lab == lab) ?? throw new UserErrorException($"There is no lab {lab}; {there}.");
    }

    /// <summary>Somebody took the record away, as a cleaner of /run might: the file says which namespaces its lab has.</summary>
    /// <returns>The lab's name; null where there was nothing of this kind.</returns>
    static async Task<string?> TryRemoveUnrecordedAsync(string file)
    {
        TopologyModel model = NodeFile.LoadTopology(file);
        string[] namespaces = LabNamespaces.Existing(NamespacePlan.Of(model).Namespaces.Select(space => space.Name));
        if (namespaces.Length == 0 || LabRecord.Find(model.Name) is not null)
            return null;
        await LabNamespaces.RemoveAsync(namespaces);
        return model.Name;
    }

    static Task TellAsync(ParseResult parsed, string lab) => parsed.InvocationConfiguration.Output.WriteLineAsync($"Lab {lab} is down.");

    static async Task EndAsync(LabRecord record, CancellationToken cancellation)
    {
        string process = record.ProcessId.ToString(CultureInfo.InvariantCulture);
        foreach (string signal in (string[])["-TERM", "-KILL"])
        {
            if (!record.IsRunning)
                return;
            await IpCommands.RunAsync("kill", [signal, process]);
            for (TimeSpan waited = TimeSpan.Zero; record.IsRunning && waited < Patience; waited += Pause)
                await Task.Delay(Pause, cancellation);
        }
    }
}
