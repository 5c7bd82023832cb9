using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>Measured points as they come, one JSON line each: what is written is never measured again.</summary>
/// <remarks>
/// The first line says on what and with which kernels. A line that a lost machine left half written is dropped when the file is opened. One
/// process writes a journal at a time.
/// </remarks>
public sealed class GpuJournal : IDisposable
{
    private static readonly JsonSerializerOptions Layout = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectRequiredConstructorParameters = true,
    };

    private const string NoteStart = "{\"note\":";

    private readonly Dictionary<string, GpuPoint> points = [];
    private readonly HashSet<string> notes = [];
    private readonly FileStream file;

    private GpuJournal(FileStream file) => this.file = file;

    /// <summary>Sentences about the runs that wrote it.</summary>
    public IReadOnlyCollection<string> Notes => notes;

    /// <summary>The points there are, by key.</summary>
    public IReadOnlyDictionary<string, GpuPoint> Points => points;

    /// <summary>Opens a journal, or begins one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">The GPU measured.</param>
    /// <param name="driverVersion">Its driver's CUDA version.</param>
    /// <exception cref="CalibrationException">It holds points of another GPU, driver or set of kernels, or is no journal.</exception>
    public static GpuJournal Open(string path, CudaDeviceSpec device, int driverVersion)
    {
        var expected = new Header(1, device.Name, driverVersion, KernelsHash());
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            var journal = new GpuJournal(file);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            string[] lines = Encoding.UTF8.GetString(bytes).Split('\n');
            if (lines.Length < 2)
            {
                file.SetLength(0);
                journal.Append(JsonSerializer.Serialize(expected, Layout));
                return journal;
            }

            Header? found = Read<Header>(path, 1, lines[0]);
            if (found != expected)
                throw new CalibrationException($"{path}: holds points of {found?.Device}, driver {found?.Driver}, kernels {found?.Kernels}; this is {expected.Device}, driver {expected.Driver}, kernels {expected.Kernels}. Delete the file to measure anew.");
            for (int i = 1; i < lines.Length - 1; i++)
            {
                if (lines[i].StartsWith(NoteStart, StringComparison.Ordinal))
                {
                    journal.notes.Add(Read<NoteLine>(path, i + 1, lines[i]).Note);
                    continue;
                }

                GpuPoint point = Read<GpuPoint>(path, i + 1, lines[i]);
                journal.points[point.Key] = point;
            }

            // What follows the last line break was never finished.
            file.SetLength(file.Length - Encoding.UTF8.GetByteCount(lines[^1]));
            file.Seek(0, SeekOrigin.End);
            return journal;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Adds a point and hands it to the operating system: a process that ends, however it ends, loses none.</summary>
    public void Add(GpuPoint point)
    {
        points[point.Key] = point;
        Append(JsonSerializer.Serialize(point, Layout));
    }

    /// <summary>Adds a sentence about the run, unless it is there: what was found or missing.</summary>
    public void Note(string note)
    {
        if (notes.Add(note))
            Append(JsonSerializer.Serialize(new NoteLine(note), Layout));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        file.Flush(flushToDisk: true);
        file.Dispose();
    }

    private void Append(string line)
    {
        file.Write(Encoding.UTF8.GetBytes(line + "\n"));
        file.Flush();
    }

    private static T Read<T>(string path, int line, string text)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, Layout) ?? throw new JsonException("empty");
        }
        catch (JsonException wrong)
        {
            throw new CalibrationException(string.Create(CultureInfo.InvariantCulture, $"{path}:{line}: not a line of measurements: {wrong.Message}"), wrong);
        }
    }

    /// <summary>One hash of all kernels: change one and old times are of something else.</summary>
    private static string KernelsHash()
        => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(KernelCatalog.All.Select(KernelSources.HashOf)))))[..16];

    private sealed record NoteLine(string Note);

    private sealed record Header(int Format, string Device, int Driver, string Kernels);
}
