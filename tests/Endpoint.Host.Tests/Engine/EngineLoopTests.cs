using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Engine;
using Ipsec.EndpointHost.Tests.Kit;
using Ipsec.Esp;
using Ipsec.Ike.Outputs;
using Ipsec.Net;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ipsec.EndpointHost.Tests.Engine;

public class EngineLoopTests
{
    [Fact]
    public async Task ReportsOfTheDataPathAreTakenWhileTheInboxNeverEmpties()
    {
        using var pair = new LoopbackPair();
        File.WriteAllText(pair.TopologyFile, pair.Text(startAction: "traffic"));
        NodeSetup setup = NodeFile.Load(RunningNode.Options(pair, LoopbackPair.Device))[0];
        using var endpoint = new IpsecEndpoint(setup.Endpoint, new SystemRandomSource());
        var outputs = new FirstDatagram();
        using var engine = new EngineLoop(endpoint, outputs, new HostClock(TimeProvider.System), NullLogger.Instance);
        engine.Start();
        // Each input leaves another one behind: the inbox is as full as under a flood.
        bool Again(IpsecEndpoint self, Instant now)
        {
            _ = engine.InvokeAsync(Again);
            return true;
        }
        await engine.InvokeAsync(Again);

        byte[] packet = IpPacketWriter.Udp(new TransportAddress(IpAddress.Parse("10.2.0.10"), 9), new TransportAddress(IpAddress.Parse("10.1.1.4"), 9),
            [1, 2, 3]);
        var nowhere = new Nowhere();
        endpoint.DataPath.Seal(new SuperPacket(packet), ref nowhere);

        // The packet asks for a tunnel, which is a report; IKE_SA_INIT is what comes of it.
        await outputs.Sent.WaitAsync(RunningNode.Patience, TestContext.Current.CancellationToken);
    }

    sealed class FirstDatagram : IEngineOutputs
    {
        readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Sent => _sent.Task;

        public void Send(in NetworkPath path, ReadOnlySpan<byte> datagram) => _sent.TrySetResult();

        public ImmutableArray<IpAddress>? ResolveName(string name) => null;

        public void InnerAddressesChanged(ImmutableArray<Ipsec.Ike.Outputs.VirtualAddresses> addresses)
        {
        }

        public void InnerRoutesChanged(ImmutableArray<IpPrefix> routes)
        {
        }

        public void EventOccurred(IkeEvent occurred, DateTimeOffset when)
        {
        }

        public void EspKeysInstalled(EspKeysInstalled keys)
        {
        }
    }

    readonly struct Nowhere : IDataPathSink
    {
        public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
        {
        }

        public void Deliver(Span<byte> innerPacket)
        {
        }

        public void Ike(ReadOnlySpan<byte> message, in NetworkPath path)
        {
        }
    }
}
