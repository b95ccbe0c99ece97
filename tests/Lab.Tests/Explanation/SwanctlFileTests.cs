using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Lab.Swanctl;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Explanation;

public sealed class SwanctlFileTests
{
    [Fact]
    public void LeavesWhatAFileDoesNotSayToSwanctlsDefaults()
    {
        SwanctlConnection connection = Assert.Single(Load("connections { c { children { n { } } } }").Connections);

        Assert.Equal((TimeSpan.FromHours(4), TimeSpan.FromHours(4.4)), (connection.Connection.Lifetime.RekeyTime, connection.Connection.Lifetime.HardTime));
        ChildConfiguration child = Assert.Single(connection.Connection.Children);
        Assert.Equal((TimeSpan.FromHours(1), TimeSpan.FromHours(1.1)), (child.Lifetime.RekeyTime, child.Lifetime.HardTime));
        Assert.Equal((DynamicSelector.Any, DynamicSelector.Any), (Assert.Single(child.DynamicLocalSelectors), Assert.Single(child.DynamicRemoteSelectors)));
        Assert.Equal(SwanctlAuthentication.PublicKey, connection.Local);
        Assert.Null(connection.Connection.RemoteAddress);
        Assert.Contains(connection.Connection.InitiatorProposals, proposal => proposal.KeyExchange.Contains(Ipsec.Crypto.KeyExchangeMethod.Curve25519));
    }

    [Fact]
    public void ReadsCommentsQuotesReferencesAndIncludes()
    {
        SwanctlFile file = Load("""
            # a comment with { braces }
            defaults { proposals = aes256-sha256-modp2048 # behind a value
              rekey_time = 90m
            }
            connections {
              branch : defaults {
                remote_addrs = branch.example.org
                local { id = "C=CH, O=Example, CN=hub"
                }
                children { net { local_ts = 10.1.0.0/16[tcp/443], dynamic
                } }
              }
            }
            include conf.d/*.conf
            """, pattern => pattern == "conf.d/*.conf" ? ["secrets { ike-1 { secret = 0s" + Convert.ToBase64String("key"u8) + "\n id-1 = a.example\n } }"] : []);

        SwanctlConnection connection = Assert.Single(file.Connections);
        Assert.Equal("aes256-sha256-modp2048", ProposalText.Print(Assert.Single(connection.Connection.InitiatorProposals)));
        Assert.Equal(TimeSpan.FromMinutes(90), connection.Connection.Lifetime.RekeyTime);
        Assert.Equal("branch.example.org", connection.Connection.RemoteName);
        Assert.Equal(IdentificationType.DerAsn1Dn, connection.Connection.LocalIdentity!.Type);
        ChildConfiguration child = connection.Connection.Children[0];
        Assert.Equal(new TrafficSelector(IpPrefix.Parse("10.1.0.0/16").Range, 6, 443, 443), Assert.Single(child.LocalSelectors));
        Assert.Single(child.DynamicLocalSelectors);
        Assert.All(file.PresharedKeys, key => Assert.Equal("key"u8.ToArray(), key.Key.Span.ToArray()));
    }

    [Theory]
    [InlineData("connections {\n c {\n proposals = aes256-sha257-modp2048\n }\n}", 3, "sha257")]
    [InlineData("connections {\n c {\n rekey_time = soon\n children {\n }\n }\n}", 3, "soon")]
    [InlineData("connections {\n c {\n children {\n n {\n local_ts = 10.1.0.0/33\n }\n }\n }\n}", 5, "10.1.0.0/33")]
    [InlineData("connections {\n c {\n version = 3\n }\n}", 3, "0, 1 or 2")]
    [InlineData("secrets {\n ike {\n secret = 0xzz\n }\n}", 3, "hexadecimal")]
    [InlineData("connections {\n c {\n", 0, "not closed")]
    [InlineData("}\n", 0, "closes no section")]
    [InlineData("a = \"never ends\n", 0, "does not end")]
    [InlineData("connections {\n c : nowhere {\n }\n}", 0, "nowhere")]
    public void WhatIsWrongIsOneSentenceWithItsLine(string text, int line, string words)
    {
        Assert.Null(SwanctlFile.Load(text, "swanctl.conf", _ => [], out ImmutableArray<TopologyError> errors));

        TopologyError error = errors[0];
        Assert.Contains(words, error.ToString());
        Assert.EndsWith(".", error.Message);
        if (line > 0)
            Assert.Equal(line, error.Line);
    }

    [Fact]
    public void NoTextThrowsOrRunsForEver()
    {
        const string Good = "connections { c : d { local { auth = psk\n} children { n { local_ts = \"10.0.0.0/8\"\n} } } }\n secrets { ike { secret = x\n } }";
        for (int length = 0; length <= Good.Length; length++)
            SwanctlFile.Load(Good[..length], "swanctl.conf", _ => [Good], out _);
        for (int at = 0; at < Good.Length; at++)
        {
            foreach (char other in "{}=:#\"\\\n,x")
                SwanctlFile.Load(Good[..at] + other + Good[(at + 1)..], "swanctl.conf", _ => [], out _);
        }
        Assert.Null(SwanctlFile.Load(string.Concat(Enumerable.Repeat("a {\n", 100)), "swanctl.conf", _ => [], out _));
        Assert.Null(SwanctlFile.Load("include self\n", "swanctl.conf", _ => ["include self\n"], out _));
    }

    static SwanctlFile Load(string text, Func<string, IReadOnlyList<string>>? include = null)
    {
        SwanctlFile? file = SwanctlFile.Load(text, "swanctl.conf", include ?? (_ => []), out ImmutableArray<TopologyError> errors);
        Assert.True(file is not null, string.Join('\n', errors));
        return file;
    }
}
