namespace Tuner.Cli.Tests;

public sealed class BreakEvenCommandTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("tuner-breakeven-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task BreakEven_OfAModel_WritesThreeMapsWithTheirNumbers()
    {
        (int code, string output, _) = await Run("breakeven", "--hardware", "h100", "--model", "llama-3.1-8b", "--tp", "1", "--out", folder);

        Assert.That(code, Is.Zero);
        Assert.That(output, Does.Contain("8-bit KV cache against 16-bit").And.Contain("times as quick"));
        foreach (string name in (string[])["kv-compression", "speculation", "tensor-parallel"])
        {
            string path = Path.Combine(folder, "breakeven-" + name);
            Assert.That(new FileInfo(path + ".png").Length, Is.GreaterThan(10_000));
            Assert.That(File.ReadAllText(path + ".svg"), Does.Contain("requests in flight"));
            Assert.That(File.ReadLines(path + ".csv").Count(), Is.GreaterThan(500));
        }
    }

    // vLLM's blog of 2026-04-22 finds 7,010 tokens at one request on H100 (Llama-3.1-8B); below it 8 bits cost, far above they pay.
    [Test]
    public async Task BreakEven_KvCompressionOfOneRequest_CostsShortContextsAndPaysLongOnes()
    {
        await Run("breakeven", "--hardware", "h100", "--model", "llama-3.1-8b", "--tp", "1", "--out", folder);

        (double Context, double Ratio)[] one = [.. File.ReadLines(Path.Combine(folder, "breakeven-kv-compression.csv")).Skip(1)
            .Select(line => line.Split(',')).Where(cells => cells[0] == "1").Select(cells => (Number(cells[1]), Number(cells[2])))];
        Assert.That(one.First(point => point.Context >= 1024).Ratio, Is.LessThan(1));
        Assert.That(one.Last().Ratio, Is.GreaterThan(1.1));
    }

    [TestCase("--wide-tp", "3", "--wide-tp is 3; expected an even number")]
    [TestCase("--tp", "0", "--tp is 0; expected a whole number of at least 1")]
    [TestCase("--precision", "fp7", "precision \"fp7\"")]
    public async Task BreakEven_OptionThatCannotBe_SaysSo(string option, string value, string expected)
    {
        (int code, _, string error) = await Run("breakeven", option, value, "--out", folder);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain(expected));
    }

    private static double Number(string cell) => double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<(int Code, string Output, string Error)> Run(params string[] words)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = await CommandLine.RunAsync(words, output, error, CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
