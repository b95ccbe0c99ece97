using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.StrongSwan;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Charon;

/// <summary>
/// What charon's log tells of attempts, beside what it lists: who dials, and why it came to nothing. Reads on where it stopped. Not thread-safe.
/// </summary>
sealed partial class CharonLog(string file, IReadOnlyList<StrongSwanTunnel> tunnels)
{
    /// <summary>Octets of one reading; a log that has grown by more is caught up in the next ones.</summary>
    const int MostRead = 1 << 20;

    long _position;

    /// <summary>What is new since the last call.</summary>
    internal IEnumerable<IkeEvent> ReadNew()
    {
        foreach (string line in ReadLines())
        {
            Match match = Line().Match(line);
            if (match.Success && tunnels.FirstOrDefault(tunnel => tunnel.Section == match.Groups["name"].Value) is StrongSwanTunnel tunnel
                && Read(match.Groups["text"].Value, tunnel) is IkeEvent occurred)
                yield return occurred with { Connection = tunnel.Connection };
        }
    }

    static IkeEvent? Read(string text, StrongSwanTunnel tunnel)
    {
        if (text.StartsWith("initiating IKE_SA ", StringComparison.Ordinal))
        {
            TransportAddress local = new(tunnel.Configuration.LocalAddress ?? default, 500);
            TransportAddress remote = new(tunnel.Configuration.RemoteAddress ?? default, tunnel.Configuration.RemoteIkePort);
            return new MessagePassed(true, true, "IKE_SA_INIT", 0, false, new NetworkPath(local, remote, PathEncapsulation.Ike), 0, 0, [], []);
        }
        Match notify = Notify().Match(text);
        string? code = notify.Success ? notify.Groups["name"].Value.ToLowerInvariant().Replace('_', '-')
            : text.Contains("peer not responding", StringComparison.Ordinal) ? "peer-not-responding"
            : text.StartsWith("no matching proposal found", StringComparison.Ordinal) || text.StartsWith("no acceptable ", StringComparison.Ordinal) ? "no-proposal-chosen"
            : null;
        return code is null ? null : new NegotiationRefused(notify.Success, "IKE_AUTH", [new Reason(code, Certainty.Known, $"strongSwan: {text}.")]);
    }

    /// <summary>Whole lines.</summary>
    List<string> ReadLines()
    {
        if (!File.Exists(file))
            return [];
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = Math.Min(_position, stream.Length);
        byte[] octets = new byte[Math.Min(MostRead, stream.Length - stream.Position)];
        int length = stream.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
        int end = Array.LastIndexOf(octets, (byte)'\n', length - 1) + 1;
        _position = stream.Position - length + end;
        return [.. System.Text.Encoding.UTF8.GetString(octets, 0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    // 12:40:01 05[IKE] <hub-to-branch|1> initiating IKE_SA hub-to-branch[1] to 198.51.100.10
    [GeneratedRegex(@"^\S+ \d+\[\w+\] <(?<name>[^|>]+)\|\d+> (?<text>.*)$")]
    private static partial Regex Line();

    const string Errors = "NO_PROPOSAL_CHOSEN|AUTHENTICATION_FAILED|TS_UNACCEPTABLE|INVALID_KE_PAYLOAD|NO_ADDITIONAL_SAS|INTERNAL_ADDRESS_FAILURE"
        + "|FAILED_CP_REQUIRED|SINGLE_PAIR_REQUIRED";

    [GeneratedRegex(@"^received (?<name>" + Errors + ") ")]
    private static partial Regex Notify();
}
