using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Ipsec.EndpointHost.Demo;
using Ipsec.EndpointHost.DeviceConfig;
using Ipsec.EndpointHost.Explanation;
using Ipsec.EndpointHost.Lab;

namespace Ipsec.EndpointHost.CommandLine;

/// <summary>The whole command line: verbs, help with examples, one sentence on standard error and exit code 1 for whatever fails.</summary>
static class EndpointCommandLine
{
    /// <summary>Longer than any graceful stop takes; after it a second Ctrl-C is not needed, the process ends.</summary>
    static readonly TimeSpan TerminationTimeout = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            return await InvokeAsync(arguments, Console.Out, Console.Error);
        }
        catch (UserErrorException error)
        {
            foreach (string sentence in error.Sentences)
                await Console.Error.WriteLineAsync(sentence);
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 1;
        }
        catch (Exception fault)
        {
            // Not the user's to put right: everything that helps to find it.
            await Console.Error.WriteLineAsync($"A fault of ipsec-endpoint: {fault}");
            return 1;
        }
    }

    /// <exception cref="UserErrorException">Something the user can put right.</exception>
    internal static async Task<int> InvokeAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        ParseResult parsed = CreateRoot().Parse(LabExecCommand.Separate(arguments));
        if (parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction)
        {
            foreach (string sentence in parsed.Errors.Select(fault => fault.Message).Distinct())
                await error.WriteLineAsync(sentence);
            return 1;
        }
        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = TerminationTimeout,
        });
    }

    internal static RootCommand CreateRoot()
    {
        var root = new RootCommand("IPsec endpoint: behaves like an Azure VPN gateway or like an on-premises VPN device. "
            + "Without a verb it runs a site-to-site lab in this process and shows it.");
        root.SetAction((_, cancellation) => DemoRun.RunAsync(cancellation));
        root.Subcommands.Add(RunCommand.Create());
        root.Subcommands.Add(LabCommand.Create());
        root.Subcommands.Add(ExplainCommand.Create(TimeProvider.System));
        root.Subcommands.Add(DeviceConfigCommand.Create(TimeProvider.System));
        foreach (Command verb in ControlVerbs.Create())
            root.Subcommands.Add(verb);
        AddExamples(root);
        return root;
    }

    /// <summary>Puts each verb's examples below its help text.</summary>
    static void AddExamples(RootCommand root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parsed)
        {
            int code = inner.Invoke(parsed);
            string[] examples = parsed.CommandResult.Command is VerbCommand verb ? verb.Examples : ["ipsec-endpoint"];
            TextWriter output = parsed.InvocationConfiguration.Output;
            output.WriteLine(examples.Length == 1 ? "Example:" : "Examples:");
            foreach (string example in examples)
                output.WriteLine($"  {example}");
            return code;
        }
    }
}
