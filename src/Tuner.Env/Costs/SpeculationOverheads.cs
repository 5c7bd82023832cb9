namespace Tuner.Env.Costs;

/// <summary>What speculation adds to a step beside the kernels of its draft passes and the rows it verifies.</summary>
/// <param name="StepSeconds">A step that verifies: rejection sampling and preparing the next draft.</param>
/// <param name="SequenceSeconds">The same, for every sequence.</param>
/// <param name="PassSeconds">A draft pass: its inputs, its sampling and their launches.</param>
/// <param name="LayerSeconds">A layer of a draft pass: attention is launched outside of captured graphs, once a layer.</param>
/// <param name="Source">Where the figures come from.</param>
public sealed record SpeculationOverheads(double StepSeconds, double SequenceSeconds, double PassSeconds, double LayerSeconds, string Source)
{
    /// <summary>vLLM's of January 2026, fitted to measured throughput (Tuner.Kernels, <c>SpeculationFit</c>).</summary>
    /// <remarks>
    /// 680 µs a step, 106 µs a sequence, 130 µs a draft pass and 25 µs a layer of it, from the rows of one draft model at 1, 4, 16 and 64 requests
    /// in flight. The time of a sequence is large; a share of the time verified rows take, offered beside it, was fitted to nothing.
    /// </remarks>
    public static SpeculationOverheads Vllm { get; } = new(
        680e-6,
        106e-6,
        130e-6,
        25e-6,
        "fitted to tomasruizt/vllm-scripts d94d714, Qwen3-32B with Qwen3-1.7B on one H100 94 GB");
}
