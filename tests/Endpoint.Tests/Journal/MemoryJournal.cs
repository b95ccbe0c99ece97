using Ipsec.Endpoint.Journal;

namespace Ipsec.Endpoint.Tests.Journal;

sealed class MemoryJournal : IEndpointJournal
{
    readonly MemoryStream _octets = new();

    public byte[] ToArray() => _octets.ToArray();

    public void Append(ReadOnlySpan<byte> record) => _octets.Write(record);
}
