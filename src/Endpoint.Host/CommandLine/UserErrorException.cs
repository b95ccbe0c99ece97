namespace Ipsec.EndpointHost.CommandLine;

/// <summary>
/// Something the user can put right: a bad file, a port in use, a missing permission. The command line prints each sentence
/// on standard error, without a stack trace, and ends with exit code 1.
/// </summary>
sealed class UserErrorException : Exception
{
    public UserErrorException(string sentence) : base(sentence) => Sentences = [sentence];

    public UserErrorException(IEnumerable<string> sentences) : this([.. sentences]) { }

    UserErrorException(string[] sentences) : base(string.Join(Environment.NewLine, sentences)) => Sentences = sentences;

    /// <summary>One finished sentence per fault.</summary>
    public IReadOnlyList<string> Sentences { get; }
}
