using Ipsec.Esp;
using Ipsec.Tests.Support.Packets;

namespace Ipsec.Benchmarks;

/// <summary>Many packets of every suite in both directions, forged and replayed ones, and all else that may happen to a packet; and then the managed bytes and the collections that they cost: 0 and 0.</summary>
static class AllocationCommand
{
    const int Attempts = 2;

    /// <summary>0 if nothing was allocated.</summary>
    public static int Run(int packets)
    {
        bool isClean = true;
        foreach (EspTransforms transforms in PacketLoads.AllSuites())
            isClean &= Measure(transforms, PacketLoads.OfSuite(transforms), packets);
        foreach (string suite in (string[])["aes256gcm16", "aes256-sha256"])
            isClean &= Measure(Suites.Parse(suite), PacketLoads.OfEverySuite(Suites.Parse(suite)), packets);
        return isClean ? 0 : 1;
    }

    static bool Measure(EspTransforms transforms, IEnumerable<PacketLoad> loads, int packets)
    {
        Console.WriteLine($"{transforms.Encryption.Algorithm} {transforms.Encryption.KeyBits} {transforms.Integrity}, {packets} packets each; bytes (collections)");
        bool isClean = true;
        foreach (PacketLoad load in loads)
        {
            using (load)
            {
                (long bytes, int collections) = load.Cost(packets, Attempts);
                Console.WriteLine($"  {load.Name,-48} {bytes} ({collections})");
                isClean &= bytes == 0 && collections == 0;
            }
        }
        return isClean;
    }
}
