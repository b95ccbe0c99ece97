using System.CommandLine;
using Ipsec.EndpointHost.CommandLine;

namespace Ipsec.EndpointHost.Lab;

/// <summary><c>lab run FILE</c>: a whole topology on a fabric.</summary>
static class LabCommand
{
    public static Command Create()
    {
        var lab = new Command("lab", "Run a whole topology in one process.");
        return lab;
    }
}
