using Tuner.Policy.Knobs;

namespace Tuner.Env;

/// <summary>The eight documented actions as a table for <see cref="FlatActionEnvironment"/>: one a step, each on one knob, or hold.</summary>
/// <remarks>Names are spelled as on the command line, with <c>up</c> and <c>down</c> for one rung of a ladder.</remarks>
public static class ServingActions
{
    /// <summary>The table; the first entry changes nothing.</summary>
    public static IReadOnlyList<FlatAction> All { get; } =
    [
        new("hold", Holding()),
        Setting("parallelism=single", Knob.Parallelism, (int)ParallelismMode.Single),
        Setting("parallelism=tensor", Knob.Parallelism, (int)ParallelismMode.Tensor),
        Setting("parallelism=pipeline", Knob.Parallelism, (int)ParallelismMode.Pipeline),
        Setting("parallelism=hybrid", Knob.Parallelism, (int)ParallelismMode.Hybrid),
        Setting("precision=fp8", Knob.Precision, (int)PrecisionMode.Fp8),
        Setting("precision=fp8-fp4", Knob.Precision, (int)PrecisionMode.Fp8Fp4),
        Setting("max-batch=down", Knob.MaxBatch, (int)LadderMove.Down),
        Setting("max-batch=up", Knob.MaxBatch, (int)LadderMove.Up),
        Setting("batch-wait=down", Knob.BatchWait, (int)LadderMove.Down),
        Setting("batch-wait=up", Knob.BatchWait, (int)LadderMove.Up),
        Setting("kv-compression=off", Knob.KvCompression, 0),
        Setting("kv-compression=on", Knob.KvCompression, 1),
        Setting("speculation=off", Knob.Speculation, 0),
        Setting("speculation=on", Knob.Speculation, 1),
        Setting("draft=smaller", Knob.Draft, (int)LadderMove.Down),
        Setting("draft=larger", Knob.Draft, (int)LadderMove.Up),
        Setting("kv-prefetch=off", Knob.KvPrefetch, 0),
        Setting("kv-prefetch=on", Knob.KvPrefetch, 1),
    ];

    private static FlatAction Setting(string name, Knob knob, int value)
    {
        int[] values = Holding();
        values[(int)knob] = value;
        return new FlatAction(name, values);
    }

    private static int[] Holding()
    {
        int[] values = new int[KnobSpace.HeadCount];
        Array.Fill(values, FlatAction.Hold);
        return values;
    }
}
