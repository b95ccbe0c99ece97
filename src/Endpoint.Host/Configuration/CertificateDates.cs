using System.Globalization;
using Ipsec.Crypto.Certificates;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;

namespace Ipsec.EndpointHost.Configuration;

/// <summary>What the dates of the configured certificates and revocation lists will make fail, said at the start. A peer's refusal would not say it.</summary>
static class CertificateDates
{
    /// <summary>One sentence for each certificate or list, however many connections use it.</summary>
    public static IReadOnlyList<string> Warnings(EndpointConfiguration endpoint, DateTimeOffset now)
    {
        List<string> warnings = [];
        foreach (ConnectionConfiguration connection in endpoint.Tunnels.Select(tunnel => tunnel.Connection))
        {
            if (connection.LocalAuthentication is LocalAuthentication.SignatureAuthentication local)
            {
                foreach (Certificate certificate in local.Signers.SelectMany(signer => signer.Chain))
                    Add(warnings, Describe(certificate, now), "peers will refuse it");
            }
            if (connection.RemoteAuthentication.Trust is not CertificatePathValidator trust)
                continue;
            foreach (Certificate certificate in trust.Anchors.Concat(trust.Intermediates))
                Add(warnings, Describe(certificate, now), "nothing that it issued is accepted");
            foreach (RevocationList list in trust.RevocationLists.Where(list => list.NextUpdate < now))
                Add(warnings, $"The revocation list of {list.Issuer} expired on {Text(list.NextUpdate!.Value)}", "it counts only for what it names");
        }
        return warnings;
    }

    static string? Describe(Certificate certificate, DateTimeOffset now) =>
        certificate.NotAfter < now ? $"The certificate of {certificate} expired on {Text(certificate.NotAfter)}"
        : certificate.NotBefore > now ? $"The certificate of {certificate} is not valid before {Text(certificate.NotBefore)}"
        : null;

    static void Add(List<string> warnings, string? fact, string consequence)
    {
        if (fact is not null && !warnings.Exists(warning => warning.StartsWith(fact, StringComparison.Ordinal)))
            warnings.Add($"{fact}: {consequence}.");
    }

    static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
