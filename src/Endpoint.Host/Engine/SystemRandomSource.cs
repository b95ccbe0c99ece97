using System.Security.Cryptography;
using Ipsec.Crypto;

namespace Ipsec.EndpointHost.Engine;

/// <summary>The operating system's random generator. <c>run</c> has no other one: a seed exists on the in-memory fabric only.</summary>
sealed class SystemRandomSource : IRandomSource
{
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
