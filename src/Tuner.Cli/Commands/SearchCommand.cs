using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Tuner.Env.Baselines;
using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner search</c>: the best fixed settings on given traffic.</summary>
internal static class SearchCommand
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create(IAnsiConsole console)
    {
        Option<string> scenario = Shared.Scenario();
        Option<string[]> traffic = Shared.Traffic();
        Option<double> scale = new("--rate-scale") { Description = "Multiple of the traces' rate.", DefaultValueFactory = _ => 1 };
        Option<int> top = new("--top") { Description = "Rows to print.", DefaultValueFactory = _ => 12 };
        Option<ulong> seed = Shared.Seed();
        Option<string?> json = Shared.Json();
        var command = new Command("search", "Find the best fixed settings, ranked, with the frontier of latency against energy.") { scenario, traffic, scale, top, seed, json };
        command.SetAction((parsed, cancellation) =>
        {
            Shared.RequireWritableFile(parsed.GetValue(json));
            EngineCostCache costs = Shared.Load(parsed.GetValue(scenario)!);
            double factor = SimulateCommand.RateScale(parsed.GetValue(scale));
            ulong runSeed = parsed.GetValue(seed);
            TrafficTrace[] traces = [.. Shared.LoadTraffic(parsed.GetValue(traffic)!, runSeed).Select(trace => trace.Scaled(factor, runSeed))];
            IReadOnlyList<RankedSettings> ranked = LiveProgress.Run("searching fixed settings", report => GridSearch.Run(costs, traces, report, cancellation));
            Print(console, costs.Scenario, ranked, parsed.GetValue(top));
            if (parsed.GetValue(json) is { } file)
            {
                Shared.WriteFile(file, JsonSerializer.Serialize(ranked.Select(row => new
                {
                    settings = KnobText.Write(costs.Scenario.Knobs, row.Settings),
                    row.Attainment,
                    row.QualityLoss,
                    row.MeanLatencySeconds,
                    row.JoulesPerToken,
                    row.WithinBudget,
                    frontier = OnFrontier(row, ranked),
                }), Indented));
            }

            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static void Print(IAnsiConsole console, Scenario scenario, IReadOnlyList<RankedSettings> ranked, int top)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("#", "attainment", "quality loss", "mean latency s", "J/token", "frontier", "settings");
        for (int i = 0; i < Math.Min(top, ranked.Count); i++)
        {
            RankedSettings row = ranked[i];
            table.AddRow(
                (i + 1).ToString(CultureInfo.InvariantCulture),
                row.Attainment.ToString("0.000", CultureInfo.InvariantCulture),
                row.QualityLoss.ToString("0.00", CultureInfo.InvariantCulture) + (row.WithinBudget ? "" : " over budget"),
                row.MeanLatencySeconds.ToString("0.00", CultureInfo.InvariantCulture),
                row.JoulesPerToken.ToString("0.00", CultureInfo.InvariantCulture),
                OnFrontier(row, ranked) ? "*" : "",
                Markup.Escape(KnobText.Write(scenario.Knobs, row.Settings)));
        }

        console.Write(table);
    }

    /// <summary>Whether nothing within the budget is better in attainment, latency and energy at once.</summary>
    private static bool OnFrontier(RankedSettings row, IReadOnlyList<RankedSettings> ranked)
        => row.WithinBudget && !ranked.Any(other => other.WithinBudget && other != row && other.Attainment >= row.Attainment
            && other.MeanLatencySeconds < row.MeanLatencySeconds && other.JoulesPerToken < row.JoulesPerToken);
}
