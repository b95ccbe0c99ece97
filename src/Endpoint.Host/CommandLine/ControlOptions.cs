using System.CommandLine;
using Ipsec.EndpointHost.Control;

namespace Ipsec.EndpointHost.CommandLine;

/// <summary>The options with which a verb finds the running host; the same on each of them.</summary>
sealed class ControlOptions
{
    readonly Option<string?> _control = new("--control") { Description = "The control socket; without it the one of --file and --node, or the only one there is.", HelpName = "PATH" };
    readonly Option<string?> _file = new("--file") { Description = "The topology file that the host runs.", HelpName = "FILE" };
    readonly Option<string?> _node = new("--node") { Description = "The node that the host runs.", HelpName = "NAME" };
    readonly Option<int?> _instance = new("--instance") { Description = "The gateway instance, 0 or 1.", HelpName = "0|1" };

    public void AddTo(Command command)
    {
        command.Add(_control);
        command.Add(_file);
        command.Add(_node);
        command.Add(_instance);
    }

    /// <exception cref="UserErrorException">No host fits, or several do.</exception>
    public ControlClient Connect(ParseResult parsed) =>
        new(ControlPaths.Find(parsed.GetValue(_control), parsed.GetValue(_file), parsed.GetValue(_node), parsed.GetValue(_instance)));
}
