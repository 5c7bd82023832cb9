using System.Globalization;

namespace Tuner.Cli.Tests;

public sealed class PredictCommandTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("tuner-predict-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task Predict_OnePoint_ShowsTimesBreakdownAndWhatItRestsOn()
    {
        (int code, string output, _) = await Run("predict", "--hardware", "h100", "--model", "meta-llama/Llama-3.1-8B-Instruct", "--precision", "bf16", "--engine", "trtllm", "--batch", "8", "--input", "1024", "--output", "128");

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.Zero);
            Assert.That(output, Does.Contain("TTFT ").And.Contain("gate and up").And.Contain("decode attention").And.Contain("published 0."));
        });
    }

    // Measured on one H100, TensorRT-LLM 1.0.0rc3, Llama-3.1-8B in bf16: silicon_sample.csv of ai-dynamo/aiconfigurator 095f58a.
    [TestCase(8, 4096, 512, 9.65)]
    [TestCase(32, 2048, 256, 14.94)]
    [TestCase(64, 4096, 256, 41.50)]
    public async Task Predict_Csv_AppendsTimesCloseToMeasuredOnes(int batch, int input, int outputTokens, double measured)
    {
        string path = Path.Combine(folder, "points.csv");
        File.WriteAllText(path, $"note,hardware,engine,model,precision,tp,pp,batch,input,output\n\"a, b\",h100_sxm,trtllm,llama-3.1-8b,bf16,1,1,{batch},{input},{outputTokens}\n");

        (int code, string output, _) = await Run("predict", "--csv", path);

        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(code, Is.Zero);
        Assert.That(lines[0].TrimEnd(), Does.EndWith("output,ttft_ms,tpot_ms,provenance"));
        Assert.That(lines[1], Does.StartWith("\"a, b\",h100_sxm,"));
        string predicted = lines[1].Split("\"published")[0].TrimEnd(',').Split(',')[^1];
        Assert.That(double.Parse(predicted, CultureInfo.InvariantCulture), Is.EqualTo(measured).Within(8).Percent);
    }

    [TestCase("h900,,llama-3.1-8b,fp8,1,1,8,100,10", "points.csv:2: hardware \"h900\": neither a file nor shipped")]
    [TestCase("h100,,llama-9,fp8,1,1,8,100,10", "points.csv:2: model \"llama-9\"")]
    [TestCase("h100,tgi,llama-3.1-8b,fp8,1,1,8,100,10", "points.csv:2: engine \"tgi\": h100 has vllm, trtllm, sglang")]
    [TestCase("h100,,llama-3.1-8b,fp7,1,1,8,100,10", "points.csv:2: precision \"fp7\"")]
    [TestCase("h100,,llama-3.1-8b,fp8,1,1,many,100,10", "points.csv:2: batch is \"many\"")]
    [TestCase("a100,,llama-3.1-8b,fp8,1,1,8,100,10", "points.csv:2: precision \"fp8\": vllm on a100 has no such products")]
    public async Task Predict_RowThatCannotBe_SaysWhere(string row, string expected)
    {
        string path = Path.Combine(folder, "points.csv");
        File.WriteAllText(path, $"hardware,engine,model,precision,tp,pp,batch,input,output\n{row}\n");

        (int code, _, string error) = await Run("predict", "--csv", path);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain(expected));
    }

    // Measured on B200, vLLM 0.19, MiniMax-M2.5: silicon_sample.csv of ai-dynamo/aiconfigurator 095f58a. Nothing was fitted to them.
    [TestCase("nvfp4,1,1,1,16,1024,1024", 11.4)]
    [TestCase("fp8,2,1,1,64,1024,1024", 22.3)]
    [TestCase("fp8,2,2,1,64,1024,1024", 22.4)]
    [TestCase("fp8,1,4,4,64,1024,1024", 16.2)]
    public async Task Predict_AMixtureOverSeveralGpus_IsCloseToMeasured(string point, double measured)
    {
        string path = Path.Combine(folder, "points.csv");
        File.WriteAllText(path, $"hardware,model,pp,precision,tp,ep,dp,batch,input,output\nb200,MiniMaxAI/MiniMax-M2.5,1,{point}\n");

        (int code, string output, _) = await Run("predict", "--csv", path);

        Assert.That(code, Is.Zero);
        string predicted = output.Split('\n')[1].Split("\"published")[0].TrimEnd(',').Split(',')[^1];
        Assert.That(double.Parse(predicted, CultureInfo.InvariantCulture), Is.EqualTo(measured).Within(20).Percent);
    }

    [TestCase("h100,llama-3.1-8b,1,fp8,2,2,1,8,100,10", "points.csv:2: llama-3.1-8b has no experts; ep and dp are for mixtures of experts, expected 1.")]
    [TestCase("h100,mixtral-8x7b,1,fp8,2,3,1,8,100,10", "points.csv:2: ep is 3; expected a divisor of tp times dp (2)")]
    [TestCase("h100,mixtral-8x7b,1,fp8,16,16,1,8,100,10", "points.csv:2: ep is 16; expected a divisor of tp times dp (16) that is at most the number of experts.")]
    public async Task Predict_ExpertsThatCannotBeSpreadSo_SaysWhy(string row, string expected)
    {
        string path = Path.Combine(folder, "points.csv");
        File.WriteAllText(path, $"hardware,model,pp,precision,tp,ep,dp,batch,input,output\n{row}\n");

        (int code, _, string error) = await Run("predict", "--csv", path);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain(expected));
    }

    [Test]
    public async Task Predict_CsvWithoutAColumn_NamesIt()
    {
        string path = Path.Combine(folder, "points.csv");
        File.WriteAllText(path, "hardware,model\nh100,llama-3.1-8b\n");

        (int code, _, string error) = await Run("predict", "--csv", path);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain("no column precision, tp, pp, batch, input, output"));
    }

    [Test]
    public async Task Predict_Sweep_ShowsTheFrontAndWritesEveryConfiguration()
    {
        string grid = Path.Combine(folder, "grid.json");
        string csv = Path.Combine(folder, "all.csv");
        File.WriteAllText(grid, """{ "precisions": ["fp8"], "tp": [1, 2], "pp": [1], "kvBits": [8], "draftTokens": [0, 2], "batch": [1, 8, 64], "input": [512, 1024] }""");

        (int code, string output, string error) = await Run("predict", "--sweep", "--grid", grid, "--hardware", "h200", "--model", "llama-3.1-70b", "--csv", csv);

        Assert.That(code, Is.Zero, error);
        Assert.That(output, Does.Contain("24 configurations of llama-3.1-70b on h200").And.Contain("tok/s/GPU").And.Contain("against the closed loop"));
        Assert.That(File.ReadAllLines(csv), Has.Length.EqualTo(25));
    }

    [TestCase("""{ "tp": [0] }""", "tp: 0 found; expected whole numbers from 1")]
    [TestCase("""{ "tpp": [1] }""", "grid.json:1: ")]
    [TestCase("""{ "kvBits": [4] }""", "kvBits: 4 found; expected 8 and 16")]
    [TestCase("""{ "precisions": ["fp7"] }""", "precision \"fp7\"")]
    [TestCase("""{ "batch": [] }""", "batch: an empty list")]
    public async Task Predict_SweepOverAGridThatCannotBe_SaysWhatIsWrong(string json, string expected)
    {
        string grid = Path.Combine(folder, "grid.json");
        File.WriteAllText(grid, json);

        (int code, _, string error) = await Run("predict", "--sweep", "--grid", grid);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain(expected));
    }

    private static async Task<(int Code, string Output, string Error)> Run(params string[] words)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = await CommandLine.RunAsync(words, output, error, CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
