using System.CommandLine;
using Ipsec.EndpointHost.Control;

namespace Ipsec.EndpointHost.CommandLine;

/// <summary>The options with which a verb finds the running host; the same on each of them.</summary>
sealed class ControlOptions
{
    readonly Option<string?> _control = new("--control") { Description = "The control socket; without it the one of --file and --node, or the only one there is.", HelpName = "PATH" };
    readonly Option<string?> _file = new("--file") { Description = "The topology file that the host runs.", HelpName = "FILE" };
    readonly Option<string?> _node = new("--node") { Description = "The node that the host runs.", HelpName = "NAME" };
    readonly Option<int?> _instance = new("--instance") { Description = "The gateway instance, 0 or 1; without it all that the host runs.", HelpName = "0|1" };
    readonly Option<string?> _lab = new("--lab") { Description = "The lab that runs, by its topology's name; --node then names one of its nodes.", HelpName = "NAME" };

    public void AddTo(Command command)
    {
        command.Add(_control);
        command.Add(_file);
        command.Add(_node);
        command.Add(_instance);
        command.Add(_lab);
    }

    /// <exception cref="UserErrorException">No host fits, or several do.</exception>
    public ControlClient Connect(ParseResult parsed) => new(parsed.GetValue(_lab) is string lab
        ? ControlPaths.OfLab(lab)
        : ControlPaths.Find(parsed.GetValue(_control), parsed.GetValue(_file), parsed.GetValue(_node), parsed.GetValue(_instance)))
    {
        Node = parsed.GetValue(_node),
        Instance = parsed.GetValue(_instance),
    };
}
