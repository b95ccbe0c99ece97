using System.Collections.Immutable;

namespace Ipsec.Benchmarks.Throughput;

/// <summary>One kind of tunnel, to be started anew in each round.</summary>
/// <param name="Name">For <c>--only</c> and in JSON.</param>
/// <param name="Subject">As the table calls it.</param>
/// <param name="Measurements">What is measured of it.</param>
/// <param name="Start">Starts both ends; traffic passes soon after.</param>
sealed record Contender(string Name, string Subject, ImmutableArray<Measurement> Measurements, Func<Underlay, Task<ITunnelUnderTest>> Start)
{
    const string Gcm = "aes256gcm16";
    const string Cbc = "aes256-sha256";

    static readonly ImmutableArray<Measurement> OfTunnels =
        [Measurement.Ping, Measurement.Tcp, Measurement.Streams, Measurement.Loaded, Measurement.Pps64, Measurement.Pps1400];

    public static readonly Contender Bare =
        new("bare", "bare wire", [Measurement.Ping, Measurement.Tcp, Measurement.Streams, Measurement.Loaded], BareWire.StartAsync);

    public static readonly Contender Ours =
        new("ours", $"ours, {Gcm}", [.. OfTunnels, Measurement.Ike, Measurement.Idle], underlay => HostTunnel.StartAsync(underlay, Gcm));

    public static readonly Contender LibIpsec =
        new("libipsec", $"strongSwan kernel-libipsec, {Gcm}", [.. OfTunnels, Measurement.Ike], underlay => LibIpsecTunnel.StartAsync(underlay, Gcm));

    public static readonly Contender WireGuard = new("wireguard", "wireguard-go, ChaCha20-Poly1305", OfTunnels, WireGuardTunnel.StartAsync);

    public static readonly Contender OursCbc = new("ours-cbc", $"ours, {Cbc}", [Measurement.Tcp], underlay => HostTunnel.StartAsync(underlay, Cbc));

    public static readonly Contender LibIpsecCbc =
        new("libipsec-cbc", $"strongSwan kernel-libipsec, {Cbc}", [Measurement.Tcp], underlay => LibIpsecTunnel.StartAsync(underlay, Cbc));

    /// <summary>In the order of a round: those that are compared follow each other.</summary>
    public static readonly ImmutableArray<Contender> All = [Bare, Ours, LibIpsec, WireGuard, OursCbc, LibIpsecCbc];
}
