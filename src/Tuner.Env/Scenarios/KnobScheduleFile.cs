using System.Globalization;
using System.Text.Json;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Scenarios;

/// <summary>Reads schedules: a line a change, as <c>600,precision=fp8-fp4,max-batch=128</c> or as <c>{"seconds":600,"precision":"fp8-fp4"}</c>.</summary>
/// <remarks>A line changes the knobs it names and leaves the others as they were. Empty lines, and lines that begin with #, are passed over.</remarks>
public static class KnobScheduleFile
{
    private const string SecondsKey = "seconds";

    /// <summary>Reads a schedule.</summary>
    /// <param name="path">The file.</param>
    /// <param name="scenario">Whose knobs are turned.</param>
    /// <param name="start">The settings at the start.</param>
    /// <exception cref="ScenarioFormatException">No such file, or everything that is wrong with it, a sentence and a line each.</exception>
    public static KnobSchedule Read(string path, Scenario scenario, in KnobSettings start)
    {
        if (!File.Exists(path))
            throw new ScenarioFormatException($"{path}: no such file; a schedule has lines such as 600,precision=fp8-fp4,max-batch=128.");
        return Parse(Path.GetFileName(path), File.ReadLines(path), scenario, start);
    }

    /// <summary>Reads a schedule's lines.</summary>
    /// <param name="file">The name errors use.</param>
    /// <param name="lines">The lines.</param>
    /// <param name="scenario">Whose knobs are turned.</param>
    /// <param name="start">The settings at the start.</param>
    /// <exception cref="ScenarioFormatException">Everything that is wrong, a sentence and a line each.</exception>
    internal static KnobSchedule Parse(string file, IEnumerable<string> lines, Scenario scenario, KnobSettings start)
    {
        var sentences = new List<string>();
        var changes = new List<ScheduledChange>();
        KnobSettings settings = start;
        double last = 0;
        foreach ((string text, int number) in lines.Select((text, index) => (text.Trim(), index + 1)))
        {
            bool isHeader = number == 1 && text.StartsWith(SecondsKey, StringComparison.OrdinalIgnoreCase);
            if (text.Length == 0 || text[0] == '#' || isHeader)
                continue;
            var problems = new List<string>();
            var values = new Dictionary<string, string>();
            double seconds = text[0] == '{' ? ReadJson(text, values, problems) : ReadCsv(text, values, problems);
            if (seconds < last)
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"{seconds} s found after {last} s; changes come in order of time"));
            last = Math.Max(last, double.IsNaN(seconds) ? last : seconds);
            if (values.Count == 0 && problems.Count == 0)
                problems.Add("no knob found; expected seconds and then one or more of knob=value");
            KnobSettings next = KnobText.Parse(scenario.Knobs, settings, values, problems);
            if (problems.Count == 0 && !scenario.Fits(next))
                problems.Add($"{KnobText.Write(scenario.Knobs, next)} does not fit {scenario.Name}: no such layout, or no room for weights and KV cache");
            sentences.AddRange(problems.Select(problem => $"{file}:{number}: {problem}."));
            if (problems.Count > 0)
                continue;
            settings = next;
            changes.Add(new ScheduledChange(seconds, settings));
        }

        if (changes.Count == 0 && sentences.Count == 0)
            sentences.Add($"{file}: no change found; expected lines such as 600,precision=fp8-fp4,max-batch=128.");
        return sentences.Count == 0 ? new KnobSchedule(start, changes) : throw new ScenarioFormatException(string.Join(Environment.NewLine, sentences));
    }

    private static double ReadCsv(string text, Dictionary<string, string> values, List<string> problems)
    {
        string[] cells = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (string cell in cells.Skip(1))
        {
            int equals = cell.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                problems.Add($"\"{cell}\" found; expected knob=value");
            else
                Add(values, cell[..equals].Trim(), cell[(equals + 1)..].Trim(), problems);
        }

        return Seconds(cells.Length == 0 ? "" : cells[0], problems);
    }

    private static double ReadJson(string text, Dictionary<string, string> values, List<string> problems)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            string? seconds = null;
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                string value = property.Value.ValueKind switch
                {
                    JsonValueKind.String => property.Value.GetString()!,
                    JsonValueKind.True => "on",
                    JsonValueKind.False => "off",
                    _ => property.Value.GetRawText(),
                };
                if (property.Name == SecondsKey)
                    seconds = value;
                else
                    Add(values, property.Name, value, problems);
            }

            if (seconds is not null)
                return Seconds(seconds, problems);
            problems.Add("no \"seconds\" found; expected a line such as {\"seconds\":600,\"precision\":\"fp8-fp4\"}");
        }
        catch (JsonException wrong)
        {
            problems.Add($"not JSON at character {wrong.BytePositionInLine + 1}; expected a line such as {{\"seconds\":600,\"precision\":\"fp8-fp4\"}}");
        }

        return double.NaN;
    }

    private static void Add(Dictionary<string, string> values, string knob, string value, List<string> problems)
    {
        if (!values.TryAdd(knob, value))
            problems.Add($"{knob} found twice; expected once a line");
    }

    private static double Seconds(string text, List<string> problems)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && double.IsFinite(seconds) && seconds >= 0)
            return seconds;
        problems.Add($"\"{text}\" found; expected the time in seconds from the start, 0 or more");
        return double.NaN;
    }
}
