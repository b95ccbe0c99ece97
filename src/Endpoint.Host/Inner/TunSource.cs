using Ipsec.EndpointHost.Hosting;
using Ipsec.EndpointHost.Native;

namespace Ipsec.EndpointHost.Inner;

/// <summary>From a worker's own queue of a TUN device into the data path.</summary>
sealed class TunSource(TunInnerSide inner, PacketWorkers workers, PacketWorker worker) : IPacketSource
{
    /// <summary>Packets that are read before what was sealed of them leaves at the latest, and before others have their turn.</summary>
    const int ReadsPerTurn = 64;

    /// <summary>The same in octets, for super-packets: as much as a socket's turn brings, some 500 µs.</summary>
    const int OctetsPerTurn = 8 * 65536;

    readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(TunInnerSide.LargestPacket, pinned: true);
    readonly Sealer _sealer = workers.CreateSealer(worker);
    TunDevice? _lost;

    public FileDescriptor Descriptor => inner.Device.QueueOf(worker.Index).Descriptor;

    public TurnOutcome TakeTurn()
    {
        TunDevice tun = inner.Device;
        TunQueue queue = tun.QueueOf(worker.Index);
        bool hasHeader = tun.Offloads != TunOffloads.None;
        int length = 0;
        int count = 0;
        int octets = 0;
        _sealer.BeginTurn();
        while (count < ReadsPerTurn && octets < OctetsPerTurn && (length = queue.Read(_buffer)) > 0)
        {
            _sealer.Seal(_buffer.AsSpan(0, length), hasHeader);
            count++;
            octets += length;
        }
        _sealer.EndTurn();
        if (length < 0)
        {
            Tell(tun, -length);
            workers.OnEngine(() => inner.Recreate(tun, workers));
            return TurnOutcome.Failed;
        }
        return count > 0 ? TurnOutcome.Worked : TurnOutcome.Idle;
    }

    /// <summary>The device is its owner's.</summary>
    public void Dispose()
    {
    }

    void Tell(TunDevice tun, int error)
    {
        if (_lost != tun && worker.Index == 0)
            workers.TellInnerSideIsLost(tun.Name, error);
        _lost = tun;
    }
}
