using System.Text;

namespace Ipsec.Lab.Topology;

/// <summary>One thing in a topology file that a user can put right.</summary>
/// <param name="File">The file's name as it was given.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Key">"sites.branch.device.proposals[0]"; empty for the file as a whole.</param>
/// <param name="ArmPath">Where the key is in ARM's terms: "Microsoft.Network/connections/hub-to-branch properties.sharedKey"; null outside
/// <c>azure</c>.</param>
/// <param name="Message">What is wrong and what is accepted; follows the key in one sentence.</param>
public sealed record TopologyError(string File, int Line, int Column, string Key, string? ArmPath, string Message)
{
    /// <summary>The whole sentence: "site.yaml:12:7: sites.branch.networks[0] must be …".</summary>
    public override string ToString()
    {
        StringBuilder text = new($"{File}:{Line}:{Column}: ");
        if (Key.Length > 0)
            text.Append(Key).Append(' ');
        if (ArmPath is not null)
            text.Append('(').Append(ArmPath).Append(") ");
        return text.Append(Message).ToString();
    }
}
