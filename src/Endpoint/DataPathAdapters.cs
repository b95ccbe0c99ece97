using Ipsec.Crypto;
using Ipsec.Endpoint.Journal;
using Ipsec.Esp;
using Ipsec.Ike;
using Ipsec.Ike.Outputs;

namespace Ipsec.Endpoint;

/// <summary>Inbound SPIs are the data path's slots.</summary>
sealed class SpiAllocator(DataPath dataPath, JournalWriter? journal) : ISpiAllocator
{
    public bool TryAllocate(out uint spi)
    {
        bool allocated = dataPath.TryAllocateSpi(out spi);
        journal?.SpiAllocated(allocated ? spi : 0);
        return allocated;
    }

    public void Release(uint spi) => dataPath.ReleaseSpi(spi);
}

/// <summary>Liveness asks whether ESP has arrived, the inactivity timeout whether any has passed.</summary>
sealed class DataPathTraffic(DataPath dataPath) : IChildTraffic
{
    public ulong InboundPackets(ChildSaId id) => dataPath.InboundPackets(id.Value);

    public ulong OutboundPackets(ChildSaId id) => dataPath.OutboundPackets(id.Value);
}

/// <summary>Records the answers, because the packets behind them are not in a journal.</summary>
sealed class ChildTraffic(IChildTraffic source, JournalWriter? journal) : IChildTraffic
{
    public ulong InboundPackets(ChildSaId id) => Record(id, source.InboundPackets(id));

    public ulong OutboundPackets(ChildSaId id) => Record(id, source.OutboundPackets(id));

    ulong Record(ChildSaId id, ulong packets)
    {
        journal?.TrafficAnswered(id.Value, packets);
        return packets;
    }
}

/// <summary>Records what is drawn.</summary>
sealed class JournaledRandomSource(IRandomSource source, JournalWriter journal) : IRandomSource
{
    public void Fill(Span<byte> destination)
    {
        source.Fill(destination);
        journal.Drawn(destination);
    }
}
