using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Tuner.Env.Baselines;
using Tuner.Env.Evaluation;
using Tuner.Env.Evaluation.Distilling;
using Tuner.Env.Scenarios;

namespace Tuner.Cli.Reporting;

/// <summary>A distilled policy as a person reads it, and as JSON.</summary>
internal static class RulesTable
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Write(IAnsiConsole console, Scenario scenario, DistilledTable found)
    {
        Table table = new Table().Border(TableBorder.Simple).Title("the policy as a table").AddColumns("when", "settings", "windows", "agrees");
        foreach (DistilledRow row in found.Rows)
            table.AddRow(Markup.Escape(Conditions(row)), Markup.Escape(KnobText.Write(scenario.Knobs, row.Settings)), Percent(row.Windows), Percent(row.Agreement));
        console.Write(table);
        console.WriteLine(FormattableString.Invariant($"On {found.Windows:N0} held-out windows the table says what the policy did in {100 * found.Fidelity:0.0} %; one fixed setting in {100 * found.Constant:0.0} %. On the windows it was grown on: {100 * found.FitFidelity:0.0} %."));
        console.WriteLine(FormattableString.Invariant($"Driving the cluster, the table keeps {100 * found.TableKept:0.0} % of promises, the policy {100 * found.PolicyKept:0.0} %: {Points(found.Difference)}. Quality loss {found.TableQualityLoss:0.00} and {found.PolicyQualityLoss:0.00} points."));

        Table talk = new Table().Border(TableBorder.Simple).Title("beside the five-row table").AddColumns("row", "held", "policy agreed", "advice − policy where it held", "over all requests");
        foreach (TalkFinding finding in found.Talk)
            talk.AddRow(Markup.Escape(Text(finding.Row)), Percent(finding.Held), Percent(finding.Agreed), Markup.Escape(Points(finding.Worth)), Markup.Escape(Points(finding.WorthOverall)));
        console.Write(talk);
        foreach (TalkFinding finding in found.Talk)
        {
            if (finding.WorthOverall is not { } worth || finding.Worth is not { } local)
                continue;
            string word = worth.High < 0 ? "wrong here" : worth.Low > 0 ? "better than the policy here" : "level with the policy here";
            console.WriteLine($"\"{Text(finding.Row)}\" is {word}: {Points(worth)} over all requests, {Points(local)} where it held.");
        }
    }

    public static string Json(Scenario scenario, DistilledTable found) => JsonSerializer.Serialize(
        new
        {
            scenario = scenario.Name,
            windows = found.Windows,
            fidelity = found.Fidelity,
            constantFidelity = found.Constant,
            fitFidelity = found.FitFidelity,
            policyKept = found.PolicyKept,
            tableKept = found.TableKept,
            difference = Shape(found.Difference),
            policyQualityLoss = found.PolicyQualityLoss,
            tableQualityLoss = found.TableQualityLoss,
            rows = found.Rows.Select(row => new
            {
                conditions = row.Conditions.Select(each => new { field = each.Field.Name, above = Finite(each.Above), upTo = Finite(each.UpTo) }),
                settings = KnobText.Pairs(scenario.Knobs, row.Settings),
                windows = row.Windows,
                agreement = Finite(row.Agreement),
            }),
            talk = found.Talk.Select(each => new { row = each.Row.ToString(), held = each.Held, agreed = Finite(each.Agreed), worth = Shape(each.Worth), worthOverall = Shape(each.WorthOverall) }),
        },
        Indented);

    private static string Text(TalkRow row) => row switch
    {
        TalkRow.ManyShort => "many short: replicas",
        TalkRow.FewLong => "few long: pipeline",
        TalkRow.Mixed => "mixed: hybrid",
        TalkRow.LargerThanGpu => "larger than a GPU: tensor with pipeline",
        _ => "mixture of experts: expert parallel (no knob)",
    };

    private static string Conditions(DistilledRow row) => row.Conditions.Count == 0 ? "always" : string.Join(" and ", row.Conditions.Select(Condition));

    private static string Condition(RowCondition each) => (double.IsFinite(each.Above), double.IsFinite(each.UpTo)) switch
    {
        (true, true) => $"{Number(each.Above)} < {each.Field.Name} ≤ {Number(each.UpTo)}",
        (true, false) => $"{each.Field.Name} > {Number(each.Above)}",
        _ => $"{each.Field.Name} ≤ {Number(each.UpTo)}",
    };

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 100 ? "N0" : "0.###", CultureInfo.InvariantCulture);

    private static string Percent(double share) => double.IsNaN(share) ? "–" : (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Points(PairedDifference? difference) => difference is null
        ? "–"
        : $"{Signed(difference.Mean)} points, 95 % [{Signed(difference.Low)}, {Signed(difference.High)}]";

    // Rounded first: a hair below zero would print as "-+0.0".
    private static string Signed(double share) => Math.Round(100 * share, 1).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static object? Shape(PairedDifference? difference) => difference is null ? null : new { mean = difference.Mean, ci95 = (double[])[difference.Low, difference.High], requests = difference.Requests };
}
