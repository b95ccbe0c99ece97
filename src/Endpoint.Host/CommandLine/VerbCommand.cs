using System.CommandLine;

namespace Ipsec.EndpointHost.CommandLine;

/// <summary>A verb whose <c>--help</c> ends with at least one example.</summary>
sealed class VerbCommand(string name, string description, params string[] examples) : Command(name, description)
{
    public string[] Examples => examples;
}
