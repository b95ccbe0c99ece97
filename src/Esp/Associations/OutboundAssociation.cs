using System.Buffers.Binary;
using Ipsec.Crypto;
using Ipsec.Esp.Packets;

namespace Ipsec.Esp.Associations;

/// <summary>
/// The sending half of an SA. <see cref="SendLock"/> makes one worker at a time its owner: numbers are drawn, packets sealed and
/// given to the sink under it, so they leave in order (D4). It is freed under the same lock.
/// </summary>
sealed class OutboundAssociation
{
    // RFC 4303 §3.3.3: the number must not wrap; the rekey is asked for when a sixteenth of the numbers is left.
    const ulong LastNumber = uint.MaxValue;
    const ulong LastExtendedNumber = ulong.MaxValue;
    const int SoftShareShift = 4;

    readonly ulong _lastNumber;
    readonly CbcIvGenerator? _ivGenerator;
    readonly int _icvLength;
    readonly int _blockLength;
    readonly bool _isExtended;
    readonly bool _countsIvs;
    PacketCipher? _cipher;
    TrafficMeter _meter;
    ulong _sequence;
    bool _isActive;

    public OutboundAssociation(TunnelSa sa, TunnelSaParameters parameters, bool isActive, IRandomSource random)
    {
        Sa = sa;
        Spi = parameters.OutboundSpi;
        _meter = new TrafficMeter(parameters);
        EspTransforms transforms = parameters.Transforms;
        _cipher = PacketCiphers.Create(transforms.Encryption, parameters.OutboundEncryptionKey.Span,
            transforms.Integrity, parameters.OutboundIntegrityKey.Span, forSealing: true);
        _isExtended = transforms.ExtendedSequenceNumbers;
        _lastNumber = _isExtended ? LastExtendedNumber : LastNumber;
        _icvLength = _cipher.IcvLength;
        _blockLength = _cipher.BlockLength;
        PreferredRun = _cipher.PreferredRun;
        _sequence = parameters.InitialSequenceNumber;
        _isActive = isActive;
        IsTransport = parameters.TransportMode is not null;
        PayloadOffset = EspHeader.Length + _cipher.IvLength;
        _countsIvs = transforms.Encryption.CountsIvs;
        if (!_countsIvs && _cipher.IvLength > 0)
            _ivGenerator = new CbcIvGenerator(random);
    }

    public Lock SendLock { get; } = new();
    public TunnelSa Sa { get; }
    public uint Spi { get; }
    public ref TrafficMeter Meter => ref _meter;

    /// <summary>Transport mode. Here too, because every packet asks.</summary>
    public bool IsTransport { get; }

    /// <summary>Where the inner packet stands in a sealed datagram.</summary>
    public int PayloadOffset { get; }

    /// <summary>False while a responder's new SA waits for its first authenticated packet.</summary>
    public bool IsActive => Volatile.Read(ref _isActive);

    public void Activate() => Volatile.Write(ref _isActive, true);

    public bool IsSoftLimitReached => _meter.IsSoftLimitReached || _sequence >= _lastNumber - (_lastNumber >> SoftShareShift);

    public int DatagramLength(int innerLength) =>
        PayloadOffset + innerLength + EspTrailer.LengthFor(innerLength, _blockLength) + _icvLength;

    /// <summary>The longest inner packet whose datagram has at most so many octets.</summary>
    public int LargestInner(int datagramLength) => EspTrailer.LargestContent(datagramLength - PayloadOffset - _icvLength, _blockLength);

    /// <summary>Datagrams that <see cref="TrySeal"/> is best given together.</summary>
    public int PreferredRun { get; }

    /// <summary>
    /// Draws a number for the inner packet that stands at <see cref="PayloadOffset"/> of a datagram of <see cref="DatagramLength"/> octets, and writes what
    /// goes around it. The datagram is not sealed. The caller holds <see cref="SendLock"/>.
    /// </summary>
    /// <returns><see cref="SealOutcome.Sealed"/> where it can be.</returns>
    public SealOutcome TryLayOut(Span<byte> datagram, int innerLength, byte nextHeader)
    {
        if (_cipher is null)
            return SealOutcome.Closed;
        if (_sequence >= _lastNumber || _meter.Exceeds(innerLength) || Sa.IsHardLimitReached)
            return SealOutcome.Exhausted;
        _sequence++;
        _meter.Add(innerLength);
        EspHeader.Write(datagram, Spi, (uint)_sequence);
        Span<byte> iv = datagram[EspHeader.Length..PayloadOffset];
        if (_countsIvs)
            BinaryPrimitives.WriteUInt64BigEndian(iv, _sequence); // RFC 4106 §3.1: unique per key, a counter will do
        else
            _ivGenerator?.Next(iv);
        EspTrailer.Write(datagram[(PayloadOffset + innerLength)..^_icvLength], nextHeader);
        return SealOutcome.Sealed;
    }

    /// <summary>
    /// Seals the datagrams that were laid out last, at most <see cref="PreferredRun"/>; false if the SA was removed meanwhile, and they must not leave. The
    /// caller has held <see cref="SendLock"/> since the first of them.
    /// </summary>
    /// <param name="datagrams">One behind the other.</param>
    /// <param name="datagramLength">Octets of each of them; the last one may be shorter.</param>
    public bool TrySeal(Span<byte> datagrams, int datagramLength)
    {
        if (_cipher is null)
            return false;
        if (PreferredRun == 1)
        {
            uint? high = _isExtended ? (uint)(_sequence >> 32) : null;
            _cipher.Seal(datagrams[..EspHeader.Length], high, datagrams[EspHeader.Length..PayloadOffset], datagrams[PayloadOffset..^_icvLength],
                datagrams[^_icvLength..]);
            return true;
        }
        Span<uint> sequenceHighs = stackalloc uint[PacketCipher.LongestRun];
        sequenceHighs = sequenceHighs[..(_isExtended ? (datagrams.Length + datagramLength - 1) / datagramLength : 0)];
        for (int i = 0; i < sequenceHighs.Length; i++)
            sequenceHighs[i] = (uint)(_sequence - (ulong)(sequenceHighs.Length - 1 - i) >> 32);
        _cipher.SealRun(datagrams, datagramLength, sequenceHighs);
        return true;
    }

    /// <summary>Waits for the worker that sends, then frees the context.</summary>
    public void Close()
    {
        lock (SendLock)
        {
            _cipher?.Dispose();
            _cipher = null;
            _ivGenerator?.Dispose();
        }
    }
}
