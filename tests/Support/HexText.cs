namespace Ipsec.Tests.Support;

/// <summary>Hexadecimal text as vectors are printed: white space and colons between the digits are ignored.</summary>
public static class HexText
{
    public static byte[] Parse(string text) =>
        Convert.FromHexString(string.Concat(text.Where(character => !char.IsWhiteSpace(character) && character != ':')));
}
