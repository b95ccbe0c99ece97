using Ipsec.EndpointHost.Lab;

namespace Ipsec.EndpointHost.Tests.Lab;

public sealed class LabExecCommandTests
{
    [Theory]
    [InlineData("lab exec pc1 ping -c 1 10.1.1.4", "lab exec pc1 -- ping -c 1 10.1.1.4")]
    [InlineData("lab exec --lab my-lab pc1 ip -j route", "lab exec --lab my-lab pc1 -- ip -j route")]
    [InlineData("lab exec pc1 sh -c --lab", "lab exec pc1 -- sh -c --lab")]
    [InlineData("lab exec pc1 -- ping -c 1", "lab exec pc1 -- ping -c 1")]
    [InlineData("lab exec --help", "lab exec --help")]
    [InlineData("lab run file.yaml --json", "lab run file.yaml --json")]
    public void WhatFollowsTheNodeIsTheProgramsOwn(string line, string separated) =>
        Assert.Equal(separated, string.Join(' ', LabExecCommand.Separate(line.Split(' '))));
}
