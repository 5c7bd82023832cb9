using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands.Prediction;

/// <summary>Weight formats as people write them.</summary>
internal static class PrecisionName
{
    /// <summary>Reads <c>bf16</c>, <c>fp8</c>, <c>fp8-block</c>, <c>int8</c> or <c>fp8-fp4</c>.</summary>
    /// <exception cref="ScenarioFormatException">It is none of them.</exception>
    public static (KernelPrecision Weights, PrecisionMode Mode) Parse(string name) => name.ToLowerInvariant() switch
    {
        "" or "bf16" or "bfloat16" or "fp16" => (KernelPrecision.Bf16, PrecisionMode.Fp8),
        "fp8" => (KernelPrecision.Fp8, PrecisionMode.Fp8),
        "fp8-block" or "fp8_block" => (KernelPrecision.Fp8Block, PrecisionMode.Fp8),
        "int8" => (KernelPrecision.Int8, PrecisionMode.Fp8),
        "fp8-fp4" or "fp4" or "nvfp4" => (KernelPrecision.Fp8, PrecisionMode.Fp8Fp4),
        _ => throw new ScenarioFormatException($"precision \"{name}\": expected bf16, fp8, fp8-block, int8 or fp8-fp4."),
    };

    /// <summary>Writes an engine's weight format.</summary>
    public static string Of(EngineSpec engine) => engine.Precision == PrecisionMode.Fp8Fp4 ? "fp8-fp4" : engine.Weights switch
    {
        KernelPrecision.Bf16 => "bf16",
        KernelPrecision.Fp8Block => "fp8-block",
        KernelPrecision.Int8 => "int8",
        _ => "fp8",
    };
}
