using System.Globalization;
using Ipsec.Tests.Support.Packets;

namespace Ipsec.Benchmarks;

/// <summary><c>load SUITE NAME PACKETS</c>: one kind of packet so many times and nothing else, for a program that counts instructions (bench/instructions.sh).</summary>
static class LoadCommand
{
    public const string Verb = "load";

    /// <summary>0, or 2 with a sentence.</summary>
    public static int Run(string[] arguments)
    {
        if (arguments is not [string suite, string name, string count] || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int packets))
        {
            Console.Error.WriteLine("usage: load SUITE NAME PACKETS");
            return 2;
        }
        using PacketLoad? load = PacketLoads.OfSuite(Suites.Parse(suite)).FirstOrDefault(load => load.Name == name);
        if (load is null)
        {
            Console.Error.WriteLine($"A suite has no load '{name}'; '-- allocations' lists them.");
            return 2;
        }
        load.Cost(packets, attempts: 1);
        return 0;
    }
}
