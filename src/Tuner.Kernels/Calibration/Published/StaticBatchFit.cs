namespace Tuner.Kernels.Calibration.Published;

/// <summary>Fits the host times of 2024's engines to one model; other models, formats and pipelines are kept to judge by.</summary>
public static class StaticBatchFit
{
    /// <summary>Whether a batch is fitted to: Llama-3-8B in 16 bits, vLLM's on the H100 and TensorRT-LLM's without pipelines.</summary>
    public static bool IsFitted(StaticBatchSample sample) =>
        sample is { Model: "meta-llama/Meta-Llama-3-8B", KvBits: 16, Pipeline: 1 } && sample.Weights == Env.Costs.KernelPrecision.Bf16
        && (sample.Engine == "trtllm" || sample.Device == "h100");

    /// <summary>Fits an engine's host times.</summary>
    /// <param name="study">The study, on the GPU fitted to.</param>
    /// <param name="samples">All batches; those kept, and those of other GPUs and engines, are not looked at.</param>
    /// <param name="device">The GPU's short name.</param>
    /// <param name="engine">The engine.</param>
    public static HostTimes Run(StaticBatchStudy study, IEnumerable<StaticBatchSample> samples, string device, string engine)
    {
        StaticBatchSample[] fitted = [.. samples.Where(sample => sample.Device == device && sample.Engine == engine && IsFitted(sample) && study.Covers(sample))];
        double[] best = RobustFit.Fit(
            [1e-3, 1e-5],
            (values, into) => study.Predict(fitted, new HostTimes(values[0], values[1])).CopyTo(into, 0),
            [.. fitted.Select(sample => sample.Seconds)]);
        return new HostTimes(best[0], best[1]);
    }
}
