using System.Reflection;
using Ipsec.Interop.Tests.Harness;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestFramework(typeof(ScenarioFramework))]

namespace Ipsec.Interop.Tests.Harness;

/// <summary>
/// Runs every scenario beside every other one, those of one class and of one theory too: each has namespaces of its own, and most of its time is waiting for
/// timers of two daemons. As many at once as the machine carries.
/// </summary>
sealed class ScenarioFramework : XunitTestFramework
{
    // A scenario keeps a processor busy for a fifth of its time.
    static readonly int Slots = Math.Max(4, 3 * Environment.ProcessorCount);

    protected override ITestFrameworkExecutor CreateExecutor(Assembly assembly) =>
        new Executor(new XunitTestAssembly(assembly, null, assembly.GetName().Version));

    sealed class Executor(IXunitTestAssembly assembly) : XunitTestFrameworkExecutor(assembly)
    {
        public override async ValueTask RunTestCases(IReadOnlyCollection<IXunitTestCase> testCases, IMessageSink executionMessageSink,
            ITestFrameworkExecutionOptions executionOptions, CancellationToken cancellationToken) =>
            await new AssemblyRunner().Run(TestAssembly, testCases, executionMessageSink, executionOptions, cancellationToken);
    }

    sealed class AssemblyRunner : XunitTestAssemblyRunner
    {
        protected override async ValueTask<RunSummary> RunTestCollections(XunitTestAssemblyRunnerContext ctxt, Exception? exception)
        {
            if (exception is not null)
                return await base.RunTestCollections(ctxt, exception);
            using SemaphoreSlim slots = new(Slots);
            CollectionRunner runner = new(new ClassRunner(new MethodRunner(slots)));
            return await AddUpAsync(OrderTestCollections(ctxt).Select(each => runner.Run(each.Collection, each.TestCases, ctxt.ExplicitOption, ctxt.MessageBus,
                DefaultTestCaseOrderer.Instance, ctxt.Aggregator.Clone(), ctxt.CancellationTokenSource, ctxt.AssemblyFixtureMappings)));
        }
    }

    sealed class CollectionRunner(ClassRunner runner) : XunitTestCollectionRunner
    {
        protected override ValueTask<RunSummary> RunTestClass(XunitTestCollectionRunnerContext ctxt, IXunitTestClass? testClass,
            IReadOnlyCollection<IXunitTestCase> testCases) =>
            runner.Run(testClass!, testCases, ctxt.ExplicitOption, ctxt.MessageBus, ctxt.TestCaseOrderer, ctxt.Aggregator.Clone(), ctxt.CancellationTokenSource,
                ctxt.CollectionFixtureMappings);
    }

    sealed class ClassRunner(MethodRunner runner) : XunitTestClassRunner
    {
        protected override async ValueTask<RunSummary> RunTestMethods(XunitTestClassRunnerContext ctxt, Exception? exception) => exception is not null
            ? await base.RunTestMethods(ctxt, exception)
            : await AddUpAsync(ctxt.TestCases.GroupBy(testCase => testCase.TestMethod).Select(group => RunTestMethod(ctxt, group.Key, [.. group], [])));

        protected override ValueTask<RunSummary> RunTestMethod(XunitTestClassRunnerContext ctxt, IXunitTestMethod? testMethod,
            IReadOnlyCollection<IXunitTestCase> testCases,
            object?[] constructorArguments) =>
            runner.Run(testMethod!, testCases, ctxt.ExplicitOption, ctxt.MessageBus, ctxt.Aggregator.Clone(), ctxt.CancellationTokenSource,
                constructorArguments);
    }

    sealed class MethodRunner(SemaphoreSlim slots) : XunitTestMethodRunner
    {
        protected override async ValueTask<RunSummary> RunTestCases(XunitTestMethodRunnerContext ctxt, Exception? exception) => exception is not null
            ? await base.RunTestCases(ctxt, exception)
            : await AddUpAsync(ctxt.TestCases.Select(testCase => RunTestCase(ctxt, testCase)));

        protected override async ValueTask<RunSummary> RunTestCase(XunitTestMethodRunnerContext ctxt, IXunitTestCase testCase)
        {
            await slots.WaitAsync(ctxt.CancellationTokenSource.Token);
            try
            {
                return await base.RunTestCase(ctxt, testCase);
            }
            finally
            {
                slots.Release();
            }
        }
    }

    static async ValueTask<RunSummary> AddUpAsync(IEnumerable<ValueTask<RunSummary>> runs)
    {
        RunSummary sum = default;
        foreach (RunSummary summary in await Task.WhenAll(runs.Select(run => run.AsTask())))
            sum.Aggregate(summary);
        return sum;
    }
}
