using System.Data;
using System.Reflection;
using System.Text.Json;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Cli.Reporting;

/// <summary>A run's windows, a row each: every field of <see cref="WindowMetrics"/>, and the settings at the window's end.</summary>
internal static class WindowsCsv
{
    private const int Digits = 6;

    private static readonly PropertyInfo[] Fields = typeof(WindowMetrics).GetProperties(BindingFlags.Public | BindingFlags.Instance);

    /// <summary>Writes the file.</summary>
    public static void Write(string path, KnobSpace knobs, RunResult run)
    {
        using var table = new DataTable();
        table.Columns.Add("start_s", typeof(double));
        foreach (PropertyInfo field in Fields)
            table.Columns.Add(JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name), field.PropertyType);
        foreach (string knob in KnobText.Pairs(knobs, default).Keys)
            table.Columns.Add(ColumnOf(knob), typeof(string));
        double start = 0;
        for (int i = 0; i < run.Windows.Count; i++)
        {
            WindowMetrics window = run.Windows[i];
            DataRow row = table.NewRow();
            row[0] = CsvFile.Cell(start, Digits);
            for (int f = 0; f < Fields.Length; f++)
                row[f + 1] = Fields[f].GetValue(window) is double number ? CsvFile.Cell(number, Digits) : Fields[f].GetValue(window);
            foreach ((string knob, string value) in KnobText.Pairs(knobs, run.Settings[i]))
                row[ColumnOf(knob)] = value;
            table.Rows.Add(row);
            start += window.Seconds;
        }

        CsvFile.Write(path, table);
    }

    private static string ColumnOf(string knob) => knob.Replace('-', '_') switch
    {
        // A metric is called so too.
        var name when Fields.Any(field => JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name) == name) => $"knob_{name}",
        var name => name,
    };
}
