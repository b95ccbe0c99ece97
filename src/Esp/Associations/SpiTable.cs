using System.Buffers.Binary;
using System.Numerics;
using Ipsec.Crypto;

namespace Ipsec.Esp.Associations;

/// <summary>
/// The inbound SPIs and what they lead to: a fixed number of slots, an SPI is the slot's index below a generation. Workers look
/// up with one volatile read; the control face writes one slot per install. A slot is reused first in, first out and its generation
/// counts up from a random start, so that an SPI does not come again while packets to its last owner may be under way.
/// </summary>
sealed class SpiTable
{
    readonly InboundAssociation?[] _associations;
    readonly uint[] _spis;
    readonly bool[] _isAllocated;
    readonly Queue<int> _released = new();
    readonly IRandomSource _random;
    readonly int _indexBits;
    int _neverUsed;

    /// <param name="slots">A power of two from 256 up: with a generation above 0 no SPI is below 256 (RFC 4303 §2.1).</param>
    public SpiTable(int slots, IRandomSource random)
    {
        _associations = new InboundAssociation?[slots];
        _spis = new uint[slots];
        _isAllocated = new bool[slots];
        _random = random;
        _indexBits = BitOperations.Log2((uint)slots);
    }

    /// <summary>SPIs that are given out, whether anything stands on them or not.</summary>
    public int Allocated => _neverUsed - _released.Count;

    /// <summary>Called by workers.</summary>
    public InboundAssociation? Find(uint spi)
    {
        InboundAssociation? association = Volatile.Read(ref _associations[IndexOf(spi)]);
        return association is not null && association.Spi == spi ? association : null;
    }

    public bool TryAllocate(out uint spi)
    {
        spi = 0;
        int index;
        if (_neverUsed < _spis.Length)
            index = _neverUsed++;
        else if (!_released.TryDequeue(out index))
            return false;
        uint generation = _spis[index] == 0 ? FirstGeneration() : NextGeneration(_spis[index] >> _indexBits);
        spi = _spis[index] = generation << _indexBits | (uint)index;
        _isAllocated[index] = true;
        return true;
    }

    /// <summary>True if this SPI was given out and nothing stands on it yet.</summary>
    public bool IsFree(uint spi) => IsAllocated(spi) && _associations[IndexOf(spi)] is null;

    public void Install(InboundAssociation association) => Volatile.Write(ref _associations[IndexOf(association.Spi)], association);

    public void Release(uint spi)
    {
        if (!IsAllocated(spi))
            return;
        int index = IndexOf(spi);
        Volatile.Write(ref _associations[index], null);
        _isAllocated[index] = false;
        _released.Enqueue(index);
    }

    bool IsAllocated(uint spi) => _isAllocated[IndexOf(spi)] && _spis[IndexOf(spi)] == spi;

    int IndexOf(uint spi) => (int)(spi & (uint)(_associations.Length - 1));

    uint FirstGeneration()
    {
        Span<byte> octets = stackalloc byte[4];
        _random.Fill(octets);
        uint generation = BinaryPrimitives.ReadUInt32BigEndian(octets) >> _indexBits;
        return generation == 0 ? 1 : generation;
    }

    uint NextGeneration(uint generation)
    {
        uint next = generation + 1 & uint.MaxValue >> _indexBits;
        return next == 0 ? 1 : next;
    }
}
