using System.Collections;
using System.Formats.Tar;
using System.Globalization;
using System.Text.Json;
using Tuner.Env.Simulation;

namespace Tuner.Env.Traffic;

/// <summary>ServeGen archives: a tar of measured statistics per client, from which requests are drawn.</summary>
/// <remarks>
/// <c>chunk-N-trace.csv</c> holds a rate and the law of the gaps for every window, <c>chunk-N-dataset.json</c> the lengths. The data
/// give prompt and output lengths separately, so they are drawn independently. Clients without lengths draw from the pool of
/// the others, weighted by rate. github.com/alibaba/ServeGen, Apache-2.0 (Xiang et al., arXiv:2505.09999).
/// </remarks>
internal sealed class ServeGenReader(string name, Func<Stream> open, ulong seed) : ITrafficSource
{
    private const double DefaultWindowSeconds = 600;

    private (SortedDictionary<int, ServeGenWindow[]> Rates, Dictionary<int, LengthTable> Lengths, (LengthDistribution, LengthDistribution) Pool)? archive;

    public string Name => name;

    internal static bool Recognises(ReadOnlySpan<byte> head)
        => head.Length > 262 && head[257..262].SequenceEqual("ustar"u8)
            && (head.IndexOf("chunk-"u8) >= 0 || head[..100].IndexOf("data/"u8) >= 0);

    public IEnumerator<InferenceRequest> GetEnumerator()
    {
        archive ??= Read();
        (SortedDictionary<int, ServeGenWindow[]> rates, Dictionary<int, LengthTable> lengths, (LengthDistribution, LengthDistribution) pool) = archive.Value;
        var queue = new PriorityQueue<(ServeGenClient Client, int Id, InferenceRequest Request), (double, int)>();
        foreach ((int id, ServeGenWindow[] windows) in rates)
        {
            double seconds = windows.Length > 1 ? windows[1].StartSeconds - windows[0].StartSeconds : DefaultWindowSeconds;
            var client = new ServeGenClient(
                windows,
                seconds,
                lengths.GetValueOrDefault(id)?.Windows,
                pool,
                RandomStream.For(seed, string.Create(CultureInfo.InvariantCulture, $"servegen arrivals {id}")),
                RandomStream.For(seed, string.Create(CultureInfo.InvariantCulture, $"servegen lengths {id}")));
            if (client.TryNext(out InferenceRequest first))
                queue.Enqueue((client, id, first), (first.ArrivalSeconds, id));
        }

        while (queue.TryPeek(out (ServeGenClient Client, int Id, InferenceRequest Request) head, out _))
        {
            yield return head.Request;
            if (head.Client.TryNext(out InferenceRequest next))
                queue.DequeueEnqueue((head.Client, head.Id, next), (next.ArrivalSeconds, head.Id));
            else
                queue.Dequeue();
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private (SortedDictionary<int, ServeGenWindow[]>, Dictionary<int, LengthTable>, (LengthDistribution, LengthDistribution)) Read()
    {
        var rates = new SortedDictionary<int, ServeGenWindow[]>();
        var lengths = new Dictionary<int, LengthTable>();
        using Stream stream = open();
        using var tar = new TarReader(stream);
        while (Next(tar) is { } entry)
        {
            if (entry.DataStream is null || ClientOf(entry.Name) is not { } id)
                continue;
            string place = $"{name}/{Path.GetFileName(entry.Name)}";
            if (entry.Name.EndsWith("-trace.csv", StringComparison.Ordinal))
                rates[id] = Windows(place, entry.DataStream);
            else if (entry.Name.EndsWith("-dataset.json", StringComparison.Ordinal))
                lengths[id] = Lengths(place, entry.DataStream);
        }

        if (rates.Count == 0)
            throw new TrafficFormatException($"{name}: no chunk-N-trace.csv found in the archive; a ServeGen archive has one a client.");
        var prompts = new Dictionary<int, double>();
        var outputs = new Dictionary<int, double>();
        foreach ((int id, LengthTable table) in lengths)
        {
            foreach ((double start, Dictionary<int, double> prompt, Dictionary<int, double> output) in table.Raw)
            {
                double end = table.EndOf(start);
                double weight = rates.TryGetValue(id, out ServeGenWindow[]? windows)
                    ? windows.Where(window => window.StartSeconds >= start && window.StartSeconds < end).Sum(window => window.Rate)
                    : 0;
                Add(prompts, prompt, weight);
                Add(outputs, output, weight);
            }
        }

        if (prompts.Count == 0 || outputs.Count == 0)
            throw new TrafficFormatException($"{name}: no client has both a rate and lengths; expected input_tokens and output_tokens in some chunk-N-dataset.json.");
        return (rates, lengths, (new LengthDistribution(prompts), new LengthDistribution(outputs)));
    }

    private TarEntry? Next(TarReader tar)
    {
        try
        {
            return tar.GetNextEntry();
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new TrafficFormatException($"{name}: not a whole tar archive; the file seems damaged or cut off.", broken);
        }
    }

    private static int? ClientOf(string entry)
    {
        string[] parts = Path.GetFileName(entry).Split('-');
        return parts is ["chunk", var number, _] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : null;
    }

    private static void Add(Dictionary<int, double> pool, Dictionary<int, double> part, double weight)
    {
        double sum = part.Values.Sum();
        if (!(sum > 0) || !(weight > 0))
            return;
        foreach ((int tokens, double probability) in part)
            pool[tokens] = pool.GetValueOrDefault(tokens) + (weight * probability / sum);
    }

    private static ServeGenWindow[] Windows(string place, Stream stream)
    {
        using var text = new StreamReader(stream);
        var windows = new List<ServeGenWindow>();
        for (int line = 1; text.ReadLine() is { } row; line++)
        {
            if (row.Length == 0)
                continue;
            string[] fields = row.Split(',');
            if (fields.Length != 6)
                throw new TrafficFormatException($"{place}:{line}: {fields.Length} columns found; expected t,rate,cv,pattern,shape,scale.");
            string pattern = fields[3].Trim();
            if (pattern is not ("Gamma" or "Weibull" or ""))
                throw new TrafficFormatException($"{place}:{line}: pattern is \"{pattern}\"; expected Gamma, Weibull or nothing.");
            double start = Number(place, line, "t", fields[0]);
            if (windows.Count > 0 && start <= windows[^1].StartSeconds)
                throw new TrafficFormatException($"{place}:{line}: window {fields[0]} s is not later than the line before; windows ascend.");
            windows.Add(new ServeGenWindow(
                start,
                Number(place, line, "rate", fields[1]),
                pattern == "Weibull",
                Number(place, line, "shape", fields[4]),
                Number(place, line, "scale", fields[5])));
        }

        return [.. windows];
    }

    private static double Number(string place, int line, string column, string value)
        => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= 0 && double.IsFinite(number)
            ? number
            : throw new TrafficFormatException($"{place}:{line}: {column} is \"{value}\"; expected a number of at least 0.");

    private static LengthTable Lengths(string place, Stream stream)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(stream);
            var table = new LengthTable();
            foreach (JsonProperty window in document.RootElement.EnumerateObject())
            {
                double start = Number(place, 1, "window", window.Name);
                table.Add(start, Field(place, window, "input_tokens"), Field(place, window, "output_tokens"));
            }

            return table;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            long line = ((broken as JsonException)?.LineNumber ?? 0) + 1;
            throw new TrafficFormatException($"{place}:{line}: not a ServeGen data set; expected an object of windows with input_tokens and output_tokens.", broken);
        }
    }

    private static Dictionary<int, double> Field(string place, JsonProperty window, string field)
    {
        string literal = window.Value.TryGetProperty(field, out JsonElement value) ? value.GetString() ?? "{}" : "{}";
        return LengthDistribution.ParseLiteral(literal)
            ?? throw new TrafficFormatException($"{place}:1: {field} of window {window.Name} is no table; expected \"{{tokens: probability, ...}}\".");
    }

}
