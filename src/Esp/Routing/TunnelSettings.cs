namespace Ipsec.Esp;

/// <summary>How packets of one tunnel are treated; part of the route snapshot because it changes with a reload.</summary>
/// <param name="Tunnel">Number of the tunnel.</param>
/// <param name="MssClamp">Largest TCP maximum segment size in octets that a SYN may name, both directions; null leaves them alone.</param>
public sealed record TunnelSettings(int Tunnel, int? MssClamp);
