using System.Globalization;
using System.Net;
using System.Text;
using Tuner.Env.Scenarios;
using Tuner.Policy.Files;

namespace Tuner.Cli.Reporting;

/// <summary>One self-contained page: what happened, and what the policy turned and when.</summary>
internal static class HtmlReport
{
    public static string Write(Evaluation found)
    {
        (Scenario scenario, PolicyManifest manifest, IReadOnlyList<EvaluationRow> rows, IReadOnlyDictionary<string, double> scales, ulong seed) = found;
        var page = new StringBuilder();
        page.Append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Tuner report</title><style>body{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:2em auto;padding:0 1em;color:#222}table{border-collapse:collapse;margin:1em 0}td,th{padding:.25em .7em;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}.tuner{font-weight:600;background:#eef6ff}svg{max-width:100%;height:auto}h2{margin-top:2em}</style>");
        page.Append(CultureInfo.InvariantCulture, $"<h1>Tuner: {Html(scenario.Name)}</h1><p>{Html(scenario.Model.Name)} on {scenario.Gpus} × {Html(scenario.Hardware.Name)}. Promise: first token within {scenario.Objective.TtftSeconds} s + {1000 * scenario.Objective.TtftSecondsPerPromptToken} ms per prompt token, {1000 * scenario.Objective.TpotSeconds} ms per output token. Quality budget {scenario.Quality.Budget} points. Policy trained on {Html(string.Join(", ", manifest.Traffic))} for {manifest.Steps:N0} windows, seed {manifest.Seed}. Every policy served the same arrivals.</p>");
        Sheet(page, found);
        foreach (IGrouping<string, EvaluationRow> group in rows.GroupBy(row => row.Traffic))
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>{Html(group.Key)} at {RateMultiple.Text(scales[group.Key])} × its rate</h2>");
            Table(page, [.. group]);
            foreach (string sentence in Verdict.Sentences([.. group], scenario, scales, seed).Skip(1))
                page.Append("<div>").Append(Html(sentence.Trim())).Append("</div>");
            Section(page, "Promises kept", ReportPlots.Attainment([.. group], scenario));
            Section(page, "Load", ReportPlots.Arrivals(group.First()));
            Section(page, "Queue", ReportPlots.Waiting([.. group]));
            if (group.FirstOrDefault(row => row.Policy == "tuner") is { } tuner)
                Section(page, "What the policy turned, and when", KnobTimeline.Draw(scenario, tuner));
            Section(page, "Time to first token", ReportPlots.TimeToFirstToken([.. group], scenario));
            Section(page, "Time per output token", ReportPlots.TimePerOutputToken([.. group], scenario));
        }

        if (found.History.Count > 1)
            Section(page, "Learning curve", ReportPlots.Learning(found.History));
        return page.Append("</html>\n").ToString();
    }

    private static void Section(StringBuilder page, string title, string picture) => page.Append("<h3>").Append(Html(title)).Append("</h3>").Append(picture);

    private static string Html(string text) => WebUtility.HtmlEncode(text);

    /// <summary>What is not about one trace comes first.</summary>
    private static void Sheet(StringBuilder page, Evaluation found)
    {
        if (found.Summary.Any(row => row.Interval is not null))
            Table(page, "Sustained load of tuner over that of others", SheetColumns.Summary, found.Summary.Select(SheetColumns.Of));
        if (SummaryRow.ShareOfOracle(found.Summary) is { } share)
            page.Append(CultureInfo.InvariantCulture, $"<p>tuner has {100 * share:0} % of what the oracle, which knows the day to come, gains over static-best.</p>");
        Table(page, "At the load static-best just carries, and at one that takes a lossy setting", SheetColumns.Equal, found.Equal.Select(SheetColumns.Of));
        Table(page, "What tuner turned", SheetColumns.Use, found.Rows.Where(row => row.Policy == "tuner").Select(SheetColumns.UseOf));
        Table(page, "tuner without one knob at a time: differences from tuner with all", SheetColumns.Difference, found.Ablation.Select(SheetColumns.Of));
        Table(page, "Disturbed: differences from static-best under the same disturbance", SheetColumns.Difference, found.Robustness.Select(SheetColumns.Of));
    }

    private static void Table(StringBuilder page, string title, IReadOnlyList<string> columns, IEnumerable<string[]> rows)
    {
        string[][] all = [.. rows];
        if (all.Length == 0)
            return;
        page.Append("<h2>").Append(Html(title)).Append("</h2><table><tr>");
        foreach (string column in columns)
            page.Append("<th>").Append(Html(column));
        page.Append("</tr>");
        foreach (string[] row in all)
        {
            page.Append("<tr>");
            foreach (string cell in row)
                page.Append("<td>").Append(Html(cell));
            page.Append("</tr>");
        }

        page.Append("</table>");
    }

    private static void Table(StringBuilder page, List<EvaluationRow> rows)
    {
        page.Append("<table><tr><th>policy<th>promises kept<th>95 %<th>goodput/s<th>TTFT p50/p90/p99 ms<th>TPOT p50/p90/p99 ms<th>quality loss<th>J/token<th>switches<th>sustained ×</tr>");
        foreach (EvaluationRow row in rows)
        {
            string mark = row.Policy == "tuner" ? " class=\"tuner\"" : "";
            string load = row.SustainedLoad is { } value ? RateMultiple.Text(value) : "–";
            page.Append(CultureInfo.InvariantCulture, $"<tr{mark}><td>{Html(row.Policy)}<td>{row.SloAttainment:0.000}<td>{row.AttainmentInterval.Low:0.000}–{row.AttainmentInterval.High:0.000}<td>{row.GoodputPerSecond:0.00}<td>{row.TtftMs[0]:0}/{row.TtftMs[1]:0}/{row.TtftMs[2]:0}<td>{row.TpotMs[0]:0.0}/{row.TpotMs[1]:0.0}/{row.TpotMs[2]:0.0}<td>{row.QualityLoss:0.00}<td>{row.JoulesPerToken:0.00}<td>{row.Switches}<td>{load}</tr>");
        }

        page.Append("</table>");
    }
}
