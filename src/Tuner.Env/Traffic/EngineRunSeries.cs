using System.Globalization;
using System.IO.Compression;

namespace Tuner.Env.Traffic;

/// <summary>Reads what an engine's statistics said once a second: a CSV with <c>t</c>, <c>running</c>, <c>waiting</c> and perhaps <c>kv_cache_pct</c> (0 to 100).</summary>
/// <remarks>
/// <c>bench</c> of github.com/casys-kaist/LLMServingSim (MIT) writes it as <c>timeseries.csv</c>. Its first version wrote a <c>kv_cache_pct</c> of 0
/// throughout (its recorder says so): a column that is all 0 is taken as not recorded. Its clock starts with the statistics and not with the first request.
/// </remarks>
public sealed class EngineRunSeries
{
    private const double OffsetStep = 0.05;

    private EngineRunSeries(IReadOnlyList<EngineRunTick> ticks, bool hasKvUse) => (Ticks, HasKvUse) = (ticks, hasKvUse);

    /// <summary>The instants, ascending.</summary>
    public IReadOnlyList<EngineRunTick> Ticks { get; }

    /// <summary>Whether the use of the KV cache was recorded.</summary>
    public bool HasKvUse { get; }

    /// <summary>Reads a file, gzipped or not.</summary>
    /// <exception cref="TrafficFormatException">It is not there, or not such a table.</exception>
    public static EngineRunSeries Read(string path)
    {
        string name = Path.GetFileName(path);
        if (!File.Exists(path))
            throw new TrafficFormatException($"{path}: no such file; expected a CSV with t, running and waiting.");
        try
        {
            using Stream file = File.OpenRead(path);
            using Stream text = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var reader = new StreamReader(text);
            return Read(name, reader);
        }
        catch (InvalidDataException broken)
        {
            throw new TrafficFormatException($"{name}: broken gzip data; the file seems damaged or cut off.", broken);
        }
    }

    /// <summary>The same instants on the clock of a run's requests.</summary>
    /// <remarks>
    /// The shift is the one under which running and waiting requests differ least from those that the requests' own times imply, to a twentieth of a second.
    /// Instants before the first arrival are left out.
    /// </remarks>
    /// <param name="requests">The run's requests.</param>
    public EngineRunSeries On(IReadOnlyList<ServedRequest> requests)
    {
        double last = requests.Max(request => request.LastTokenSeconds);
        double best = double.PositiveInfinity;
        double shift = 0;
        for (double offset = -2; offset <= Math.Max(2, Ticks[^1].Seconds); offset += OffsetStep)
        {
            double apart = 0;
            foreach (EngineRunTick tick in Ticks)
            {
                (int running, int waiting) = ServedRequest.InFlight(requests, tick.Seconds - offset);
                apart += Math.Abs(running - tick.Running) + Math.Abs(waiting - tick.Waiting);
            }

            if (Ticks[^1].Seconds - offset < last - 2)
                apart += requests.Count; // the series would end before the run does
            if (apart < best - 1e-9)
                (best, shift) = (apart, offset);
        }

        return new EngineRunSeries([.. Ticks.Select(tick => tick with { Seconds = tick.Seconds - shift }).Where(tick => tick.Seconds > 0)], HasKvUse);
    }

    private static EngineRunSeries Read(string name, StreamReader reader)
    {
        string[] columns = (reader.ReadLine() ?? "").Split(',', StringSplitOptions.TrimEntries);
        int t = Array.IndexOf(columns, "t");
        int running = Array.IndexOf(columns, "running");
        int waiting = Array.IndexOf(columns, "waiting");
        int kv = Array.IndexOf(columns, "kv_cache_pct");
        if (t < 0 || running < 0 || waiting < 0)
            throw new TrafficFormatException($"{name}:1: columns {string.Join(", ", columns)} found; expected t, running and waiting.");
        var ticks = new List<EngineRunTick>();
        for (int line = 2; reader.ReadLine() is { } text; line++)
        {
            if (text.Length == 0)
                continue;
            string[] cells = text.Split(',', StringSplitOptions.TrimEntries);
            var tick = new EngineRunTick(Number(t), (int)Number(running), (int)Number(waiting), kv < 0 ? 0 : Number(kv) / 100);
            if (ticks.Count > 0 && tick.Seconds <= ticks[^1].Seconds)
                throw new TrafficFormatException(FormattableString.Invariant($"{name}:{line}: t is {tick.Seconds} after {ticks[^1].Seconds}; instants ascend."));
            ticks.Add(tick);

            double Number(int column)
                => column < cells.Length && double.TryParse(cells[column], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= 0
                    ? value
                    : throw new TrafficFormatException($"{name}:{line}: {columns[column]} is '{(column < cells.Length ? cells[column] : "")}'; a number of at least 0 was expected.");
        }

        return ticks.Count > 0 ? new EngineRunSeries(ticks, ticks.Any(tick => tick.KvUse > 0)) : throw new TrafficFormatException($"{name}: no rows found; expected one a second.");
    }
}
