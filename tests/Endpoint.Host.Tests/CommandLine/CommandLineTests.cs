using System.CommandLine;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Tests.Kit;

namespace Ipsec.EndpointHost.Tests.CommandLine;

public class CommandLineTests
{
    public static TheoryData<string> Verbs => [.. Leaves(EndpointCommandLine.CreateRoot(), "")];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task EveryVerbExplainsItselfWithAnExample(string verb)
    {
        (int code, string output, string error) = await RunAsync([.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Example", output);
        Assert.Contains($"  ipsec-endpoint {verb}".TrimEnd(), output);
    }

    [Theory]
    [InlineData("run", "Required argument 'FILE' missing for command: 'run'.")]
    [InlineData("run x.yaml --inner wire", "--inner takes 'tun' or 'virtual', not 'wire'.")]
    [InlineData("run x.yaml --inner 1", "--inner takes 'tun' or 'virtual', not '1'.")]
    [InlineData("run x.yaml --log-level 2", "--log-level takes 'debug', 'information', 'warning' or 'error', not '2'.")]
    [InlineData("run x.yaml --log-level none", "--log-level takes 'debug', 'information', 'warning' or 'error', not 'none'.")]
    [InlineData("run x.yaml --initial-sequence-number -1", "--initial-sequence-number takes a number from 0 to 18446744073709551615, not '-1'.")]
    [InlineData("lab run x.yaml --seed -1", "--seed takes a number from 0 to 18446744073709551615, not '-1'.")]
    [InlineData("run x.yaml --local 10.1", "--local takes an IPv4 or IPv6 address, not '10.1'.")]
    [InlineData("rekey both hub", "rekey takes 'ike' or 'child', not 'both'.")]
    [InlineData("device-config x.yaml --format xml", "--format takes 'table', 'swanctl' or 'json', not 'xml'.")]
    [InlineData("lab run x.yaml --fabric netns --seed 1", "--seed goes with --fabric memory: on netns the time and the kernel are real.")]
    [InlineData("lab run x.yaml --fabric netns --time-scale 2", "--time-scale goes with --fabric memory: on netns the time and the kernel are real.")]
    [InlineData("lab run x.yaml --fabric netns --journal d", "--journal goes with --fabric memory: on netns the time and the kernel are real.")]
    [InlineData("lab run x.yaml --stay", "--stay goes with --time-scale, or with --fabric netns: virtual time passes as fast as it can.")]
    [InlineData("run x.yaml --instance 2", "--instance takes '0', '1' or 'all', not '2'.")]
    [InlineData("failover --kind sudden", "--kind takes 'planned' or 'unplanned', not 'sudden'.")]
    [InlineData("lab run x.yaml --perfect-wires", "--perfect-wires goes with --fabric netns.")]
    [InlineData("lab exec pc1", "Required argument 'COMMAND' missing for command: 'exec'.")]
    [InlineData("fly", "Unrecognized command or argument 'fly'.")]
    public async Task AWrongCommandLineIsOneSentence(string line, string sentence)
    {
        (int code, string output, string error) = await RunAsync(line.Split(' '));

        Assert.Equal((1, "", sentence), (code, output, error.Trim()));
    }

    [Fact]
    public async Task StatusForPeopleNamesTunnelSasAndCounters()
    {
        using var pair = new LoopbackPair();
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));

        (int initiated, string initiateOutput, _) = await RunAsync(["initiate", LoopbackPair.Connection, "--control", device.ControlPath]);
        (int code, string output, string error) = await RunAsync(["status", "--control", device.ControlPath]);

        Assert.Equal((0, "hub-to-branch is up."), (initiated, initiateOutput.Trim()));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("branch of pair: ready", output);
        Assert.Contains($"hub-to-branch: established, {pair.DeviceAddress} === {pair.GatewayAddress}, IKEv2", output);
        Assert.Contains("aes256-sha1-modp1024", output);
        Assert.Contains("10.2.0.0/24 === 10.1.0.0/16", output);
    }

    [Fact]
    public async Task ARefusedCommandIsASentenceOnStandardErrorAndExitCode1()
    {
        using var pair = new LoopbackPair();
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));

        (int code, string output, string error) = await RunAsync(["terminate", "nope", "--control", device.ControlPath]);

        Assert.Equal((1, "", "There is no connection 'nope'; this node has hub-to-branch."), (code, output, error.Trim()));
    }

    [Fact]
    public async Task AHostThatDoesNotRunIsOneSentence()
    {
        using var pair = new LoopbackPair();

        UserErrorException error = await Assert.ThrowsAsync<UserErrorException>(() => RunAsync(["status", "--control", pair.ControlPath("x")]));

        Assert.Equal($"No host answers on {pair.ControlPath("x")}; is it running?", error.Message);
    }

    static async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await EndpointCommandLine.InvokeAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    static IEnumerable<string> Leaves(Command command, string path) => command.Subcommands.Count == 0 ? [path]
        : command.Subcommands.SelectMany(child => Leaves(child, $"{path} {child.Name}".Trim()));
}
