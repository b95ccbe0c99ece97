using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.EndpointHost.Tests.Kit;

namespace Ipsec.EndpointHost.Tests.Telemetry;

public class EndpointMetricsTests
{
    [Fact]
    public async Task ATunnelAndItsTrafficAreMeasured()
    {
        using var pair = new LoopbackPair();
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));
        var sums = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name != EndpointMetrics.MeterName)
                    return;
                Assert.False(string.IsNullOrEmpty(instrument.Unit));
                Assert.EndsWith(".", instrument.Description);
                self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            string name = instrument.Name;
            foreach (KeyValuePair<string, object?> tag in tags)
                name += tag.Key == "name" ? $"/{tag.Value}" : "";
            sums.AddOrUpdate(name, value, (_, sum) => sum + value);
        });
        listener.Start();

        await device.CommandAsync("initiate");
        await device.PingAsync("pc1", "10.1.1.4");
        listener.RecordObservableInstruments();

        Assert.True(sums["ipsec.ike.messages"] >= 4);
        Assert.True(sums["ipsec.ike.sa.established"] >= 1);
        Assert.True(sums["ipsec.child_sa.established"] >= 1);
        Assert.True(sums["ipsec.endpoint.counter/esp.sealed"] >= 1);
    }
}
