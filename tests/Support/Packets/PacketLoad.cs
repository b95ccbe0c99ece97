namespace Ipsec.Tests.Support.Packets;

/// <summary>Packets of one kind, as many as one likes.</summary>
/// <param name="name">What happens to them.</param>
/// <param name="packetsPerStep">ESP packets, or inner packets where there is no ESP.</param>
/// <param name="step">Some of them; the number counts up.</param>
/// <param name="done">How many there were to which that has happened.</param>
public sealed class PacketLoad(string name, Tunnel tunnel, int packetsPerStep, Action<int> step, Func<ulong> done) : IDisposable
{
    const int WarmUpSteps = 50;

    public string Name => name;

    /// <summary>
    /// Managed octets that so many packets cost on this thread, and collections of the whole process: the fewest of a few attempts, because the runtime may still
    /// compile what it runs, and a collection that somebody else causes charges this thread with the rest of its allocation window.
    /// </summary>
    /// <exception cref="InvalidOperationException">It was not that what happened to the packets.</exception>
    public (long Bytes, int Collections) Cost(int packets, int attempts)
    {
        Run(WarmUpSteps);
        int steps = (packets + packetsPerStep - 1) / packetsPerStep;
        (long Bytes, int Collections) fewest = (long.MaxValue, int.MaxValue);
        for (int attempt = 0; attempt < attempts && fewest != default; attempt++)
        {
            ulong doneBefore = done();
            int collections = GC.CollectionCount(0);
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            Run(steps);
            bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
            collections = GC.CollectionCount(0) - collections;
            if (done() - doneBefore != (ulong)steps * (ulong)packetsPerStep)
                throw new InvalidOperationException($"{name}: of {steps * packetsPerStep} packets it were {done() - doneBefore}.");
            if (bytes < fewest.Bytes || bytes == fewest.Bytes && collections < fewest.Collections)
                fewest = (bytes, collections);
        }
        return fewest;
    }

    public void Dispose() => tunnel.Dispose();

    public override string ToString() => name;

    void Run(int steps)
    {
        for (int i = 0; i < steps; i++)
            step(i);
    }
}
