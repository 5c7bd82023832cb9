using System.Collections;
using System.Globalization;
using Sylvan.Data.Csv;

namespace Tuner.Env.Traffic;

/// <summary>BurstGPT's traces: CSV with <c>Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type</c>, times in seconds.</summary>
/// <remarks>
/// Rows without a response are failed requests and are skipped. The trace is deterministic: the seed is there so that every
/// reader is made alike. github.com/HPMLL/BurstGPT, CC-BY 4.0 (Wang et al., arXiv:2401.17644).
/// </remarks>
internal sealed class BurstGptReader(string name, Func<Stream> open, ulong seed = 0) : ITrafficSource
{
    private const string Header = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type";

    public string Name => name;

    internal ulong Seed => seed;

    internal static bool Recognises(ReadOnlySpan<byte> head)
    {
        int end = head.IndexOf((byte)'\n');
        ReadOnlySpan<byte> header = end < 0 ? head : head[..end];
        return header.IndexOf("Request tokens"u8) >= 0 && header.IndexOf("Response tokens"u8) >= 0;
    }

    public IEnumerator<InferenceRequest> GetEnumerator()
    {
        using var text = new StreamReader(open());
        using CsvDataReader csv = CsvDataReader.Create(text, new CsvDataReaderOptions { BufferSize = 1 << 16 });
        int time = Column(csv, "Timestamp");
        int prompt = Column(csv, "Request tokens");
        int output = Column(csv, "Response tokens");
        double start = double.NaN;
        double last = double.NegativeInfinity;
        while (csv.Read())
        {
            int line = csv.RowNumber + 1;
            string stamp = Field(csv, time, "Timestamp", line);
            if (!double.TryParse(stamp, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) || !double.IsFinite(seconds))
                throw new TrafficFormatException($"{name}:{line}: Timestamp is \"{stamp}\"; expected seconds.");
            if (double.IsNaN(start))
                start = seconds;
            seconds -= start;
            if (seconds < last)
                throw new TrafficFormatException(string.Create(CultureInfo.InvariantCulture, $"{name}:{line}: arrival {seconds:0.###} s is earlier than the line before ({last:0.###} s); traces ascend."));
            last = seconds;
            int promptTokens = Tokens(csv, prompt, "Request tokens", line);
            int outputTokens = Tokens(csv, output, "Response tokens", line);
            if (outputTokens > 0)
                yield return new InferenceRequest(seconds, Math.Max(1, promptTokens), outputTokens, TrafficClass.Chat);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int Column(CsvDataReader csv, string column)
    {
        for (int i = 0; i < csv.FieldCount; i++)
        {
            if (string.Equals(csv.GetName(i).Trim(), column, StringComparison.OrdinalIgnoreCase))
                return i;
        }

        string found = string.Join(",", Enumerable.Range(0, csv.FieldCount).Select(csv.GetName));
        throw new TrafficFormatException($"{name}:1: columns {found} found; a BurstGPT trace has {Header}.");
    }

    private string Field(CsvDataReader csv, int column, string columnName, int line)
        => column < csv.RowFieldCount
            ? csv.GetString(column)
            : throw new TrafficFormatException($"{name}:{line}: {csv.RowFieldCount} columns found; {columnName} is missing.");

    private int Tokens(CsvDataReader csv, int column, string columnName, int line)
    {
        string value = Field(csv, column, columnName, line);
        if (!int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int tokens) || tokens < 0)
            throw new TrafficFormatException($"{name}:{line}: {columnName} is \"{value}\"; expected a whole number of tokens.");
        return tokens;
    }
}
