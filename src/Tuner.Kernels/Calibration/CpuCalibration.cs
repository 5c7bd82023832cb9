using Tuner.Env.Costs;
using System.Globalization;
using Tuner.Env.Simulation;
using Tuner.Kernels.Calibration.Samples;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Calibration;

/// <summary>Times the CPU kernels on this machine.</summary>
/// <remarks>
/// Each point is called once to warm up, then repeatedly until its share of the budget is spent; its time is the median. Weights
/// and caches rotate through twice the last-level cache, so that they come from memory, as in a model larger than the cache.
/// </remarks>
public sealed class CpuCalibration
{
    private const int WorkingSetCaches = 2;
    private const int BitsPerByte = 8;

    private static readonly (KernelPrecision Precision, WeightFormat Format)[] Formats =
    [
        (KernelPrecision.Float32, WeightFormat.Float32),
        (KernelPrecision.Int8WeightOnly, WeightFormat.Int8),
        (KernelPrecision.Int4WeightOnly, WeightFormat.Int4),
    ];

    private readonly CpuGrid grid;
    private readonly MachineSpec machine;
    private readonly TimeSpan share;
    private readonly IProgress<CalibrationProgress>? progress;
    private readonly CancellationToken cancellation;
    private readonly RaplMeter? meter = RaplMeter.TryOpen();
    private readonly int points;
    private int done;

    private CpuCalibration(CpuGrid grid, MachineSpec machine, TimeSpan budget, IProgress<CalibrationProgress>? progress, CancellationToken cancellation)
    {
        (this.grid, this.machine, this.progress, this.cancellation) = (grid, machine, progress, cancellation);
        points = (Formats.Length * grid.Matrices.Count * grid.Rows.Count)
            + (grid.Heads.Count * (grid.PromptTokens.Count + (2 * grid.Batches.Count * grid.Contexts.Count)))
            + grid.CopyBytes.Count + 1;
        share = budget / points;
    }

    /// <summary>Measures every point of a grid.</summary>
    /// <param name="grid">The shapes.</param>
    /// <param name="machine">This machine.</param>
    /// <param name="budget">Time for all points; slow calls are made three times even beyond it.</param>
    /// <param name="date">The day, for the record.</param>
    /// <param name="progress">Told before each point; null when nobody looks.</param>
    /// <param name="cancellation">Looked at before each point.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static KernelMeasurements Run(CpuGrid grid, MachineSpec machine, TimeSpan budget, DateOnly date, IProgress<CalibrationProgress>? progress = null, CancellationToken cancellation = default)
    {
        var calibration = new CpuCalibration(grid, machine, budget, progress, cancellation);
        using var team = new CpuTeam(machine.Cores);
        double? idle = calibration.IdleWatts();
        return new KernelMeasurements
        {
            Device = "cpu",
            Engine = "tuner reference kernels",
            Source = string.Create(CultureInfo.InvariantCulture, $"{machine}, {date:yyyy-MM-dd}"),
            Gemm = [.. Formats.SelectMany(format => calibration.Gemm(team, format.Precision, format.Format))],
            Attention = [.. grid.Heads.SelectMany(shape => calibration.Prefill(team, shape).Concat(calibration.Decode(team, shape, KvFormat.Float32)).Concat(calibration.Decode(team, shape, KvFormat.Int8)))],
            Copies = [.. calibration.Copies(team)],
            Norms = [calibration.Norm()],
            IdleWatts = idle,
        };
    }

    private IEnumerable<GemmSample> Gemm(CpuTeam team, KernelPrecision precision, WeightFormat format)
    {
        foreach ((int inputs, int outputs) in grid.Matrices)
        {
            PackedWeights[] copies = Weights(inputs, outputs, format);
            foreach (int rows in grid.Rows)
            {
                float[] x = Numbers(rows * inputs);
                float[] y = new float[rows * outputs];
                Timing timing = Time($"{precision} product {rows} × {inputs} × {outputs}", call => Reference.Gemm.Multiply(team, x, rows, copies[call % copies.Length], y));
                yield return new GemmSample(precision, rows, outputs, inputs, timing.Seconds, timing.Watts, timing.Spread);
            }

            foreach (PackedWeights copy in copies)
                copy.Dispose();
        }
    }

    private IEnumerable<AttentionSample> Prefill(CpuTeam team, AttentionShape shape)
    {
        using var attention = new PrefillAttention(team, shape, grid.PromptTokens.Max());
        foreach (int tokens in grid.PromptTokens)
        {
            float[] query = Numbers(tokens * shape.Heads * shape.HeadDim);
            float[] keys = Numbers(tokens * shape.KvHeads * shape.HeadDim);
            float[] values = Numbers(tokens * shape.KvHeads * shape.HeadDim);
            float[] output = new float[query.Length];
            Timing timing = Time($"prefill of {tokens} tokens", _ => attention.Attend(query, keys, values, tokens, output));
            yield return Sample(AttentionPhase.Prefill, 1, tokens, shape, KvFormat.Float32, timing);
        }
    }

    private IEnumerable<AttentionSample> Decode(CpuTeam team, AttentionShape shape, KvFormat format)
    {
        using PagedKvCache cache = Cache(team, shape, format);
        foreach (int batch in grid.Batches)
        {
            float[] query = Numbers(batch * shape.Heads * shape.HeadDim);
            float[] output = new float[query.Length];
            foreach (int context in grid.Contexts)
            {
                int[][] tables = Tables(cache.Blocks, batch * BlocksOf(context));
                int[] contexts = [.. Enumerable.Repeat(context, batch)];
                Timing timing = Time($"decode {format} over {batch} × {context} tokens", call => DecodeAttention.Attend(team, cache, tables[call % tables.Length], contexts, query, output));
                yield return Sample(AttentionPhase.Decode, batch, context, shape, format, timing);
            }
        }
    }

    private IEnumerable<CopySample> Copies(CpuTeam team)
    {
        int working = (int)Math.Max(WorkingSetCaches * machine.CacheBytes, grid.CopyBytes.Max());
        byte[] source = new byte[working];
        byte[] target = new byte[working];
        foreach (int bytes in grid.CopyBytes)
        {
            int places = working / bytes;
            Timing timing = Time($"copy of {bytes} bytes", call => BlockCopy.Copy(team, source.AsSpan(call % places * bytes, bytes), target.AsSpan(call % places * bytes, bytes)));
            yield return new CopySample(CopyPath.DeviceToDevice, bytes, timing.Seconds, timing.Spread);
        }
    }

    private NormSample Norm()
    {
        float[] x = Numbers(grid.NormWidth);
        float[] gain = Numbers(grid.NormWidth);
        float[] y = new float[grid.NormWidth];
        Timing timing = Time("normalisation", _ => RmsNorm.Apply(x, gain, y));
        return new NormSample(1, grid.NormWidth, timing.Seconds, timing.Spread);
    }

    private Timing Time(string what, Action<int> call)
    {
        cancellation.ThrowIfCancellationRequested();
        progress?.Report(new CalibrationProgress(done++, points, what));
        return Timing.Of(call, share, meter);
    }

    /// <summary>Power while nothing runs, over a second; null without a meter.</summary>
    private double? IdleWatts()
    {
        if (meter is null)
            return null;
        double before = meter.Joules();
        cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(1));
        return meter.Joules() - before;
    }

    private PackedWeights[] Weights(int inputs, int outputs, WeightFormat format)
    {
        var first = PackedWeights.From(Numbers(inputs * outputs), inputs, outputs, format);
        int copies = (int)Math.Max(1, (WorkingSetCaches * machine.CacheBytes) / first.Bytes);
        return [first, .. Enumerable.Range(1, copies).Select(_ => first.Copy())];
    }

    /// <summary>A cache with room for the largest batch and for the working set, filled with copies of one random block.</summary>
    private PagedKvCache Cache(CpuTeam team, AttentionShape shape, KvFormat format)
    {
        long bytesPerBlock = 2L * PagedKvCache.BlockTokens * shape.KvHeads * shape.HeadDim * (format == KvFormat.Int8 ? sizeof(sbyte) : sizeof(float));
        int blocks = (int)Math.Max((long)grid.Batches.Max() * BlocksOf(grid.Contexts.Max()), WorkingSetCaches * machine.CacheBytes / bytesPerBlock);
        var cache = new PagedKvCache(blocks, shape, format);
        for (int slot = 0; slot < PagedKvCache.BlockTokens; slot++)
            cache.Write(0, slot, Numbers(shape.KvHeads * shape.HeadDim), Numbers(shape.KvHeads * shape.HeadDim));
        cache.CopyBlocks(team, new int[blocks - 1], [.. Enumerable.Range(1, blocks - 1)]);
        return cache;
    }

    /// <summary>Block tables that together name every block once, in random order, as in a pool long in use.</summary>
    private static int[][] Tables(int blocks, int blocksOfCall)
    {
        int[] order = [.. Enumerable.Range(0, blocks)];
        RandomStream random = RandomStream.For(1, "blocks");
        for (int i = blocks - 1; i > 0; i--)
        {
            int j = random.NextInt(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return [.. Enumerable.Range(0, blocks / blocksOfCall).Select(call => order[(call * blocksOfCall)..((call + 1) * blocksOfCall)])];
    }

    private static int BlocksOf(int context) => (context + PagedKvCache.BlockTokens - 1) / PagedKvCache.BlockTokens;

    private static AttentionSample Sample(AttentionPhase phase, int batch, int tokens, AttentionShape shape, KvFormat format, Timing timing)
        => new(phase, batch, tokens, shape.Heads, shape.KvHeads, shape.HeadDim, 0, BitsPerByte * (format == KvFormat.Int8 ? sizeof(sbyte) : sizeof(float)), timing.Seconds, timing.Watts, timing.Spread);

    private static float[] Numbers(int count)
    {
        RandomStream random = RandomStream.For(1, "inputs");
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++)
            numbers[i] = (float)((2 * random.NextDouble()) - 1);
        return numbers;
    }
}
