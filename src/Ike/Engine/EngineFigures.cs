using Ipsec.Ike.Associations;

namespace Ipsec.Ike.Engine;

/// <summary>How much an engine holds, for those who look for what was left behind.</summary>
/// <param name="IkeSas">In every state, from half-open to the remains that answer repetitions.</param>
/// <param name="EstablishedIkeSas">Those that carry a connection or wait for the outcome of a collision.</param>
/// <param name="ChildSas">As the data path names them.</param>
readonly record struct EngineFigures(int IkeSas, int EstablishedIkeSas, int ChildSas, int HalfOpen, int Timers)
{
    public static EngineFigures Of(EngineContext context) => new(context.Sas.Count, context.Sas.All.Count(sa => sa.State is Exchanges.EstablishedIkeSa),
        context.ChildSas.Count, context.HalfOpen.Count, context.Timers.Count);

    /// <summary>One line per IKE SA: its state, its peer and its age.</summary>
    public static IEnumerable<string> Describe(EngineContext context)
    {
        foreach (IkeSa sa in context.Sas.All)
            yield return $"{sa.State?.GetType().Name ?? "none"} {sa.ConnectionName ?? "?"} {sa.InitiatorSpi:x16} {sa.ResponderSpi:x16} since " +
                $"{sa.CreatedAt.Monotonic:c}";
    }
}
