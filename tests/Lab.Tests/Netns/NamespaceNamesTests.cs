using Ipsec.Lab.Netns;

namespace Ipsec.Lab.Tests.Netns;

public sealed class NamespaceNamesTests
{
    [Fact]
    public void AShortNameStaysReadable()
    {
        Assert.Equal("ipl-01-site-to-site-pc1", NamespaceNames.Namespace("01-site-to-site", "pc1"));
        Assert.Equal("hub-gw", NamespaceNames.Interface("hub-gw"));
    }

    [Fact]
    public void ALongNameIsBoundedAndKeepsItsDifference()
    {
        string left = new string('a', 200) + "1";
        string right = new string('a', 200) + "2";
        Assert.Matches("^ipl-a{19}-[0-9a-f]{4}-pc1$", NamespaceNames.Namespace(left, "pc1"));
        Assert.NotEqual(NamespaceNames.Namespace(left, "pc1"), NamespaceNames.Namespace(right, "pc1"));
        Assert.NotEqual(NamespaceNames.Interface(left), NamespaceNames.Interface(right));
        Assert.True(NamespaceNames.Interface(left).Length <= 15);
    }

    [Fact]
    public void ANameIsTheSameEachTime() =>
        Assert.Equal("ipl-my-lab-8f92-a-b", NamespaceNames.Namespace("my lab", "a-b"));

    [Theory]
    [InlineData("../etc")]
    [InlineData("a b;c")]
    [InlineData("é")]
    public void WhatAPathOrAShellWouldTakeOtherwiseIsReplaced(string name) =>
        Assert.Matches("^ipl-[A-Za-z0-9_-]+$", NamespaceNames.Namespace(name, name));
}
