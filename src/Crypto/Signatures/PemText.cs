using System.Security.Cryptography;
using System.Text;

namespace Ipsec.Crypto.Signatures;

/// <summary>The blocks of a PEM text (RFC 7468).</summary>
static class PemText
{
    /// <summary>The octets of the first block with this label; null if there is none.</summary>
    internal static byte[]? First(ReadOnlySpan<byte> text, string label) =>
        Blocks(text).FirstOrDefault(block => block.Label == label).Octets;

    /// <summary>Every well-formed block, in order.</summary>
    internal static List<(string Label, byte[] Octets)> Blocks(ReadOnlySpan<byte> text)
    {
        List<(string, byte[])> blocks = [];
        // PEM is ASCII; anything else is DER or an explanation around the blocks.
        char[] characters = new char[text.Length];
        Encoding.Latin1.GetChars(text, characters);
        try
        {
            ReadOnlySpan<char> rest = characters;
            while (PemEncoding.TryFind(rest, out PemFields fields))
            {
                byte[] octets = new byte[fields.DecodedDataLength];
                if (Convert.TryFromBase64Chars(rest[fields.Base64Data], octets, out int written) && written == octets.Length)
                    blocks.Add((rest[fields.Label].ToString(), octets));
                rest = rest[fields.Location.End..];
            }
            return blocks;
        }
        finally
        {
            // It may have been a private key.
            Array.Clear(characters);
        }
    }
}
