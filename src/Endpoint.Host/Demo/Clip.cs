namespace Ipsec.EndpointHost.Demo;

/// <summary>Shortens sentences for a ladder; whole ones stand in the summary and the report.</summary>
static class Clip
{
    const int Maximum = 150;

    /// <summary>A text that is too long ends behind its last whole clause.</summary>
    public static string ToClause(string text)
    {
        if (text.Length <= Maximum)
            return text;
        ReadOnlySpan<char> head = text.AsSpan(0, Maximum);
        int end = Math.Max(head.LastIndexOf(" ("), Math.Max(head.LastIndexOf(". "), head.LastIndexOf("; ")));
        return end > 0 ? $"{head[..end]} …" : $"{head} …";
    }
}
