using Ipsec.Ike.Associations;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Protection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Delivery;

/// <summary>
/// The fragments of one message in one direction until all are there (RFC 7383 §2.6). Only fragments of the message ID that is expected and whose
/// ICV was correct get here; their number, octets and time are bounded.
/// </summary>
sealed class Reassembly(IkeSa sa)
{
    readonly SortedList<ushort, Memory<byte>> _fragments = [];
    OpenedMessage? _first;
    UInt128 _firstDigest;
    uint _messageId;
    ushort _total;
    int _octets;
    int _taken;
    int _largest;
    bool _isHalfOpen;
    EngineTimer? _timer;

    EngineContext Context => sa.Context;

    /// <summary>Asked before anything is spent on it. RFC 7383 §2.6: false for a duplicate, and for one of an older, coarser set.</summary>
    public bool Needs(in MessageEnvelope envelope) => _fragments.Count == 0 || envelope.Header.MessageId != _messageId
        || envelope.TotalFragments > _total || envelope.TotalFragments == _total && !_fragments.ContainsKey(envelope.FragmentNumber);

    /// <summary>Takes a fragment that was opened, and returns the whole message with the last one.</summary>
    public ReassembledMessage? Add(in MessageEnvelope envelope, OpenedMessage fragment, Instant now)
    {
        // RFC 7383 §2.6: a finer set replaces what there is of a coarser one.
        if (_fragments.Count > 0 && (envelope.TotalFragments > _total || envelope.Header.MessageId != _messageId))
            Clear();
        if (_fragments.Count == 0)
            Begin(envelope, now);
        int cost = fragment.Payloads.Length + fragment.AuthenticatedHeader.Length + ReassemblyBudget.FragmentOverhead;
        if (_octets + fragment.Payloads.Length > WireLimits.MessageLength || !Context.Reassembly.TryTake(cost, _isHalfOpen))
        {
            Context.Counters.Add("reassembly-limit");
            if (_fragments.Count == 0)
                Clear();
            return null;
        }
        _taken += cost;
        _octets += fragment.Payloads.Length;
        _largest = Math.Max(_largest, envelope.Datagram.Length);
        _fragments.Add(envelope.FragmentNumber, fragment.Payloads);
        if (envelope.FragmentNumber == 1)
        {
            _first = fragment;
            _firstDigest = MessageDigest.Of(envelope.Datagram);
        }
        return _fragments.Count == _total ? Complete() : null;
    }

    /// <summary>Forgets what has come.</summary>
    public void Clear()
    {
        Context.Timers.Cancel(_timer);
        _timer = null;
        Context.Reassembly.Return(_taken, _isHalfOpen);
        _fragments.Clear();
        _first = null;
        _octets = _taken = _largest = 0;
    }

    void Begin(in MessageEnvelope envelope, Instant now)
    {
        _messageId = envelope.Header.MessageId;
        _total = envelope.TotalFragments;
        _isHalfOpen = Context.HalfOpen.Contains(sa);
        _timer = Context.Timers.Schedule(now, Context.Options.ReassemblyTimeout, _ =>
        {
            Context.Counters.Add("reassembly-timeout");
            Clear();
        });
    }

    ReassembledMessage Complete()
    {
        byte[] payloads = new byte[_octets];
        int offset = 0;
        foreach (Memory<byte> fragment in _fragments.Values)
        {
            fragment.CopyTo(payloads.AsMemory(offset));
            offset += fragment.Length;
        }
        var whole = new ReassembledMessage(_first! with { Payloads = payloads }, _firstDigest, _largest);
        Clear();
        return whole;
    }
}

/// <summary>A whole message, however it came.</summary>
/// <param name="Digest">Of the datagram, or of the first fragment's: what a repetition is told by (RFC 7383 §2.6.1).</param>
/// <param name="LargestDatagram">Octets of the longest fragment: as much as the path is known to carry (RFC 7383 §2.5.1). 0 where it was not
/// fragmented.</param>
sealed record ReassembledMessage(OpenedMessage Message, UInt128 Digest, int LargestDatagram);
