using System.Diagnostics;
using System.Text;
using Ipsec.Crypto.Certificates;
using Ipsec.Endpoint.Journal;
using Ipsec.Endpoint.Tests.Room;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.Endpoint.Tests.Journal;

public sealed class JournalTests
{
    [Fact]
    public async Task TheSameSeedGivesTheSameOctetsInTwoProcesses()
    {
        string assembly = typeof(JournalTests).Assembly.Location;
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
        };
        // The test program is started through its own executable, or as an argument of "dotnet".
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(assembly);
        start.ArgumentList.Add(JournalScenario.PrintHash);

        using Process other = Process.Start(start)!;
        string hash = (await other.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim();
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, other.ExitCode);
        Assert.NotEqual(Environment.ProcessId, other.Id);
        Assert.Equal(JournalScenario.Hash(), hash);
    }

    [Fact]
    public void AnotherSeedGivesOtherOctets() => Assert.NotEqual(JournalScenario.Record(1).West, JournalScenario.Record(2).West);

    [Fact]
    public void AReplayDoesTheSameOctetByOctet()
    {
        (byte[] west, byte[] east) = JournalScenario.Record();

        JournalReplayResult replayed = JournalReplay.Run(west, JournalScenario.Configurations);

        Assert.Null(replayed.Divergence);
        Assert.InRange(replayed.Inputs, 50, 5000);
        Assert.InRange(replayed.Outputs, 100, 20_000);
        Assert.NotNull(JournalReplay.Run(east, JournalScenario.Configurations).Divergence);
    }

    [Fact]
    public void AReplayProposesThePacketThatStartedTheTunnel()
    {
        MemoryJournal journal = new();
        EndpointConfiguration configuration = Sites.West(connection => connection with { StartAction = StartAction.Traffic });
        using VirtualRoom room = new();
        Station west = room.Add(configuration, 1, journal);
        room.Add(Sites.East(), 2);
        room.Start();
        west.SendInner(InnerPackets.Numbered(Sites.WestHost, Sites.EastHost, 1));
        room.RunUntil(() => west.Tunnel("east").State == TunnelState.Established, TimeSpan.FromSeconds(10), "the tunnel is up");

        Assert.Null(JournalReplay.Run(journal.ToArray(), [configuration]).Divergence);
    }

    [Theory]
    [InlineData("p256")]
    [InlineData("rsa2048")]
    public void AReplayOfCertificatesTakesTheSignaturesFromTheJournal(string kind)
    {
        TestCertificate root = TestCertificate.Root("CN=root");
        TestCertificate westCertificate = root.Issue("CN=west", new() { Key = kind, Dns = ["west.example"] });
        TestCertificate eastCertificate = root.Issue("CN=east", new() { Key = kind, Dns = ["east.example"] });
        EndpointConfiguration westConfiguration = Sites.West(connection => Authenticated(connection, root, westCertificate, "west.example", "east.example"));
        EndpointConfiguration eastConfiguration = Sites.East(connection => Authenticated(connection, root, eastCertificate, "east.example", "west.example"));
        MemoryJournal westJournal = new();
        MemoryJournal eastJournal = new();
        using VirtualRoom room = new();
        Station west = room.Add(westConfiguration, 1, westJournal);
        Station east = room.Add(eastConfiguration, 2, eastJournal);
        room.Start();
        room.RunUntil(() => west.Tunnel("east").State == TunnelState.Established, TimeSpan.FromSeconds(10), "the tunnel is up");
        room.RunFor(TimeSpan.FromSeconds(5));

        // Both schemes draw a random number for each signature, so that signing again could not give these octets.
        byte[] signature = Assert.Single(west.Signatures);
        Assert.NotEqual(-1, westJournal.ToArray().AsSpan().IndexOf(signature));
        Assert.Single(east.Signatures);
        Assert.Null(JournalReplay.Run(westJournal.ToArray(), [westConfiguration]).Divergence);
        Assert.Null(JournalReplay.Run(eastJournal.ToArray(), [eastConfiguration]).Divergence);

        byte[] damaged = westJournal.ToArray();
        damaged[damaged.AsSpan().IndexOf(signature) + signature.Length - 1] ^= 1;
        Assert.NotNull(JournalReplay.Run(damaged, [westConfiguration]).Divergence);
    }

    [Fact]
    public void AReplayRedirectsToTheSameGateway()
    {
        MemoryJournal journal = new();
        EndpointConfiguration configuration = Sites.West(connection => connection with { StartAction = StartAction.None });
        using VirtualRoom room = new();
        Station west = room.Add(configuration, 1, journal);
        Station east = room.Add(Sites.East(connection => connection with { StartAction = StartAction.Start }), 2);
        room.Start();
        room.RunUntil(() => west.Tunnel("east").State == TunnelState.Established, TimeSpan.FromSeconds(10), "the tunnel is up");
        west.Command((endpoint, now) =>
        {
            Assert.True(endpoint.Redirect("east", "192.0.2.99", now).IsAccepted);
            return endpoint.Redirect("east", "no name", now);
        });
        room.RunUntil(() => west.Tunnel("east").IkeSa is null, TimeSpan.FromSeconds(10), "the client has left");

        Assert.Contains(east.Tunnel("west").Reasons, reason => reason.Code == "redirected");
        Assert.Null(JournalReplay.Run(journal.ToArray(), [configuration]).Divergence);
    }

    [Fact]
    public void AReplayWithAnotherConfigurationSaysSo()
    {
        byte[] journal = JournalScenario.Record().West;

        JournalReplayResult renamed = JournalReplay.Run(journal, [Sites.East()]);
        Assert.Contains("another configuration", renamed.Divergence, StringComparison.Ordinal);

        // A different key is not in the journal; what it leads to is.
        EndpointConfiguration otherKey = JournalScenario.Configurations[0] with { PresharedKeys = [Sites.Key("another")] };
        Assert.NotNull(JournalReplay.Run(journal, [otherKey, otherKey]).Divergence);
        Assert.Contains("reload", JournalReplay.Run(journal, [JournalScenario.Configurations[0]]).Divergence, StringComparison.Ordinal);
    }

    [Fact]
    public void ADamagedJournalDivergesAndNeverThrows()
    {
        byte[] journal = JournalScenario.Record().West;
        Random dice = new(99);
        int diverged = 0;

        for (int i = 0; i < 60; i++)
        {
            byte[] damaged = i % 2 == 0 ? journal[..dice.Next(1, journal.Length)] : (byte[])journal.Clone();
            if (i % 2 == 1)
                damaged[dice.Next(damaged.Length)] ^= (byte)dice.Next(1, 256);
            JournalReplayResult result = JournalReplay.Run(damaged, JournalScenario.Configurations);
            if (i % 2 == 1 && !result.IsSame)
                diverged++;
        }
        // A changed octet that has no consequence, in a wall-clock time for instance, is the same on both sides.
        Assert.InRange(diverged, 20, 30);
        Assert.NotNull(JournalReplay.Run(ReadOnlyMemory<byte>.Empty, JournalScenario.Configurations).Divergence);
    }

    [Fact]
    public void AJournalHoldsNoPresharedKey()
    {
        byte[] journal = JournalScenario.Record().West;
        Assert.Equal(-1, journal.AsSpan().IndexOf(Encoding.UTF8.GetBytes("Gh7s0pQ2xV9k")));
    }

    static ConnectionConfiguration Authenticated(ConnectionConfiguration connection, TestCertificate root, TestCertificate own, string local, string remote) =>
        connection with
        {
            LocalIdentity = Identity.Parse(local),
            RemoteIdentity = Identity.Parse(remote),
            LocalAuthentication = new LocalAuthentication.SignatureAuthentication([new LocalSigner { Key = own.Key, Chain = [own.Certificate] }]),
            RemoteAuthentication = new RemoteAuthentication { Trust = new CertificatePathValidator([root.Certificate], [], []) },
        };

    [Fact]
    public void RecordingChangesNothing()
    {
        using VirtualRoom recorded = new();
        using VirtualRoom plain = new();
        foreach (VirtualRoom room in new[] { recorded, plain })
        {
            room.Add(Sites.West(), 1, room == recorded ? new MemoryJournal() : null);
            room.Add(Sites.East(), 2, room == recorded ? new MemoryJournal() : null);
            room.Start();
            room.RunFor(TimeSpan.FromMinutes(2));
        }
        Assert.Equal(plain.Sent.Select(packet => Convert.ToHexString(packet.Payload)), recorded.Sent.Select(packet => Convert.ToHexString(packet.Payload)));
    }
}
