using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>Vendor IDs that the owner of the engine wants sent (RFC 7296 §3.12). Those of a peer mean nothing here.</summary>
sealed class VendorIdTask : InitTask
{
    public override IEnumerable<Payload> ToPayloads(InitSituation situation) =>
        situation.Sa.Context.Options.VendorIds.Select(data => new VendorIdPayload(data));
}
