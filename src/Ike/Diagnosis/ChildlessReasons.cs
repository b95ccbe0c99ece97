using System.Collections.Immutable;
using Ipsec.Ike.Outputs;

namespace Ipsec.Ike.Diagnosis;

/// <summary>IKE SAs without a child SA (RFC 6023), in words.</summary>
static class ChildlessReasons
{
    public static ImmutableArray<Reason> NotSupported { get; } =
        [Reasons.Known("childless-not-supported",
            "The peer did not announce CHILDLESS_IKEV2_SUPPORTED, and this connection initiates nothing but childless IKE SAs.")];

    public static Reason NotAllowed(string connection) =>
        Reasons.Known("childless-not-allowed", $"The peer asked for no child SA in IKE_AUTH, which connection {connection} does not accept.");

    public static ImmutableArray<Reason> Forced(string connection) =>
        [Reasons.Known("childless-forced",
            $"The peer asked for a child SA in IKE_AUTH, and connection {connection} accepts it in CREATE_CHILD_SA only (RFC 6023).")];
}
