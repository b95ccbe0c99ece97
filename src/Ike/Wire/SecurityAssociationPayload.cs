using System.Collections.Immutable;

namespace Ipsec.Ike.Wire;

/// <summary>Security Association payload, RFC 7296 §3.3: at least one proposal, their numbers rising.</summary>
public sealed record SecurityAssociationPayload(ImmutableArray<Proposal> Proposals) : Payload(PayloadType.SecurityAssociation)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Next Payload  |C|  RESERVED   |         Payload Length        |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                          <Proposals>                          ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

    /// <summary>Null if the body is malformed.</summary>
    internal static SecurityAssociationPayload? Parse(ReadOnlySpan<byte> body)
    {
        var reader = new OctetReader(body);
        ImmutableArray<Proposal>.Builder proposals = ImmutableArray.CreateBuilder<Proposal>();
        int transforms = 0;
        int previousNumber = 0;
        do
        {
            if (proposals.Count == WireLimits.Proposals || Proposal.Take(ref reader) is not Proposal proposal || proposal.Number <= previousNumber)
                return null;
            transforms += proposal.Transforms.Length;
            if (transforms > WireLimits.Transforms)
                return null;
            previousNumber = proposal.Number;
            proposals.Add(proposal);
        }
        while (reader.Remaining > 0);
        return new SecurityAssociationPayload(proposals.DrainToImmutable());
    }

    internal override void WriteBody(OctetWriter writer)
    {
        for (int i = 0; i < Proposals.Length; i++)
            Proposals[i].Write(writer, isLast: i == Proposals.Length - 1);
    }

    public bool Equals(SecurityAssociationPayload? other) => base.Equals(other) && Proposals.SequenceEqual(other!.Proposals);

    public override int GetHashCode() => Proposals.Length;
}
