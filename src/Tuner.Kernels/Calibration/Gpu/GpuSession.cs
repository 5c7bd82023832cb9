using System.Globalization;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Libraries;
using Tuner.Kernels.Operations;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>An opened GPU with everything a measurement needs, and the rules every point obeys.</summary>
internal sealed class GpuSession : IDisposable
{
    /// <summary>Clocks are read to a percent or so; a time this far below the least one is a mistake of the measurement.</summary>
    private const double Slack = 1.02;

    /// <summary>Share of free memory inputs may take, and the most that helps.</summary>
    private const double ArenaShare = 0.6;
    private const long MostArenaBytes = 24L << 30;

    private readonly GpuJournal? journal;
    private readonly IProgress<CalibrationProgress>? progress;
    private readonly CancellationToken cancellation;
    private readonly int points;
    private int done;

    public GpuSession(CudaDevice device, GpuJournal? journal, int points, int libraryPoints, IProgress<CalibrationProgress>? progress, CancellationToken cancellation)
    {
        (Device, this.journal, this.progress, this.cancellation) = (device, journal, progress, cancellation);
        Peaks = GpuPeaks.Of(device.Spec);
        Shelf = new KernelShelf(device);
        Stream = device.CreateStream();
        Other = device.CreateStream();
        Timer = new GpuTimer(device, Stream);
        Work = new SplitWorkspace(device);
        Meter = GpuMeter.TryOpen(device.Spec);
        LibraryFound = CublasLt.Open(device, out CublasLt? library);
        Library = library;
        this.points = points + (library is null ? 0 : libraryPoints);
        journal?.Note(LibraryFound);
        Arena = new GpuArena(device, Stream, Math.Min((long)(ArenaShare * device.FreeBytes), MostArenaBytes));
    }

    public CudaDevice Device { get; }

    /// <summary>What the GPU cannot exceed.</summary>
    public GpuPeaks Peaks { get; }

    public KernelShelf Shelf { get; }

    public CudaStream Stream { get; }

    /// <summary>A second stream, for what runs beside the first.</summary>
    public CudaStream Other { get; }

    public GpuTimer Timer { get; }

    public SplitWorkspace Work { get; }

    public GpuArena Arena { get; }

    /// <summary>Clock and power; null where they cannot be read.</summary>
    public GpuMeter? Meter { get; }

    /// <summary>cuBLASLt; null where there is none.</summary>
    public CublasLt? Library { get; }

    /// <summary>What was found of it, in a sentence.</summary>
    public string LibraryFound { get; }

    /// <summary>What the journal has so far.</summary>
    public IReadOnlyDictionary<string, GpuPoint> Points => journal?.Points ?? new Dictionary<string, GpuPoint>();

    public int Multiprocessors => Device.Spec.Multiprocessors;

    /// <summary>Whether the GPU runs a kernel.</summary>
    public bool Runs(KernelSpec kernel) => kernel.Target.RunsOn(Device.Spec);

    /// <summary>Measures a point unless the journal has it, and writes it there.</summary>
    /// <param name="key">Which.</param>
    /// <param name="work">What it does; nothing is refused where it is default.</param>
    /// <param name="measure">Measures: what was done, median and spread.</param>
    public void Point(string key, GpuWork work, Func<(string Kernel, double Seconds, double Spread)> measure)
    {
        cancellation.ThrowIfCancellationRequested();
        progress?.Report(new CalibrationProgress(done++, points, key));
        if (journal is null)
            throw new InvalidOperationException("A session without a journal measures no points.");
        if (journal.Points.ContainsKey(key))
            return;
        (string kernel, double seconds, double spread) = measure();
        double least = work == default ? 0 : Peaks.LeastSeconds(work.Flops, work.IsFp8, work.Bytes);
        string? refused = seconds * Slack < least
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds:g3} s is below the {least:g3} s this GPU's peak rates allow")
            : null;
        journal.Add(new GpuPoint(key, kernel, seconds, spread, Meter?.ClockMegahertz, Meter?.Watts, refused));
    }

    public void Dispose()
    {
        Arena.Dispose();
        Meter?.Dispose();
        Library?.Dispose();
        Work.Dispose();
        Timer.Dispose();
        Other.Dispose();
        Stream.Dispose();
        Shelf.Dispose();
    }
}
