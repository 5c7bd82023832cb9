using System.Collections;
using System.Globalization;
using Sylvan.Data.Csv;

namespace Tuner.Env.Traffic;

/// <summary>Azure's LLM inference traces: CSV with <c>TIMESTAMP,ContextTokens,GeneratedTokens</c>.</summary>
/// <remarks>
/// The 2023 release writes times as <c>yyyy-MM-dd HH:mm:ss.fffffff</c>, the 2024 one with an offset; plain seconds are
/// accepted too. github.com/Azure/AzurePublicDataset, CC-BY 4.0 (Patel et al., ISCA 2024).
/// </remarks>
internal sealed class AzureCsvReader(string name, Func<Stream> open, TrafficClass trafficClass) : ITrafficSource
{
    public string Name => name;

    internal static bool Recognises(ReadOnlySpan<byte> head) => head.IndexOf("ContextTokens"u8) is >= 0 and < 64 || head.StartsWith("TIMESTAMP"u8);

    public IEnumerator<InferenceRequest> GetEnumerator()
    {
        using var text = new StreamReader(open());
        using CsvDataReader csv = CsvDataReader.Create(text, new CsvDataReaderOptions { BufferSize = 1 << 16 });
        int time = Column(csv, "TIMESTAMP");
        int prompt = Column(csv, "ContextTokens");
        int output = Column(csv, "GeneratedTokens");
        double start = double.NaN;
        double last = double.NegativeInfinity;
        while (csv.Read())
        {
            int line = csv.RowNumber + 1;
            double seconds = Seconds(csv.GetString(time), line);
            if (double.IsNaN(start))
                start = seconds;
            seconds -= start;
            if (seconds < last)
                throw new TrafficFormatException(string.Create(CultureInfo.InvariantCulture, $"{name}:{line}: arrival {seconds:0.###} s is earlier than the line before ({last:0.###} s); traces ascend."));
            last = seconds;
            yield return new InferenceRequest(seconds, Tokens(csv, prompt, "ContextTokens", line), Tokens(csv, output, "GeneratedTokens", line), trafficClass);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int Column(CsvDataReader csv, string column)
    {
        for (int i = 0; i < csv.FieldCount; i++)
        {
            if (string.Equals(csv.GetName(i), column, StringComparison.OrdinalIgnoreCase))
                return i;
        }

        string found = string.Join(",", Enumerable.Range(0, csv.FieldCount).Select(csv.GetName));
        throw new TrafficFormatException($"{name}:1: columns {found} found; an Azure trace has TIMESTAMP,ContextTokens,GeneratedTokens.");
    }

    private double Seconds(string value, int line)
    {
        if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds))
            return seconds;
        if (DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset instant))
            return instant.UtcTicks / (double)TimeSpan.TicksPerSecond;
        throw new TrafficFormatException($"{name}:{line}: TIMESTAMP is \"{value}\"; expected yyyy-MM-dd HH:mm:ss.fffffff or seconds.");
    }

    private int Tokens(CsvDataReader csv, int column, string columnName, int line)
    {
        if (column >= csv.RowFieldCount)
            throw new TrafficFormatException($"{name}:{line}: {csv.RowFieldCount} columns found; {columnName} is missing.");
        string value = csv.GetString(column);
        if (!int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int tokens) || tokens < 0)
            throw new TrafficFormatException($"{name}:{line}: {columnName} is \"{value}\"; expected a whole number of tokens.");
        return Math.Max(1, tokens);
    }
}
