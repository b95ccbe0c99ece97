using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Tasks;

namespace Ipsec.Ike.Diagnosis;

/// <summary>What the ladder says about a child SA: "child aes256gcm16, no PFS · 10.2.0.0/24 === 0.0.0.0/0".</summary>
static class ChildNotes
{
    public static string Established(ChildSa child) => Describe(child.Suite, new ChildSelectors(child.LocalSelectors, child.RemoteSelectors));

    static string Describe(EspSuite suite, ChildSelectors selectors) =>
        $"child {ProposalText.Print(suite)}{(suite.KeyExchange == KeyExchangeMethod.None ? ", no PFS" : "")} · {selectors}";
}
