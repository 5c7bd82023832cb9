using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Tuner.Env.Costs;
using Tuner.Env.Evaluation;
using Tuner.Env.Evaluation.Sweeping;
using Tuner.Env.Scenarios;

namespace Tuner.Cli.Commands.Prediction.Sweeping;

/// <summary><c>tuner predict --sweep</c>: every configuration of a grid, the front of the good ones, and how far the short cut may be trusted.</summary>
internal static class SweepRun
{
    private const int Checked = 60;

    /// <summary>Closed loops of more steps than this are left out of the check, which would else take longer than the sweep is worth.</summary>
    private const long LargestChecked = 100_000;

    /// <summary>Runs a sweep and prints it.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="question">Names the hardware, engine, model and lengths.</param>
    /// <param name="file">The grid.</param>
    /// <param name="ttftLimitSeconds">Longest time to first token on the front.</param>
    /// <param name="csv">Where every point goes, or null.</param>
    public static void Run(IAnsiConsole console, Question question, GridFile file, double ttftLimitSeconds, string? csv)
    {
        HardwareProfile hardware = ProfileCatalog.Hardware(question.Hardware);
        EngineKernels kernels = Question.Kernels(hardware, question.Engine);
        ModelSpec model = ProfileCatalog.Model(question.Model);
        SweepGrid grid = file.For(kernels, question.PromptTokens, question.OutputTokens);
        var costs = new MeasuredCostModel(hardware, kernels.Name);
        var points = new List<SweepPoint>();
        var watch = Stopwatch.StartNew();
        int unfit = ConfigurationSweep.Run(hardware, costs, model, grid, kernels, points);
        double seconds = watch.Elapsed.TotalSeconds;
        if (points.Count == 0)
            throw new UserErrorException($"None of {unfit:N0} configurations of {model.Name} fits {hardware.Name}; allow more GPUs (\"maxGpus\" in the grid).");
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{points.Count:N0} configurations of {model.Name} on {hardware.Name} ({kernels.Name} {kernels.Version}) in {seconds:0.000} s, {1e6 * seconds / points.Count:0.0} µs each, engines prepared included; {unfit:N0} more do not fit the memory."));
        Front(console, ConfigurationSweep.ParetoFront(points, ttftLimitSeconds), ttftLimitSeconds);
        Check(console, costs, grid, kernels, points);
        if (csv is not null)
        {
            Shared.WriteFile(csv, string.Join('\n', points.Select(Row).Prepend("precision,tp,pp,kv_bits,draft_tokens,batch,input,output,gpus,ttft_ms,tpot_ms,output_tokens_per_s_gpu,joules_per_token")) + "\n");
            console.WriteLine($"all of them: {csv}");
        }
    }

    private static void Front(IAnsiConsole console, IReadOnlyList<SweepPoint> front, double limit)
    {
        var table = new Table().Border(TableBorder.Simple).Title(string.Create(CultureInfo.InvariantCulture, $"output tokens/s and GPU against TPOT: what nothing beats with a TTFT of at most {limit:0.###} s"));
        table.AddColumn("precision");
        foreach (string heading in (string[])["tp", "pp", "KV bits", "drafted", "in flight", "in", "out", "TTFT ms", "TPOT ms", "tok/s/GPU", "J/token"])
            table.AddColumn(new TableColumn(heading).RightAligned().NoWrap());
        foreach (SweepPoint point in front)
            table.AddRow([.. Cells(point).Where((_, column) => column != 8).Select(Markup.Escape)]);
        console.Write(table);
    }

    private static void Check(IAnsiConsole console, MeasuredCostModel costs, SweepGrid grid, EngineKernels kernels, List<SweepPoint> points)
    {
        SweepPoint[] small = [.. points.Where(point => (long)point.InFlight * point.OutputTokens <= LargestChecked)];
        var ttft = new List<double>();
        var tpot = new List<double>();
        for (int i = 0; i < Math.Min(Checked, small.Length); i++)
        {
            SweepPoint point = small[(int)((long)i * small.Length / Math.Min(Checked, small.Length))];
            ClosedLoopResult played = ClosedLoop.Run(costs.For(point.Engine), point.InFlight, point.PromptTokens, point.OutputTokens, ClosedLoopOptions.For(kernels, point.InFlight, point.PromptTokens) with { AcceptanceLength = grid.AcceptanceLength(point.Engine.DraftTokens) });
            ttft.Add(Math.Abs((point.Result.TtftSeconds / played.TtftSeconds) - 1));
            if (point.OutputTokens > 1)
                tpot.Add(Math.Abs((point.Result.TpotSeconds / played.TpotSeconds) - 1));
        }

        if (tpot.Count > 0)
        {
            console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"against the closed loop stepped in full, {ttft.Count} of them: TPOT off by {Quantile(tpot, 0.5):P1} (p90 {Quantile(tpot, 0.9):P1}), TTFT by {Quantile(ttft, 0.5):P0} (p90 {Quantile(ttft, 0.9):P0})."));
        }
    }

    private static double Quantile(List<double> values, double at) => values.Order().ElementAt((int)(at * (values.Count - 1)));

    private static string Row(SweepPoint point) => string.Join(',', Cells(point));

    private static string[] Cells(SweepPoint point) =>
    [
        PrecisionName.Of(point.Engine),
        Whole(point.Engine.TensorParallel),
        Whole(point.Engine.PipelineParallel),
        Whole(point.Engine.KvCompression ? 8 : 16),
        Whole(point.Engine.DraftTokens),
        Whole(point.InFlight),
        Whole(point.PromptTokens),
        Whole(point.OutputTokens),
        Whole(point.Engine.Gpus),
        (1000 * point.Result.TtftSeconds).ToString("0.0", CultureInfo.InvariantCulture),
        (1000 * point.Result.TpotSeconds).ToString("0.00", CultureInfo.InvariantCulture),
        point.OutputTokensPerSecondAndGpu.ToString("0.0", CultureInfo.InvariantCulture),
        point.Result.JoulesPerToken.ToString("0.000", CultureInfo.InvariantCulture),
    ];

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
