using System.Diagnostics.CodeAnalysis;
using Ipsec.Ike.Outputs;

namespace Ipsec.Ike.Engine;

/// <summary>
/// Outputs in order. A place can be reserved for an event whose text is known only after the message that it tells about has been handled.
/// </summary>
sealed class OutputQueue
{
    readonly Queue<OutputSlot> _slots = new();

    public void Add(IkeOutput output) => _slots.Enqueue(new OutputSlot { Output = output });

    public OutputSlot Reserve()
    {
        var slot = new OutputSlot();
        _slots.Enqueue(slot);
        return slot;
    }

    /// <summary>Slots that were never filled are passed over.</summary>
    public bool TryTake([NotNullWhen(true)] out IkeOutput? output)
    {
        while (_slots.TryDequeue(out OutputSlot? slot))
        {
            output = slot.Output;
            if (output is not null)
                return true;
        }
        output = null;
        return false;
    }
}

/// <summary>A place in the queue of outputs.</summary>
sealed class OutputSlot
{
    public IkeOutput? Output { get; set; }
}
