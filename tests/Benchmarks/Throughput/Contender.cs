using System.Collections.Immutable;

namespace Ipsec.Benchmarks.Throughput;

/// <summary>One kind of tunnel, to be started anew in each round.</summary>
/// <param name="Name">For <c>--only</c> and in JSON.</param>
/// <param name="Subject">As the table calls it.</param>
/// <param name="Measurements">What is measured of it.</param>
/// <param name="Start">Starts both ends; traffic passes soon after. Our host takes the further options of <c>run</c>.</param>
sealed record Contender(string Name, string Subject, ImmutableArray<Measurement> Measurements, Func<Underlay, string[], Task<ITunnelUnderTest>> Start)
{
    const string Gcm = "aes256gcm16";
    const string Cbc = "aes256-sha256";

    /// <summary>
    /// Microseconds: a thread that has just moved a packet is still awake for the answer. Both ends run on the same processors here: threads that poll all
    /// the time would only take them from each other.
    /// </summary>
    const string BusyPoll = "100";

    static readonly ImmutableArray<Measurement> OfTunnels =
        [Measurement.Ping, Measurement.Tcp, Measurement.Streams, Measurement.Loaded, Measurement.Pps64, Measurement.Pps1400];

    static readonly ImmutableArray<Measurement> OfIpsec = [.. OfTunnels, Measurement.Ike, Measurement.Idle];

    public static readonly Contender Bare = new("bare", "bare wire", [Measurement.Ping, Measurement.Tcp, Measurement.Streams, Measurement.Loaded],
        (underlay, _) => BareWire.StartAsync(underlay));

    public static readonly Contender Ours = OfOurs("ours", Gcm, OfIpsec);

    public static readonly Contender OursBusy =
        OfOurs("ours-busy", Gcm, [Measurement.Ping, Measurement.Loaded, Measurement.Idle], "--queues", "1", "--busy-poll", BusyPoll);

    public static readonly Contender LibIpsec = OfLibIpsec("libipsec", Gcm, OfIpsec);

    public static readonly Contender WireGuard =
        new("wireguard", "wireguard-go, ChaCha20-Poly1305", [.. OfTunnels, Measurement.Idle], (underlay, _) => WireGuardTunnel.StartAsync(underlay));

    public static readonly Contender OursCbc = OfOurs("ours-cbc", Cbc, [Measurement.Tcp]);

    public static readonly Contender LibIpsecCbc = OfLibIpsec("libipsec-cbc", Cbc, [Measurement.Tcp]);

    /// <summary>In the order of a round: those that are compared follow each other.</summary>
    public static readonly ImmutableArray<Contender> All = [Bare, OursBusy, Ours, LibIpsec, WireGuard, OursCbc, LibIpsecCbc];

    static Contender OfOurs(string name, string esp, ImmutableArray<Measurement> measurements, params string[] options) =>
        new(name, string.Join(' ', [$"ours, {esp}", .. options]), measurements,
            (underlay, more) => HostTunnel.StartAsync(underlay, esp, [.. options, .. more]));

    static Contender OfLibIpsec(string name, string esp, ImmutableArray<Measurement> measurements) =>
        new(name, $"strongSwan kernel-libipsec, {esp}", measurements, (underlay, _) => LibIpsecTunnel.StartAsync(underlay, esp));
}
