using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Sylvan.Data.Csv;
using Tuner.Policy.Telemetry;

namespace Tuner.Cli.Tests;

[NonParallelizable]
internal sealed class SimulateCommandTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("tuner-simulate-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task Simulate_RequestsCsv_HasARowARequestThatAgreesWithItself()
    {
        string csv = Path.Combine(folder, "requests.csv");
        (int code, string output, string error) = await Run([.. Small(300), "--requests-csv", csv]);

        Assert.That((code, error), Is.EqualTo((0, "")));
        Assert.That(output, Does.Contain("requests.csv: 300 requests").And.Contain("million engine steps/s"));
        Assert.That((await File.ReadAllLinesAsync(csv))[0], Is.EqualTo("index,class,prompt_tokens,output_tokens,arrival_s,queued_s,first_token_s,end_s,ttft_ms,tpot_ms,latency_ms,ending,met,quality_loss,replica,preemptions"));
        int rows = 0;
        using CsvDataReader reader = await CsvDataReader.CreateAsync(csv);
        while (await reader.ReadAsync())
        {
            double At(string column) => reader.GetDouble(reader.GetOrdinal(column));
            Assert.That(reader.GetInt32(0), Is.EqualTo(rows++));
            Assert.That(At("arrival_s") + At("queued_s"), Is.LessThanOrEqualTo(At("first_token_s") + 1e-6));
            Assert.That(At("ttft_ms"), Is.EqualTo(1000 * (At("first_token_s") - At("arrival_s"))).Within(2e-3));
            Assert.That(At("latency_ms"), Is.EqualTo(At("ttft_ms") + (At("tpot_ms") * (At("output_tokens") - 1))).Within(0.2));
            Assert.That((reader.GetString(reader.GetOrdinal("ending")), reader.GetString(reader.GetOrdinal("replica"))), Is.EqualTo(("completed", "single/0")));
        }

        Assert.That(rows, Is.EqualTo(300));
    }

    [Test]
    public async Task Simulate_RequestTooLongForTheScenario_LeavesItsTimesEmpty()
    {
        string csv = Path.Combine(folder, "requests.csv");
        await Run([.. Simulate(Write("a.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n0,100,10\n1,900000,10\n")), "--requests-csv", csv]);

        Assert.That((await File.ReadAllLinesAsync(csv))[2], Is.EqualTo("1,chat,900000,10,1,0,,1,,,,too-long,false,0,,0"));
    }

    [Test]
    public async Task Simulate_WindowsCsv_HasEveryFieldOfAWindow()
    {
        string csv = Path.Combine(folder, "windows.csv");
        await Run([.. Small(300), "--windows-csv", csv, "--schedule", Write("s.csv", "25,max-batch=16")]);

        string[] lines = await File.ReadAllLinesAsync(csv);
        string[] columns = lines[0].Split(',');
        IEnumerable<string> fields = typeof(WindowMetrics).GetProperties().Select(field => JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name));
        Assert.That(columns, Is.SupersetOf(fields).And.Unique);
        int batch = Array.IndexOf(columns, "max_batch");
        Assert.That(lines.Skip(1).Take(4).Select(line => line.Split(',')).Select(cells => (cells[0], cells[batch])), Is.EqualTo(new[] { ("0", "256"), ("10", "256"), ("20", "16"), ("30", "16") }));
    }

    [Test]
    public async Task Simulate_Plots_AskTheirQuestions()
    {
        string plots = Path.Combine(folder, "plots");
        (int code, _, string error) = await Run([.. Small(300), "--plots", plots, "--schedule", Write("s.jsonl", """{"seconds":30,"kv-compression":true}""")]);

        Assert.That((code, error), Is.EqualTo((0, "")));
        foreach ((string name, string question) in new[]
        {
            ("promises", "Did requests keep their promises over time?"), ("waiting", "Where did requests wait?"), ("kv-cache", "How full was the KV cache?"),
            ("gpu-time", "What did the GPUs do with their time?"), ("slow-requests", "Who was slow?"), ("latencies", "How were latencies distributed?"),
        })
        {
            Assert.That((await File.ReadAllBytesAsync(Path.Combine(plots, $"{name}.png")))[1..4], Is.EqualTo("PNG"u8.ToArray()));
            IEnumerable<string> words = XDocument.Load(Path.Combine(plots, $"{name}.svg")).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim());
            Assert.That(words, Does.Contain(question));
        }
    }

    [Test]
    public async Task Simulate_NothingServed_StillDraws()
    {
        string plots = Path.Combine(folder, "plots");
        (int code, _, string error) = await Run([.. Simulate(Write("a.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n0,900000,10\n1,900000,10\n")), "--plots", plots]);

        Assert.That((code, error), Is.EqualTo((0, "")));
        Assert.That(Directory.GetFiles(plots), Has.Length.EqualTo(12));
    }

    [Test]
    public async Task Simulate_Interrupted_LeavesAValidTraceAndExits130()
    {
        string events = Path.Combine(folder, "events.json");
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        (int code, _, string error) = await Run([.. Small(300), "--trace-out", events], cancel.Token);

        Assert.That((code, error.Trim()), Is.EqualTo((130, "tuner: interrupted.")));
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(events));
        Assert.That(document.RootElement.GetProperty("traceEvents").GetArrayLength(), Is.Positive);
    }

    [Test]
    public async Task Simulate_Schedule_TurnsKnobsAndCountsSwitches()
    {
        string json = Path.Combine(folder, "out.json");
        (int code, string output, _) = await Run([.. Small(300), "--schedule", Write("s.csv", "20,max-batch=16\n40,kv-compression=on\n"), "--json", json]);

        Assert.That(code, Is.Zero);
        Assert.That(output, Does.Contain("schedule"));
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(json));
        Assert.That(document.RootElement.GetProperty("switches").GetInt32(), Is.EqualTo(2));
    }

    [Test]
    public async Task Simulate_ScheduleBeyondTheTrace_SaysSo()
        => await AssertSentence([.. Small(300), "--schedule", Write("s.csv", "5000,max-batch=16")], "s.csv: ", "5000 s", "last arrival of a.csv");

    [Test]
    public async Task Simulate_ScheduleWithAWrongKnob_NamesTheLine()
        => await AssertSentence([.. Small(300), "--schedule", Write("s.csv", "10,max-batch=16\n20,max-batch=17")], "s.csv:2:", "max-batch=17", "expected one of");

    [Test]
    public async Task Simulate_FilesOfTwoTraces_AsksForOne()
        => await AssertSentence(["simulate", "--scenario", "llama8b-1xh100", "--traffic", "conversation", "code", "--plots", folder], "2 traces", "name one");

    private string[] Small(int requests)
    {
        var text = new StringBuilder("TIMESTAMP,ContextTokens,GeneratedTokens\n");
        for (int i = 0; i < requests; i++)
            text.Append(CultureInfo.InvariantCulture, $"{i * 0.2},{100 + (i * 37 % 900)},{10 + (i * 13 % 150)}\n");
        return Simulate(Write("a.csv", text.ToString()));
    }

    private static string[] Simulate(string traffic) => ["simulate", "--scenario", "llama8b-1xh100", "--traffic", traffic];

    private static async Task AssertSentence(string[] args, params string[] parts)
    {
        (int code, _, string error) = await Run(args);

        Assert.That(code, Is.EqualTo(2), error);
        Assert.That(error.TrimEnd().Split('\n'), Has.Length.EqualTo(1), error);
        foreach (string part in parts)
            Assert.That(error, Does.Contain(part));
    }

    private static async Task<(int Code, string Output, string Error)> Run(string[] args, CancellationToken cancellation = default)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int code = await CommandLine.RunAsync(args, output, errors, cancellation);
        return (code, output.ToString(), errors.ToString());
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
