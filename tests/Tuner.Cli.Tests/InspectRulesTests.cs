namespace Tuner.Cli.Tests;

[NonParallelizable]
internal sealed class InspectRulesTests
{
    [TestCase("inspect nothing.tuner --rules", "nothing.tuner: no such policy file")]
    [TestCase("inspect llama70b-8xb200 --rules --traffic nowhere", "nowhere: neither a file nor a preset")]
    [TestCase("inspect llama70b-8xb200 --json rules.json", "--scenario, --traffic and --json belong to --rules")]
    public async Task InspectRules_BadInput_IsOneSentence(string line, string sentence)
    {
        var output = new StringWriter();
        var errors = new StringWriter();

        int code = await CommandLine.RunAsync(line.Split(' '), output, errors, CancellationToken.None);

        Assert.That(code, Is.EqualTo(ExitCode.BadInput));
        Assert.That(errors.ToString(), Does.Contain(sentence).And.Not.Contain("   at "));
        Assert.That(errors.ToString().Trim().Split('\n'), Has.Length.EqualTo(1));
    }
}
