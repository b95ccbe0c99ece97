namespace Ipsec.Lab.Hosts.Tcp;

/// <summary>Segments that arrived before those in front of them. They lie in the window, which bounds them.</summary>
sealed class ReceiveBuffer
{
    // As many as a window holds of the smallest segments that anybody would send in earnest.
    const int MostPieces = 256;

    readonly List<(SequenceNumber At, ReadOnlyMemory<byte> Data)> _pieces = [];

    /// <summary>Takes a segment's data and returns what is next in order; empty where that is still missing.</summary>
    public byte[] Add(SequenceNumber next, SequenceNumber at, ReadOnlyMemory<byte> data)
    {
        if (_pieces.Count < MostPieces && !data.IsEmpty)
            _pieces.Add((at, data));
        List<byte> inOrder = [];
        for (bool found = true; found;)
        {
            found = false;
            for (int index = _pieces.Count - 1; index >= 0; index--)
            {
                (SequenceNumber start, ReadOnlyMemory<byte> piece) = _pieces[index];
                SequenceNumber wanted = next + inOrder.Count;
                if (start > wanted)
                    continue;
                _pieces.RemoveAt(index);
                int known = wanted - start;
                if (known >= piece.Length)
                    continue;
                inOrder.AddRange(piece.Span[known..]);
                found = true;
            }
        }
        return [.. inOrder];
    }
}
