using Ipsec.Endpoint.Tests.Journal;
using Xunit.Runner.InProc.SystemConsole;

namespace Ipsec.Endpoint.Tests;

static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is [JournalScenario.PrintHash])
        {
            Console.WriteLine(JournalScenario.Hash());
            return 0;
        }
        return await ConsoleRunner.Run(arguments);
    }
}
