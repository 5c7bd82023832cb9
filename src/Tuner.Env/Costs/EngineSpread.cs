namespace Tuner.Env.Costs;

/// <summary>How far whole benchmarks of an engine lie from predictions beyond what kernels' tables leave open: scheduling, host time, version.</summary>
/// <remarks>
/// Set so that 80 % of the served benchmarks lie in a band of this and the kernels' spread; <c>tuner calibrate --check</c> prints what share of
/// configurations left out do. An engine nobody compared gets the widest.
/// </remarks>
/// <param name="TokenTime">Of time per output token, as a logarithm.</param>
/// <param name="FirstToken">Of time to first token, as a logarithm.</param>
public sealed record EngineSpread(double TokenTime, double FirstToken)
{
    /// <summary>The spreads of an engine.</summary>
    /// <param name="engine">Its name, in any case.</param>
    public static EngineSpread For(string engine) => engine.ToLowerInvariant() switch
    {
        // aiconfigurator 095f58a, silicon_sample_dev.csv: 353 benchmarks on H100, 46 on H200, and 320 on H200 and B200 (the two want 0.17 and 0.08 apart).
        "trtllm" => new EngineSpread(0.079, 0.22),
        "sglang" => new EngineSpread(0.116, 0.47),
        "vllm" => new EngineSpread(0.14, 0.31),
        _ => new EngineSpread(0.17, 0.47),
    };
}
