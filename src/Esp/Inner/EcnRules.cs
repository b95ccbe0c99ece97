namespace Ipsec.Esp.Inner;

/// <summary>Outcome of decapsulation for the ECN field.</summary>
/// <param name="Drop">The packet must not be forwarded.</param>
/// <param name="IsUnexpected">A combination that no current standard produces; worth a counter.</param>
readonly record struct EcnOutcome(byte Ecn, bool Drop, bool IsUnexpected);

/// <summary>Explicit congestion notification across a tunnel, RFC 6040 §4 in normal mode (which IKEv2 requires, RFC 4301 §5.1.2).</summary>
static class EcnRules
{
    public const byte Mask = 0b11;

    const byte NotEct = 0b00;
    const byte Ect1 = 0b01;
    const byte Ect0 = 0b10;
    const byte Ce = 0b11;

    /// <summary>The outer TOS octet or traffic class: ECN is copied (RFC 6040 §4.1), DSCP if wanted.</summary>
    public static byte OuterTrafficClass(byte inner, bool copyDscp) => copyDscp ? inner : (byte)(inner & Mask);

    /// <summary>RFC 6040 §4.2, figure 4: inner rows, outer columns.</summary>
    public static EcnOutcome Decapsulate(byte inner, byte outer) => (inner & Mask, outer & Mask) switch
    {
        (NotEct, Ce) => new EcnOutcome(NotEct, Drop: true, IsUnexpected: true),
        (NotEct, Ect0 or Ect1) => new EcnOutcome(NotEct, Drop: false, IsUnexpected: true),
        (NotEct, _) => new EcnOutcome(NotEct, Drop: false, IsUnexpected: false),
        (Ce, Ect1) => new EcnOutcome(Ce, Drop: false, IsUnexpected: true),
        (Ce, _) or (_, Ce) => new EcnOutcome(Ce, Drop: false, IsUnexpected: false),
        (Ect1, Ect0) => new EcnOutcome(Ect1, Drop: false, IsUnexpected: true),
        (Ect1, _) or (_, Ect1) => new EcnOutcome(Ect1, Drop: false, IsUnexpected: false),
        _ => new EcnOutcome(Ect0, Drop: false, IsUnexpected: false),
    };
}
