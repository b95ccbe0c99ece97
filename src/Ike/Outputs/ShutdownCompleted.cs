namespace Ipsec.Ike.Outputs;

/// <summary>After <see cref="IkeEngine.Shutdown"/>: every IKE SA is deleted or its time is up. Nothing follows.</summary>
public sealed record ShutdownCompleted : IkeOutput;
