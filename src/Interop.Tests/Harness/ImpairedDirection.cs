using System.Diagnostics;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>One direction of an <see cref="ImpairedWire"/>: reads what its TUN device is given, does its harm, and writes the rest back.</summary>
sealed class ImpairedDirection : IDisposable
{
    const int LongestPacket = 1 << 16;

    static readonly TimeSpan IdleWait = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(1);

    readonly PlainTun _tun;
    readonly Random _random;
    readonly List<Held> _held = [];
    readonly byte[] _buffer = new byte[LongestPacket];
    readonly Thread _thread;
    readonly Lock _lock = new();
    Impairment _impairment = Impairment.None;
    ImpairmentCounts _counts = new(0, 0, 0, 0, 0, 0);
    volatile bool _isStopping;

    internal ImpairedDirection(PlainTun tun, int seed)
    {
        (_tun, _random) = (tun, new Random(seed));
        _thread = new Thread(Carry) { IsBackground = true, Name = "impaired wire" };
        _thread.Start();
    }

    /// <summary>From the next packet on.</summary>
    internal Impairment Impairment
    {
        set
        {
            lock (_lock)
                _impairment = value;
        }
    }

    internal ImpairmentCounts Counts
    {
        get
        {
            lock (_lock)
                return _counts;
        }
    }

    public void Dispose()
    {
        _isStopping = true;
        _thread.Join();
        _tun.Dispose();
    }

    void Carry()
    {
        while (!_isStopping)
        {
            _tun.Wait(_held.Count > 0 ? ShortWait : IdleWait);
            lock (_lock)
            {
                while (_tun.Read(_buffer) is int length and > 0)
                    Pass(_buffer.AsSpan(0, length));
                ReleaseOverdue();
            }
        }
    }

    void Pass(Span<byte> packet)
    {
        _counts = _counts with { Read = _counts.Read + 1 };
        if (Happens(_impairment.Loss))
        {
            _counts = _counts with { Lost = _counts.Lost + 1 };
            return;
        }
        bool isDuplicated = Happens(_impairment.Duplication);
        if (isDuplicated)
        {
            _counts = _counts with { Duplicated = _counts.Duplicated + 1 };
            // The copy comes at once or later.
            if (_random.Next(2) == 0)
                Hold(packet);
            else
                Write(packet);
        }
        if (Happens(_impairment.Corruption) && PacketDamage.TryFlipOneBit(packet, _random))
            _counts = _counts with { Corrupted = _counts.Corrupted + 1 };
        if (Happens(_impairment.Reordering))
        {
            Hold(packet);
            return;
        }
        Write(packet);
        ReleaseOvertaken();
    }

    bool Happens(double percent) => percent > 0 && _random.NextDouble() * 100 < percent;

    void Hold(ReadOnlySpan<byte> packet) =>
        _held.Add(new Held(packet.ToArray(), Stopwatch.GetTimestamp()) { Overtaking = _random.Next(1, Impairment.MostOvertaking + 1) });

    void Write(ReadOnlySpan<byte> packet)
    {
        _tun.Write(packet);
        _counts = _counts with { Written = _counts.Written + 1 };
    }

    void ReleaseOvertaken()
    {
        foreach (Held held in _held)
        {
            held.WasOvertaken = true;
            held.Overtaking--;
        }
        Release(held => held.Overtaking == 0);
    }

    void ReleaseOverdue() => Release(held => Stopwatch.GetElapsedTime(held.Since) > Impairment.LongestHold);

    void Release(Func<Held, bool> isDue)
    {
        for (int index = 0; index < _held.Count;)
        {
            Held held = _held[index];
            if (!isDue(held))
            {
                index++;
                continue;
            }
            _held.RemoveAt(index);
            Write(held.Packet);
            if (held.WasOvertaken)
                _counts = _counts with { Overtaken = _counts.Overtaken + 1 };
        }
    }

    sealed record Held(byte[] Packet, long Since)
    {
        internal int Overtaking { get; set; }

        internal bool WasOvertaken { get; set; }
    }
}
