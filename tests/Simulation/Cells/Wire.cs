using System.Buffers.Binary;
using Ipsec.Simulation.Fabric;
using Ipsec.Simulation.Observation;
using Ipsec.Simulation.Report;

namespace Ipsec.Simulation.Cells;

/// <summary>What lies between the nodes of a cell, and what it does to packets.</summary>
sealed class Wire(Cell cell, Dice dice) : IScheduled
{
    const double CorruptionShare = 0.1;
    const double ReplayChance = 0.01;
    const double ForeignChance = 0.005;
    const double DelayChance = 0.01;

    TimeSpan _latestArrival;

    public bool IsCalm { get; set; }

    /// <summary>Until then nothing gets through.</summary>
    public TimeSpan OutageUntil { get; set; }

    /// <summary>Multiplies loss: fate makes it better and worse.</summary>
    public double Roughness { get; set; } = 1;

    CellPlan Plan => cell.Plan;

    public void Send(Node from, OuterPacket sent)
    {
        cell.Statistics.Add(CountKind.OuterPackets);
        cell.Digest.Add((ulong)cell.Time.Now.Ticks);
        cell.Digest.Add(sent.Payload);
        OuterPacket? packet = from.Nat is null ? sent : from.Nat.Leave(sent);
        if (packet is null)
            return;
        if (IsCalm)
        {
            cell.Time.After(Plan.Latency, this, packet);
            return;
        }
        if (cell.Time.Now < OutageUntil)
            return;
        double loss = Math.Min(0.5, Plan.Loss * Roughness);
        if (dice.Chance(loss))
        {
            Note(FaultKind.Loss, packet);
            return;
        }
        if (dice.Chance(loss * CorruptionShare))
        {
            Note(FaultKind.Corruption, packet);
            packet.Payload[dice.Below(packet.Payload.Length)] ^= (byte)(1 << dice.Below(8));
        }
        else if (packet.IsEsp && dice.Chance(ForeignChance) && !Plan.IsGentle)
        {
            Forge(from, packet);
        }
        if (dice.Chance(ReplayChance))
        {
            Note(FaultKind.Replay, packet);
            cell.Time.After(dice.LogBetween(TimeSpan.FromSeconds(0.5), TimeSpan.FromMinutes(5)), this, packet.Copy());
        }
        if (dice.Chance(Plan.Duplication))
        {
            Note(FaultKind.Duplicate, packet);
            Enqueue(packet.Copy());
        }
        Enqueue(packet);
    }

    public void Fire(object? argument) => cell.Network.Deliver((OuterPacket)argument!);

    void Enqueue(OuterPacket packet)
    {
        TimeSpan delay = Plan.Latency + dice.Exponential(Plan.Jitter);
        if (dice.Chance(DelayChance))
        {
            Note(FaultKind.Delay, packet);
            delay += dice.LogBetween(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(Plan.IsGentle ? 1 : 4));
        }
        TimeSpan arrival = cell.Time.Now + delay;
        if (arrival < _latestArrival)
            Note(FaultKind.Reorder, packet);
        else
            _latestArrival = arrival;
        cell.Time.At(arrival, this, packet);
    }

    void Forge(Node from, OuterPacket packet)
    {
        uint spi = BinaryPrimitives.ReadUInt32BigEndian(packet.Payload);
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(packet.Payload.AsSpan(4));
        if (from.FindKey(spi)?.TryForge(packet.Payload, sequence, KeyUse.MakeForeign) == true)
            Note(FaultKind.ForeignPlaintext, packet);
    }

    void Note(FaultKind kind, OuterPacket packet)
    {
        cell.Statistics.Add(kind);
        if (cell.IsTraced)
            cell.Trace("wire", $"{kind} {packet.Source} -> {packet.Target}, {packet.Payload.Length} octets");
    }
}
