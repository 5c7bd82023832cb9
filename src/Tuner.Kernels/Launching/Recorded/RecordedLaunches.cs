using System.Globalization;
using System.IO.Compression;

namespace Tuner.Kernels.Launching.Recorded;

/// <summary>Every launch configuration of one kernel on one GPU, each with timings somebody recorded.</summary>
/// <remarks>
/// The file is gzipped text. Lines that start with <c># name: value</c> say where it comes from; a heading names the parameters,
/// <c>registers</c> where they are known, <c>ms</c>, and <c>d1</c> to <c>dN</c>. A row holds the median time in milliseconds and the
/// recorded repetitions as differences from it, in hundredths of a percent. An empty time is a configuration that could not run.
/// </remarks>
public sealed class RecordedLaunches
{
    private const double DeviationUnit = 1e-4;
    private readonly int[]? registers;
    private readonly double[][] seconds;

    private RecordedLaunches(IReadOnlyDictionary<string, string> origin, LaunchSpace space, int[]? registers, double[][] seconds)
        => (Origin, Space, this.registers, this.seconds) = (origin, space, registers, seconds);

    /// <summary>Where it comes from: <c>kernel</c>, <c>gpu</c>, <c>source</c>, <c>commit</c>, <c>licence</c> and the like.</summary>
    public IReadOnlyDictionary<string, string> Origin { get; }

    /// <summary>The kernel's name.</summary>
    public string Kernel => Origin["kernel"];

    /// <summary>The GPU.</summary>
    public GpuSpec Gpu => GpuSpec.Named(Origin["gpu"]);

    /// <summary>The configurations.</summary>
    public LaunchSpace Space { get; }

    /// <summary>Whether the registers of each configuration are known.</summary>
    public bool HasRegisters => registers is not null;

    /// <summary>Recorded repetitions of a configuration in seconds; none where it could not run.</summary>
    public IReadOnlyList<double> Seconds(int configuration) => seconds[configuration];

    /// <summary>Registers of a thread; 0 where they are not known.</summary>
    public int Registers(int configuration) => registers?[configuration] ?? 0;

    /// <summary>From configurations and their repetitions.</summary>
    /// <param name="origin">Where they come from; must name <c>kernel</c> and <c>gpu</c>.</param>
    /// <param name="names">Names of the parameters.</param>
    /// <param name="rows">Values of every configuration.</param>
    /// <param name="registers">Registers of every configuration; null where not known.</param>
    /// <param name="seconds">Repetitions of every configuration; none where it could not run.</param>
    public static RecordedLaunches Of(
        IReadOnlyDictionary<string, string> origin, IReadOnlyList<string> names, IReadOnlyList<int[]> rows, int[]? registers, double[][] seconds)
        => new(origin, LaunchSpace.OfRows(names, rows), registers, seconds);

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is no such file; the message says where.</exception>
    public static RecordedLaunches Load(string path)
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var origin = new Dictionary<string, string>();
        int line = 0;
        string? row;
        for (row = text.ReadLine(); row?.StartsWith('#') == true; row = text.ReadLine())
        {
            line++;
            if (row[1..].Split(':', 2, StringSplitOptions.TrimEntries) is [var name, var value])
                origin[name] = value;
        }

        line++;
        string[] heading = row?.Split(',') ?? [];
        int time = Array.IndexOf(heading, "ms");
        if (time < 1 || !origin.ContainsKey("kernel") || !origin.ContainsKey("gpu"))
            throw new InvalidDataException($"{path}:{line}: no recorded launches: a heading with 'ms' after '# kernel' and '# gpu' was expected, '{row}' was found.");
        bool known = heading[time - 1] == "registers";
        int axes = known ? time - 1 : time;
        var rows = new List<int[]>();
        var registers = new List<int>();
        var seconds = new List<double[]>();
        while (text.ReadLine() is { } next)
        {
            line++;
            string[] cells = next.Split(',');
            if (cells.Length != heading.Length)
                throw new InvalidDataException($"{path}:{line}: {cells.Length} cells; the heading has {heading.Length}.");
            try
            {
                rows.Add([.. cells.Take(axes).Select(cell => int.Parse(cell, CultureInfo.InvariantCulture))]);
                if (known)
                    registers.Add(int.Parse(cells[axes], CultureInfo.InvariantCulture));
                double median = cells[time].Length == 0 ? 0 : 1e-3 * double.Parse(cells[time], CultureInfo.InvariantCulture);
                seconds.Add(median == 0 ? [] : [.. cells.Skip(time + 1).Select(cell => median * (1 + (DeviationUnit * int.Parse(cell, CultureInfo.InvariantCulture))))]);
            }
            catch (FormatException wrong)
            {
                throw new InvalidDataException($"{path}:{line}: {wrong.Message}", wrong);
            }
        }

        return Of(origin, heading[..axes], rows, known ? [.. registers] : null, [.. seconds]);
    }

    /// <summary>Writes a file.</summary>
    public void Save(string path)
    {
        int repetitions = seconds.Max(times => times.Length);
        using var text = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.SmallestSize)) { NewLine = "\n" };
        foreach ((string name, string value) in Origin)
            text.WriteLine($"# {name}: {value}");
        text.WriteLine(string.Join(',', [.. Space.Axes.Select(axis => axis.Name), .. registers is null ? (string[])[] : ["registers"], "ms", .. Enumerable.Range(1, repetitions).Select(i => $"d{i}")]));
        for (int i = 0; i < Space.Count; i++)
        {
            IEnumerable<string> cells = Enumerable.Range(0, Space.Axes.Count).Select(axis => Space.Value(i, axis).ToString(CultureInfo.InvariantCulture));
            if (registers is not null)
                cells = cells.Append(registers[i].ToString(CultureInfo.InvariantCulture));
            double[] sorted = [.. seconds[i].Order()];
            double median = sorted.Length == 0 ? 0 : sorted[sorted.Length / 2];
            cells = cells.Append(median == 0 ? "" : (1e3 * median).ToString("G5", CultureInfo.InvariantCulture));
            cells = cells.Concat(Enumerable.Range(0, repetitions).Select(at =>
                median == 0 ? "" : Math.Round(((seconds[i][at] / median) - 1) / DeviationUnit).ToString(CultureInfo.InvariantCulture)));
            text.WriteLine(string.Join(',', cells));
        }
    }
}
