using System.Globalization;
using System.Net;
using System.Text;
using ScottPlot;
using Tuner.Agent.Training;
using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Policy.Files;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Reporting;

/// <summary>One self-contained page: what happened, and what the policy turned and when.</summary>
internal static class HtmlReport
{
    private const int Width = 980;

    public static string Write(Scenario scenario, PolicyManifest manifest, IReadOnlyList<EvaluationRow> rows, IReadOnlyDictionary<string, double> scales, IReadOnlyList<TrainingProgress> history, ulong seed)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Tuner report</title><style>body{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:2em auto;padding:0 1em;color:#222}table{border-collapse:collapse;margin:1em 0}td,th{padding:.25em .7em;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}.tuner{font-weight:600;background:#eef6ff}svg{max-width:100%;height:auto}h2{margin-top:2em}</style>");
        page.Append(CultureInfo.InvariantCulture, $"<h1>Tuner: {Html(scenario.Name)}</h1><p>{Html(scenario.Model.Name)} on {scenario.Gpus} × {Html(scenario.Hardware.Name)}. Promise: first token within {scenario.Objective.TtftSeconds} s + {1000 * scenario.Objective.TtftSecondsPerPromptToken} ms per prompt token, {1000 * scenario.Objective.TpotSeconds} ms per output token. Quality budget {scenario.Quality.Budget} points. Policy trained on {Html(string.Join(", ", manifest.Traffic))} for {manifest.Steps:N0} windows, seed {manifest.Seed}. Every policy served the same arrivals.</p>");
        foreach (IGrouping<string, EvaluationRow> group in rows.GroupBy(row => row.Traffic))
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>{Html(group.Key)} at {scales[group.Key]:0.00} × its rate</h2>");
            Table(page, [.. group]);
            foreach (string sentence in Verdict.Sentences([.. group], scenario, scales, seed).Skip(1))
                page.Append("<div>").Append(Html(sentence.Trim())).Append("</div>");
            Section(page, "Promises kept, with 95 % intervals", Attainment([.. group], scenario));
            Section(page, "Load and queue", Load([.. group]));
            if (group.FirstOrDefault(row => row.Policy == "tuner") is { } tuner)
                Section(page, "What the policy turned, and when", Timeline(scenario, tuner));
            Section(page, "Time to first token", Distribution([.. group], "log10 seconds", outcome => Math.Log10(Math.Max(1e-3, outcome.TtftSeconds)), scenario.Objective.TtftSeconds));
            Section(page, "Time per output token", Distribution([.. group], "log10 seconds", outcome => Math.Log10(Math.Max(1e-4, outcome.TpotSeconds)), scenario.Objective.TpotSeconds));
        }

        if (history.Count > 1)
            Section(page, "Learning curve", Learning(history));
        return page.Append("</html>\n").ToString();
    }

    private static void Section(StringBuilder page, string title, string picture) => page.Append("<h3>").Append(Html(title)).Append("</h3>").Append(picture);

    private static string Html(string text) => WebUtility.HtmlEncode(text);

    private static void Table(StringBuilder page, List<EvaluationRow> rows)
    {
        page.Append("<table><tr><th>policy<th>promises kept<th>95 %<th>goodput/s<th>TTFT p50/p90/p99 ms<th>TPOT p50/p90/p99 ms<th>quality loss<th>J/token<th>switches<th>sustained ×</tr>");
        foreach (EvaluationRow row in rows)
        {
            string mark = row.Policy == "tuner" ? " class=\"tuner\"" : "";
            string load = row.SustainedLoad is { } value ? value.ToString("0.00", CultureInfo.InvariantCulture) : "–";
            page.Append(CultureInfo.InvariantCulture, $"<tr{mark}><td>{Html(row.Policy)}<td>{row.SloAttainment:0.000}<td>{row.AttainmentInterval.Low:0.000}–{row.AttainmentInterval.High:0.000}<td>{row.GoodputPerSecond:0.00}<td>{row.TtftMs[0]:0}/{row.TtftMs[1]:0}/{row.TtftMs[2]:0}<td>{row.TpotMs[0]:0.0}/{row.TpotMs[1]:0.0}/{row.TpotMs[2]:0.0}<td>{row.QualityLoss:0.00}<td>{row.JoulesPerToken:0.00}<td>{row.Switches}<td>{load}</tr>");
        }

        page.Append("</table>");
    }

    private static string Attainment(List<EvaluationRow> rows, Scenario scenario)
    {
        using var plot = new Plot();
        Bar[] bars = [.. rows.Select((row, i) => new Bar
        {
            Position = i,
            Value = 100 * row.SloAttainment,
            Error = 50 * (row.AttainmentInterval.High - row.AttainmentInterval.Low),
            FillColor = row.Policy == "tuner" ? Colors.SteelBlue : Colors.LightGray,
        })];
        plot.Add.Bars(bars);
        plot.Axes.Bottom.SetTicks([.. rows.Select((_, i) => (double)i)], [.. rows.Select(row => row.Policy)]);
        plot.Add.HorizontalLine(100 * scenario.AttainmentTarget, 1, Colors.Red, LinePattern.Dashed);
        plot.Axes.SetLimitsY(0, 105);
        plot.YLabel("% of requests");
        return plot.GetSvgXml(Width, 300);
    }

    private static string Load(List<EvaluationRow> rows)
    {
        using var plot = new Plot();
        foreach (EvaluationRow row in rows)
        {
            ScottPlot.Plottables.Scatter line = plot.Add.Scatter(Minutes(row), row.Run.Windows.Select(window => (double)window.Waiting).ToArray());
            line.MarkerSize = 0;
            line.LegendText = $"waiting: {row.Policy}";
            line.LineWidth = row.Policy == "tuner" ? 3 : 1;
        }

        ScottPlot.Plottables.Scatter load = plot.Add.Scatter(Minutes(rows[0]), rows[0].Run.Windows.Select(window => window.Arrived / window.Seconds).ToArray());
        load.MarkerSize = 0;
        load.Color = Colors.Gray;
        load.LegendText = "arrivals / s (right)";
        load.Axes.YAxis = plot.Axes.Right;
        plot.Axes.Right.Label.Text = "requests / s";
        plot.XLabel("minutes");
        plot.YLabel("requests waiting");
        plot.ShowLegend(Alignment.UpperLeft);
        return plot.GetSvgXml(Width, 340);
    }

    private static string Timeline(Scenario scenario, EvaluationRow row)
    {
        using var plot = new Plot();
        (string Name, Func<KnobSettings, double> Value)[] lanes =
        [
            ("KV prefetch", settings => settings.KvPrefetch ? 1 : 0),
            ("draft", settings => settings.Speculation ? (double)settings.DraftLevel / Math.Max(1, scenario.Drafts.Count - 1) : 0),
            ("speculation", settings => settings.Speculation ? 1 : 0),
            ("KV compression", settings => settings.KvCompression ? 1 : 0),
            ("batch wait", settings => (double)settings.BatchWaitLevel / Math.Max(1, scenario.Knobs.BatchWaitLadder.Count - 1)),
            ("max batch", settings => (double)settings.MaxBatchLevel / Math.Max(1, scenario.Knobs.BatchLadder.Count - 1)),
            ("FP4", settings => settings.Precision == PrecisionMode.Fp8Fp4 ? 1 : 0),
            ("layout", settings => (int)settings.Parallelism / 3.0),
        ];
        double[] minutes = Minutes(row);
        for (int lane = 0; lane < lanes.Length; lane++)
        {
            double[] values = [.. row.Run.Settings.Select(settings => lane + (0.8 * lanes[lane].Value(settings)))];
            ScottPlot.Plottables.Scatter line = plot.Add.Scatter(minutes, values);
            line.MarkerSize = 0;
            line.ConnectStyle = ConnectStyle.StepHorizontal;
            line.LineWidth = 2;
        }

        plot.Axes.Left.SetTicks([.. lanes.Select((_, i) => i + 0.4)], [.. lanes.Select(lane => lane.Name)]);
        plot.Axes.SetLimitsY(-0.2, lanes.Length);
        plot.XLabel("minutes (layout: single, tensor, pipeline, hybrid from bottom to top)");
        return plot.GetSvgXml(Width, 420);
    }

    private static string Distribution(List<EvaluationRow> rows, string label, Func<RequestOutcome, double> value, double promise)
    {
        const int Points = 200;
        using var plot = new Plot();
        foreach (EvaluationRow row in rows)
        {
            double[] sorted = [.. row.Run.Outcomes.Where(outcome => outcome.Completed && outcome.OutputTokens > 1).Select(value).Order()];
            if (sorted.Length == 0)
                continue;
            double[] x = [.. Enumerable.Range(0, Points).Select(i => sorted[(int)((sorted.Length - 1L) * i / (Points - 1))])];
            ScottPlot.Plottables.Scatter line = plot.Add.Scatter(x, Enumerable.Range(0, Points).Select(i => i / (Points - 1.0)).ToArray());
            line.MarkerSize = 0;
            line.LegendText = row.Policy;
            line.LineWidth = row.Policy == "tuner" ? 3 : 1;
        }

        plot.Add.VerticalLine(Math.Log10(promise), 1, Colors.Red, LinePattern.Dashed);
        plot.XLabel(label + " (dashed: the promise to an empty prompt)");
        plot.YLabel("share of requests");
        plot.ShowLegend(Alignment.LowerRight);
        return plot.GetSvgXml(Width, 320);
    }

    private static string Learning(IReadOnlyList<TrainingProgress> history)
    {
        using var plot = new Plot();
        TrainingProgress[] known = [.. history.Where(row => row.MeanReturn is not null)];
        plot.Add.Scatter(known.Select(row => (double)row.Steps).ToArray(), known.Select(row => row.MeanReturn!.Value).ToArray()).MarkerSize = 0;
        plot.XLabel("decision windows");
        plot.YLabel("mean episode return");
        return plot.GetSvgXml(Width, 280);
    }

    private static double[] Minutes(EvaluationRow row)
    {
        double now = 0;
        return [.. row.Run.Windows.Select(window => (now += window.Seconds) / 60)];
    }
}
