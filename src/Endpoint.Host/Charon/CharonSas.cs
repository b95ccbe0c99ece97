using System.Globalization;

namespace Ipsec.EndpointHost.Charon;

/// <summary>One IKE SA as strongSwan tells of it.</summary>
sealed record StrongSwanIkeSa(string Name, string State, bool IsInitiator, string InitiatorSpi, string ResponderSpi,
    string Algorithms, IReadOnlyList<StrongSwanChildSa> Children)
{
    internal bool IsEstablished => State == "ESTABLISHED";

    internal static IReadOnlyList<StrongSwanIkeSa> Read(string rawListing) =>
        [.. ViciSection.ReadEvents(rawListing, "list-sa").SelectMany(message => message.Sections).Select(sa => From(sa.Key, sa.Value))];

    static StrongSwanIkeSa From(string name, ViciSection sa) => new(name, sa["state"], sa["initiator"] == "yes", sa["initiator-spi"], sa["responder-spi"],
        StrongSwanChildSa.Join(sa["encr-alg"], sa["encr-keysize"], sa["integ-alg"], sa["prf-alg"], sa["dh-group"]),
        [.. sa.Section("child-sas")?.Sections.Select(child => StrongSwanChildSa.From(child.Value)) ?? []]);
}

/// <summary>One child SA as strongSwan tells of it.</summary>
sealed record StrongSwanChildSa(string Name, string State, uint SpiIn, uint SpiOut, string Algorithms,
    string LocalSelectors, string RemoteSelectors, long PacketsIn, long PacketsOut, string Mode, bool HasExtendedSequenceNumbers)
{
    internal bool IsInstalled => State == "INSTALLED";

    internal static StrongSwanChildSa From(ViciSection child) => new(child["name"], child["state"],
        uint.Parse(child["spi-in"], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        uint.Parse(child["spi-out"], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        Join(child["encr-alg"], child["encr-keysize"], child["integ-alg"], child["dh-group"]),
        child["local-ts"], child["remote-ts"], Number(child["packets-in"]), Number(child["packets-out"]),
        child["mode"], child["esn"] == "1");

    /// <summary>"AES_GCM_16-256-PRF_HMAC_SHA2_384-ECP_384": what is not there is left out.</summary>
    internal static string Join(params string[] parts) => string.Join('-', parts.Where(part => part.Length > 0));

    static long Number(string text) => text.Length == 0 ? 0 : long.Parse(text, CultureInfo.InvariantCulture);
}
