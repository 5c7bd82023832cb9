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

    /// <summary>Writes the file.</summary>
    public static void Write(string path, KnobSpace knobs, RunResult run)
    {
        double[] starts = new double[run.Windows.Count];
        for (int i = 1; i < starts.Length; i++)
            starts[i] = starts[i - 1] + run.Windows[i - 1].Seconds;
        var columns = new List<CsvColumn<int>> { CsvColumn<int>.Of("start_s", Digits, row => starts[row]) };
        foreach (PropertyInfo field in typeof(WindowMetrics).GetProperties(BindingFlags.Public | BindingFlags.Instance))
            columns.Add(Column(field, run));
        IReadOnlyDictionary<string, string>[] settings = [.. run.Settings.Select(each => KnobText.Pairs(knobs, each))];
        foreach (string knob in KnobText.Pairs(knobs, default).Keys)
            columns.Add(CsvColumn<int>.Of(knob.Replace('-', '_'), row => settings[row][knob]));
        CsvFile.Write(path, Enumerable.Range(0, starts.Length), columns);
    }

    private static CsvColumn<int> Column(PropertyInfo field, RunResult run)
    {
        string name = JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name);
        return field.PropertyType == typeof(int)
            ? CsvColumn<int>.Of(name, row => (int)field.GetValue(run.Windows[row])!)
            : CsvColumn<int>.Of(name, Digits, row => (double)field.GetValue(run.Windows[row])!);
    }
}
