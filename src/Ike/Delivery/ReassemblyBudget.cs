using Ipsec.Ike.Engine;

namespace Ipsec.Ike.Delivery;

/// <summary>
/// Octets that the fragments of all messages of one engine may take while they wait for the rest. Peers that are not authenticated yet share a part of
/// it of their own, so that they cannot keep the others from being heard.
/// </summary>
sealed class ReassemblyBudget(EngineContext context)
{
    // What a fragment costs beside its content: an array, an entry, a reference.
    public const int FragmentOverhead = 96;

    int _halfOpen;
    int _established;

    /// <summary>Octets in use.</summary>
    public int Used => _halfOpen + _established;

    public bool TryTake(int octets, bool isHalfOpen)
    {
        ref int used = ref isHalfOpen ? ref _halfOpen : ref _established;
        if (octets > (isHalfOpen ? context.Options.MaximumHalfOpenReassembly : context.Options.MaximumReassembly) - used)
            return false;
        used += octets;
        return true;
    }

    public void Return(int octets, bool isHalfOpen)
    {
        ref int used = ref isHalfOpen ? ref _halfOpen : ref _established;
        used -= octets;
    }
}
