using Ipsec.Ike.Outputs;

namespace Ipsec.Lab.Run;

/// <summary>What an endpoint of the lab asks to have done, done at once (D1: in memory it runs inline).</summary>
static class LabOperations
{
    public static OperationResult Run(OperationInput input, INameResolver names) => input switch
    {
        SignOperation sign => sign.Execute(),
        ResolveNameOperation resolve => new NameResolved(names.Resolve(resolve.Name)),
        _ => throw new InvalidOperationException($"The lab has no way to do {input.GetType().Name}."),
    };
}
