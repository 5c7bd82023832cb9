using System.Text.Json;

namespace Tuner.Cli.Tests;

[NonParallelizable]
internal sealed class ReplayCommandTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("tuner-replay-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task Replay_Folder_PrintsTableAndDrawsPictures()
    {
        string lines = string.Join('\n', Enumerable.Range(0, 20).Select(i => FormattableString.Invariant($$"""{"input_toks": {{100 + i}}, "output_toks": 20, "queued_ts": {{i * 0.2}}, "scheduled_ts": {{i * 0.2}}, "first_token_ts": {{(i * 0.2) + 0.03}}, "last_token_ts": {{(i * 0.2) + 0.3}}}""")));
        File.WriteAllText(Path.Combine(folder, "requests.jsonl"), lines);
        string json = Path.Combine(folder, "out.json");
        (int code, string output, string errors) = await Run("replay", folder, "--scenario", "llama8b-1xrtxpro6000", "--json", json, "--plots", Path.Combine(folder, "plots"));
        Assert.That(code, Is.Zero, errors);
        Assert.That(output, Does.Contain("TTFT mean").And.Contain("latency p99").And.Contain("running, once a second"));
        Assert.That(File.Exists(Path.Combine(folder, "plots", "queue.png")) && File.Exists(Path.Combine(folder, "plots", "latencies.svg")));
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(json));
        Assert.That(report.RootElement.GetProperty("latencies").GetArrayLength(), Is.EqualTo(15));
        Assert.That(report.RootElement.GetProperty("requests").GetInt32(), Is.EqualTo(20));
    }

    [Test]
    public async Task Replay_FolderWithNotesAndStatistics_TakesTheEngineAndComparesItsCache()
    {
        File.WriteAllLines(Path.Combine(folder, "requests.jsonl"), Enumerable.Range(0, 20).Select(i => FormattableString.Invariant($$"""{"input_toks": 1000, "output_toks": 200, "queued_ts": {{i * 0.1}}, "scheduled_ts": {{i * 0.1}}, "first_token_ts": {{(i * 0.1) + 0.06}}, "last_token_ts": {{(i * 0.1) + 3}}}""")));
        File.WriteAllText(Path.Combine(folder, "meta.json"), """{"engine_kwargs": {"model": "meta-llama/Llama-3.1-8B", "max_num_seqs": 8, "max_num_batched_tokens": 512, "dtype": "bfloat16"}}""");
        File.WriteAllLines(Path.Combine(folder, "timeseries.csv"), ["t,running,waiting,kv_cache_pct", "1.0,8,2,1.5", "2.0,8,11,1.7", "3.0,8,11,1.7", "4.0,8,3,1.6", "5.0,1,0,0.2"]);
        (int code, string output, string errors) = await Run("replay", folder, "--scenario", "llama8b-1xrtxpro6000", "--plots", Path.Combine(folder, "plots"));
        Assert.That(code, Is.Zero, errors);
        Assert.That(output, Does.Contain("8 sequences, 512 tokens a step").And.Contain("KV cache in use"));

        (_, output, _) = await Run("replay", folder, "--scenario", "llama8b-1xrtxpro6000", "--max-num-seqs", "4");
        Assert.That(output, Does.Contain("4 sequences, 512 tokens a step"), "an option stands above the notes");
    }

    [Test]
    public async Task Replay_SequencesBelowOne_IsRefused()
    {
        (int code, _, string errors) = await Run("replay", folder, "--scenario", "llama8b-1xrtxpro6000", "--max-num-seqs", "0");
        Assert.That(code, Is.EqualTo(2));
        Assert.That(errors, Does.Contain("--max-num-seqs is 0"));
    }

    [Test]
    public async Task Replay_Traffic_IsRefusedInOneSentence()
    {
        string trace = Path.Combine(folder, "trace.csv");
        File.WriteAllText(trace, "TIMESTAMP,ContextTokens,GeneratedTokens\n0,10,2\n");
        (int code, _, string errors) = await Run("replay", trace, "--scenario", "llama8b-1xrtxpro6000");
        Assert.That(code, Is.EqualTo(2));
        Assert.That(errors, Does.Contain("not a recorded run"));
    }

    [Test]
    public async Task Replay_EmptyFolder_SaysWhatItLooksFor()
    {
        (int code, _, string errors) = await Run("replay", folder, "--scenario", "llama8b-1xrtxpro6000");
        Assert.That(code, Is.EqualTo(2));
        Assert.That(errors, Does.Contain("requests.jsonl"));
    }

    private static async Task<(int Code, string Output, string Errors)> Run(params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int code = await CommandLine.RunAsync(args, output, errors, CancellationToken.None);
        return (code, output.ToString(), errors.ToString());
    }
}
