using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Tuner.Cli.Commands.Prediction;
using Tuner.Cli.Commands.Prediction.Sweeping;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner predict</c>: what a closed-loop benchmark would measure, where the time goes and what the answer rests on.</summary>
internal static class PredictCommand
{
    private static readonly JsonSerializerOptions Layout = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create(IAnsiConsole console, TextWriter output)
    {
        Option<string> hardware = new("--hardware") { Description = "A hardware profile, by file or shipped name.", DefaultValueFactory = _ => "h200" };
        Option<string?> engine = new("--engine") { Description = "Which engine: vllm, trtllm or sglang; by default the profile's first." };
        Option<string> model = new("--model") { Description = "A model: a Hugging Face config.json or a shipped name.", DefaultValueFactory = _ => "llama-3.1-70b" };
        Option<int> tensor = Count("--tp", "Tensor-parallel degree.", 1);
        Option<int> pipeline = Count("--pp", "Pipeline stages.", 1);
        Option<int> expert = Count("--ep", "Parts a mixture's experts are spread over; 1 splits every expert over all GPUs.", 1);
        Option<int> data = Count("--dp", "Groups of tp GPUs that share the requests for attention and meet at the experts.", 1);
        Option<string> precision = new("--precision") { Description = "bf16, fp8, fp8-block, int8 or fp8-fp4.", DefaultValueFactory = _ => "fp8" };
        Option<int> batch = Count("--batch", "Requests in flight.", 16);
        Option<int> input = Count("--input", "Prompt tokens of each.", 1024);
        Option<int> length = Count("--output", "Output tokens of each.", 256);
        Option<string?> csv = new("--csv") { Description = "Predict every row of this file instead, and write the rows to standard output with ttft_ms, tpot_ms and provenance. With --sweep: write every configuration to this file." };
        Option<bool> sweep = new("--sweep") { Description = "Evaluate every configuration of a grid instead, and show the front of throughput against TPOT." };
        Option<string?> grid = new("--grid") { Description = "With --sweep: a JSON file with lists precisions, tp, pp, kvBits, draftTokens, batch, input, output, and draft, acceptance, maxGpus." };
        Option<double> limit = new("--ttft-limit") { Description = "With --sweep: longest time to first token on the front, seconds.", DefaultValueFactory = _ => 2 };
        Option<int?> budget = new("--token-budget") { Description = "Most tokens of a step; by default room for a prompt and the requests in flight, and 1500 more where prompts are chunked." };
        Option<string?> json = Shared.Json();
        var command = new Command("predict", "Predict time to first token and time per output token of a closed loop.") { hardware, engine, model, tensor, pipeline, expert, data, precision, batch, input, length, budget, csv, sweep, grid, limit, json };
        command.SetAction((parsed, cancellation) =>
        {
            Shared.RequireWritableFile(parsed.GetValue(json));
            if (parsed.GetValue(csv) is { } table && !parsed.GetValue(sweep))
            {
                QuestionTable.Run(table, output, cancellation);
                return Task.FromResult(ExitCode.Ok);
            }

            var question = new Question(
                parsed.GetValue(hardware)!, parsed.GetValue(engine), parsed.GetValue(model)!, parsed.GetValue(precision)!,
                parsed.GetValue(tensor), parsed.GetValue(pipeline), parsed.GetValue(batch), parsed.GetValue(input), parsed.GetValue(length), parsed.GetValue(budget))
            {
                ExpertParallel = parsed.GetValue(expert),
                DataParallel = parsed.GetValue(data),
            };
            if (parsed.GetValue(sweep))
            {
                Shared.RequireWritableFile(parsed.GetValue(csv));
                SweepRun.Run(console, question, parsed.GetValue(grid) is { } lists ? GridFile.Read(lists) : new GridFile(), parsed.GetValue(limit), parsed.GetValue(csv));
                return Task.FromResult(ExitCode.Ok);
            }

            Answer answer;
            try
            {
                answer = question.Ask();
            }
            catch (ScenarioFormatException wrong)
            {
                throw new UserErrorException(wrong.Message);
            }

            Print(console, answer);
            if (parsed.GetValue(json) is { } file)
                Shared.WriteFile(file, JsonSerializer.Serialize(new { question, ttftMs = 1000 * answer.Loop.TtftSeconds, tpotMs = 1000 * answer.Loop.TpotSeconds, answer.FirstTokenBand, answer.TokenTimeBand, answer.Loop.OutputTokensPerSecond, answer.Loop.JoulesPerToken, answer.Provenance, answer.Decode, answer.Prefill, answer.DecodePower, answer.PrefillPower, answer.Power, answer.Warning }, Layout) + "\n");
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static Option<int> Count(string name, string description, int fallback) => new(name) { Description = description, DefaultValueFactory = _ => fallback };

    private static void Print(IAnsiConsole console, Answer answer)
    {
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"TTFT {1000 * answer.Loop.TtftSeconds:0.0} ms, TPOT {1000 * answer.Loop.TpotSeconds:0.00} ms, {answer.Loop.OutputTokensPerSecond:0} output tokens/s, {answer.Loop.JoulesPerToken:0.00} J a token"));
        console.WriteLine($"80 % of served benchmarks: TTFT {Range(answer.Loop.TtftSeconds, answer.FirstTokenBand, "0.0")}, TPOT {Range(answer.Loop.TpotSeconds, answer.TokenTimeBand, "0.00")}.");
        if (answer.Warning is { } warning)
            console.WriteLine($"beware: {warning}.");
        Breakdown(console, "a decode step, half-way through the output", answer.Decode);
        Breakdown(console, "the prefill of one prompt's (first) chunk", answer.Prefill);
        Draw(console, "decode step", answer.DecodePower, answer.Power);
        Draw(console, "prefill", answer.PrefillPower, answer.Power);
        console.WriteLine($"rests on: {answer.Provenance}. Bands of parts hold 80 % of single calls.");
    }

    private static void Draw(IAnsiConsole console, string what, StepPower power, PowerTerm term) =>
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: {power.Watts:0} W a GPU of {term.LimitWatts:0}; idle {term.IdleWatts:0}, memory {power.MemoryShare * term.MemoryWatts:0} ({power.MemoryShare:P0} of its bandwidth), arithmetic {power.ArithmeticShare * term.ArithmeticWatts:0} ({power.ArithmeticShare:P0} busy); {Answer.Name(term.Provenance)}"));

    private static string Range(double seconds, double band, string format) =>
        string.Create(CultureInfo.InvariantCulture, $"{(1000 * seconds * Math.Exp(-band)).ToString(format, CultureInfo.InvariantCulture)} to {(1000 * seconds * Math.Exp(band)).ToString(format, CultureInfo.InvariantCulture)} ms");

    private static void Breakdown(IAnsiConsole console, string title, IReadOnlyList<CostTerm> terms)
    {
        double total = terms.Sum(term => term.Seconds);
        var table = new Table().Border(TableBorder.Simple).Title(string.Create(CultureInfo.InvariantCulture, $"{title}: {1000 * total:0.00} ms ± {Answer.Band(terms):P0}"));
        table.AddColumn("where");
        foreach (string heading in (string[])["ms", "share", "80 % band"])
            table.AddColumn(new TableColumn(heading).RightAligned());
        table.AddColumn("rests on").AddColumn("outside what was measured");
        foreach (CostTerm term in terms.OrderByDescending(term => term.Seconds))
        {
            table.AddRow(
                Markup.Escape(term.Name),
                (1000 * term.Seconds).ToString("0.000", CultureInfo.InvariantCulture),
                (term.Seconds / total).ToString("P0", CultureInfo.InvariantCulture),
                "± " + term.Spread.ToString("P0", CultureInfo.InvariantCulture),
                Answer.Name(term.Provenance),
                term.OctavesOutside > 0 ? string.Create(CultureInfo.InvariantCulture, $"{term.OctavesOutside:0.0} factors of two") : "");
        }

        console.Write(table);
    }
}
