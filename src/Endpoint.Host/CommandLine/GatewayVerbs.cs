using System.CommandLine;
using Ipsec.EndpointHost.Control;

namespace Ipsec.EndpointHost.CommandLine;

/// <summary>The verbs for what Azure offers on connections and gateways, and for what happens to its machines.</summary>
static class GatewayVerbs
{
    public static IEnumerable<Command> Create() => [ResetConnection(), Reset(), Failover(), Maintenance()];

    static Command ResetConnection()
    {
        (Argument<string> connection, Option<double> wait, Option<bool> json) =
            (ControlVerbs.ConnectionArgument(), ControlVerbs.WaitOption(), ControlVerbs.JsonOption());
        var verb = new VerbCommand("reset-connection", "Tear down one connection and restore it, as Azure's resetConnection does; nothing else is touched. "
            + "Waits until it is up again.",
            "ipsec-endpoint reset-connection hub-to-branch --node hub-gw") { connection, wait, json };
        return ControlVerbs.Tell(verb, "reset-connection", json, parsed => new CommandRequest(parsed.GetValue(connection), WaitSeconds: parsed.GetValue(wait)));
    }

    static Command Reset()
    {
        (Option<string?> vip, Option<double> wait, Option<bool> json) = (VipOption(), WaitOption(), ControlVerbs.JsonOption());
        var verb = new VerbCommand("reset", "Reset a gateway, as Azure does: the active machine reboots; of an active-active gateway the first one, "
            + "or the one with the public address that is named.",
            "ipsec-endpoint reset --node hub-gw", "ipsec-endpoint reset --node hub-gw --gateway-vip 198.51.100.11 --wait 120") { vip, wait, json };
        return ControlVerbs.Tell(verb, "reset", json, parsed => new CommandRequest(null, WaitSeconds: parsed.GetValue(wait), GatewayVip: parsed.GetValue(vip)));
    }

    static Command Failover()
    {
        var kind = new Option<string>("--kind")
        {
            Description = "planned: the machine deletes its SAs before it goes; unplanned: it is gone at once. planned by default.",
            HelpName = "planned|unplanned",
            DefaultValueFactory = _ => "planned",
        };
        kind.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not ("planned" or "unplanned") and string other }])
                result.AddError($"--kind takes 'planned' or 'unplanned', not '{other}'.");
        });
        (Option<string?> vip, Option<double> wait, Option<bool> json) = (VipOption(), WaitOption(), ControlVerbs.JsonOption());
        var verb = new VerbCommand("failover", "Let a machine of a gateway go away: its public address moves to the other one, "
            + "or waits for it where both are active.",
            "ipsec-endpoint failover --node hub-gw --kind unplanned", "ipsec-endpoint failover --node hub-gw --instance 1 --wait 120")
        { kind, vip, wait, json };
        return ControlVerbs.Tell(verb, "failover", json,
            parsed => new CommandRequest(null, WaitSeconds: parsed.GetValue(wait), GatewayVip: parsed.GetValue(vip), Kind: parsed.GetValue(kind)));
    }

    static Command Maintenance()
    {
        (Option<double> wait, Option<bool> json) = (WaitOption(), ControlVerbs.JsonOption());
        var verb = new VerbCommand("maintenance", "Reboot both machines of a gateway, one after the other.",
            "ipsec-endpoint maintenance --node hub-gw --wait 300") { wait, json };
        return ControlVerbs.Tell(verb, "maintenance", json, parsed => new CommandRequest(null, WaitSeconds: parsed.GetValue(wait)));
    }

    static Option<string?> VipOption() => new("--gateway-vip") { Description = "The instance by its public address.", HelpName = "ADDRESS" };

    static Option<double> WaitOption() => new("--wait")
    {
        Description = "How long to wait until everything is served again, 0 to 600; 0, the default, does not wait.",
        HelpName = "SECONDS",
    };
}
