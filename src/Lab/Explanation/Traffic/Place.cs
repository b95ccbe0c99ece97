namespace Ipsec.Lab.Explanation.Traffic;

/// <summary>Where hosts are: the network of a site, or a virtual network.</summary>
readonly record struct Place(bool IsSite, string Name)
{
    public static Place Site(string name) => new(true, name);

    public static Place Network(string name) => new(false, name);

    public override string ToString() => Name;
}
