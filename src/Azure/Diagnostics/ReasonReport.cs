using Ipsec.Ike.Outputs;

namespace Ipsec.Azure.Diagnostics;

/// <summary>Why a tunnel is not up, or what will go wrong with it.</summary>
/// <param name="Certainty">"known" or "likely" (D8).</param>
/// <param name="AzureError">The number under which Azure logs such a failure; null if it has none.</param>
public sealed record ReasonReport(string Code, string Certainty, string Text, int? AzureError)
{
    public static ReasonReport Of(Reason reason) =>
        new(reason.Code, reason.Certainty.ToString().ToLowerInvariant(), reason.Text, AzureErrorNumbers.Find(reason.Code));
}
