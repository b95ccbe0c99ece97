using System.Text.Json;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests;

/// <summary>Files of vectors from outside the repository.</summary>
static class OutsideVectors
{
    public static List<JsonElement> Of(string file)
    {
        JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(OutsideData.PathOf("vectors/" + file)));
        return [.. document.RootElement.GetProperty("vectors").EnumerateArray()];
    }

    public static byte[] Octets(JsonElement vector, string name) => HexText.Parse(vector.GetProperty(name).GetString()!);
}
