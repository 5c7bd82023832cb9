namespace Tuner.Env.Measurement;

/// <summary>What GPUs and requests did in one stretch of a run.</summary>
public record struct TimelineBin
{
    /// <summary>GPU-seconds in steps with prompts in them.</summary>
    public double PromptGpuSeconds { get; set; }

    /// <summary>GPU-seconds in steps that only decode.</summary>
    public double DecodeGpuSeconds { get; set; }

    /// <summary>GPU-seconds in which replicas stood still for a change of settings.</summary>
    public double PausedGpuSeconds { get; set; }

    /// <summary>Time requests waited for a place in a batch, request-seconds.</summary>
    public double WaitingSeconds { get; set; }

    /// <summary>Time requests were in a batch, request-seconds.</summary>
    public double RunningSeconds { get; set; }

    /// <summary>Largest share of KV blocks in use on any replica at the end of a step, 0 to 1.</summary>
    public double KvPeak { get; set; }

    /// <summary>Requests that lost their place.</summary>
    public int Preemptions { get; set; }
}
