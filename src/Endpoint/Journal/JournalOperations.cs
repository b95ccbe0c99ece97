using System.Collections.Immutable;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Endpoint.Journal;

/// <summary>Operations as they were asked for, and their results: a replay is given the result, and does nothing itself.</summary>
static class JournalOperations
{
    // More than any name has, and less than a damaged file can claim.
    const int MaximumAddresses = 1024;

    public static JournalBuffer Write(JournalBuffer body, OperationRequested operation)
    {
        body.Number(operation.Id.Value).Number((ulong)operation.Deadline.Ticks);
        return operation.Input switch
        {
            SignOperation sign => body.Octet((byte)JournalOperation.Sign).Text(sign.Method.ToString()).Octets(sign.Octets.Span),
            ResolveNameOperation resolve => body.Octet((byte)JournalOperation.ResolveName).Text(resolve.Name),
            _ => throw new InvalidOperationException($"The journal has no form for the operation {operation.Input.GetType().Name}."),
        };
    }

    public static JournalBuffer Write(JournalBuffer body, OperationResult result)
    {
        switch (result)
        {
            case OperationFailed failed:
                return body.Octet((byte)JournalOperation.Failed).Text(failed.Reason);
            case Signed signed:
                return body.Octet((byte)JournalOperation.Sign).Octets(signed.Signature.Span);
            case NameResolved resolved:
                body.Octet((byte)JournalOperation.ResolveName).Number((ulong)resolved.Addresses.Length);
                foreach (IpAddress address in resolved.Addresses)
                    body.Address(address);
                return body;
            default:
                throw new InvalidOperationException($"The journal has no form for the result {result.GetType().Name}.");
        }
    }

    /// <summary>Null where the record cannot be read.</summary>
    public static OperationResult? Read(ref JournalReader reader)
    {
        switch ((JournalOperation)reader.Octet())
        {
            case JournalOperation.Failed:
                return reader.Text() is string reason && reader.IsValid ? new OperationFailed(reason) : null;
            case JournalOperation.Sign:
                byte[] signature = reader.Octets().ToArray();
                return reader.IsValid ? new Signed(signature) : null;
            case JournalOperation.ResolveName:
                ulong count = reader.Number();
                if (count > MaximumAddresses)
                    return null;
                ImmutableArray<IpAddress>.Builder addresses = ImmutableArray.CreateBuilder<IpAddress>((int)count);
                for (ulong i = 0; i < count; i++)
                    addresses.Add(reader.Address());
                return reader.IsValid ? new NameResolved(addresses.DrainToImmutable()) : null;
            default:
                return null;
        }
    }
}
