using System.Collections.Immutable;
using Ipsec.Crypto.Signatures;
using Ipsec.Net;

namespace Ipsec.Ike.Outputs;

/// <summary>Names an operation for its whole life, inside one engine.</summary>
public readonly record struct OperationId(ulong Value);

/// <summary>
/// Something that may take long or leave the process (D1): do it anywhere and answer with <see cref="IkeEngine.HandleCompletion"/>, once.
/// Until then the engine goes on with everything else.
/// </summary>
/// <param name="Deadline">Monotonic time at which the engine gives up; an answer after that is ignored, as is one that nobody waits for any more.</param>
public sealed record OperationRequested(OperationId Id, OperationInput Input, TimeSpan Deadline) : IkeOutput;

/// <summary>What is to be done. A closed set.</summary>
public abstract record OperationInput;

/// <summary>Ask for the addresses of a peer that is configured by its name; answered by <see cref="NameResolved"/>.</summary>
public sealed record ResolveNameOperation(string Name) : OperationInput;

/// <summary>Sign these octets; answered by <see cref="Signed"/>. Some methods draw randomness, which is why it is no business of the engine.</summary>
/// <param name="Key">Borrowed from the configuration.</param>
public sealed record SignOperation(SigningKey Key, SignatureMethod Method, ReadOnlyMemory<byte> Octets) : OperationInput
{
    /// <summary>Does it, here and now.</summary>
    public OperationResult Execute()
    {
        try
        {
            return new Signed(Key.Sign(Method, Octets.Span));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Whatever libcrypto or a key holder says: the engine is told, and the peer is not.
            return new OperationFailed(exception.Message);
        }
    }
}

/// <summary>What came of an operation. A closed set.</summary>
public abstract record OperationResult;

/// <summary>The signature value, in the form that the method has.</summary>
public sealed record Signed(ReadOnlyMemory<byte> Signature) : OperationResult;

/// <summary>The addresses of a name, in the order in which they should be tried; empty where the name has none.</summary>
public sealed record NameResolved(ImmutableArray<IpAddress> Addresses) : OperationResult;

/// <summary>It could not be done.</summary>
/// <param name="Reason">One sentence for people. It never reaches the peer.</param>
public sealed record OperationFailed(string Reason) : OperationResult;
