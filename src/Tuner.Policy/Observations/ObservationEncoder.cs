using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Observations;

/// <summary>Turns windows into what a policy sees. The same code encodes a simulated and a real window.</summary>
/// <remarks>
/// Counts and times enter as log(1 + x), so that a policy sees ratios; trends compare the arrival rate with its moving averages.
/// What the traffic is like is told twice: for the window alone, and over its recent past, at least five minutes and a few dozen
/// requests of it. With a request a minute a window says nothing about the kind of traffic, and even with many it misses the long
/// prompts that come now and then and decide which layout survives them.
/// </remarks>
/// <param name="space">The scenario's knobs.</param>
/// <param name="objective">The latency promises.</param>
/// <param name="qualityBudget">Mean quality loss accepted, points.</param>
public sealed class ObservationEncoder(KnobSpace space, ServiceObjective objective, double qualityBudget)
{
    /// <summary>Every field lies within ± this.</summary>
    public const float Bound = 20;

    private const double ShortMemory = 0.3;
    private const double LongMemory = 0.05;
    private const double RecentRequests = 64;
    private const double RecentSeconds = 300;

    private double shortRate;
    private double longRate;
    private double recentPrompt;
    private double recentPromptP90;
    private double recentOutput;
    private bool started;

    /// <summary>Forgets the moving averages.</summary>
    public void Reset()
    {
        started = false;
        recentPrompt = recentPromptP90 = recentOutput = 0;
    }

    /// <summary>Encodes one window. Call it once a window: it keeps moving averages of the arrival rate.</summary>
    /// <param name="window">The window.</param>
    /// <param name="settings">The settings in force.</param>
    /// <param name="observation">Receives <see cref="ObservationSchema.FieldCount"/> values.</param>
    public void Encode(in WindowMetrics window, in KnobSettings settings, Span<float> observation)
    {
        if (observation.Length != ObservationSchema.FieldCount)
            throw new ArgumentException($"An observation has {ObservationSchema.FieldCount} fields; the buffer has {observation.Length}.", nameof(observation));
        double rate = window.Arrived / Math.Max(window.Seconds, 1e-9);
        shortRate = started ? shortRate + (ShortMemory * (rate - shortRate)) : rate;
        longRate = started ? longRate + (LongMemory * (rate - longRate)) : rate;
        started = true;
        recentPrompt = Recent(recentPrompt, window.MeanPromptTokens, window.Arrived, window.Seconds);
        recentPromptP90 = Recent(recentPromptP90, window.PromptTokensP90, window.Arrived, window.Seconds);
        recentOutput = Recent(recentOutput, window.MeanOutputTokens, window.Completed, window.Seconds);

        int i = 0;
        Put(observation, ref i, Math.Log(1 + rate));
        Put(observation, ref i, Math.Log((0.1 + rate) / (0.1 + shortRate)));
        Put(observation, ref i, Math.Log((0.1 + shortRate) / (0.1 + longRate)));
        Put(observation, ref i, Math.Log(1 + window.MeanPromptTokens));
        Put(observation, ref i, Math.Log(1 + window.PromptTokensP90));
        Put(observation, ref i, Math.Log(1 + window.MeanOutputTokens));
        Put(observation, ref i, Math.Log(1 + longRate));
        Put(observation, ref i, Math.Log(1 + recentPrompt));
        Put(observation, ref i, Math.Log(1 + recentPromptP90));
        Put(observation, ref i, Math.Log(1 + recentOutput));
        Put(observation, ref i, Math.Log(1 + window.PromptTokensPerSecond));
        Put(observation, ref i, Math.Log(1 + window.OutputTokensPerSecond));
        Put(observation, ref i, Math.Log(1 + window.Waiting));
        Put(observation, ref i, Math.Log(1 + window.Running));
        Put(observation, ref i, Math.Log(1 + window.MeanBatch));
        Put(observation, ref i, window.KvUse);
        Put(observation, ref i, window.BusyShare);
        Put(observation, ref i, Math.Log(1 + window.Preemptions));
        Put(observation, ref i, Math.Log(1 + (window.TtftP50 / objective.TtftSeconds)));
        Put(observation, ref i, Math.Log(1 + (window.TtftP90 / objective.TtftSeconds)));
        Put(observation, ref i, Math.Min(4, window.TpotP50 / objective.TpotSeconds));
        Put(observation, ref i, Math.Min(4, window.TpotP90 / objective.TpotSeconds));
        Put(observation, ref i, window.TtftAttainment);
        Put(observation, ref i, window.Attainment);
        Put(observation, ref i, window.PrefixHitRate);
        Put(observation, ref i, window.DraftAcceptance);
        Put(observation, ref i, window.HostLinkUse);
        Put(observation, ref i, window.PrefetchUseful);
        Put(observation, ref i, Math.Sign(window.QualityBalance) * Math.Log(1 + Math.Abs(window.QualityBalance)));
        Put(observation, ref i, window.QualityLoss / Math.Max(qualityBudget, 0.05));
        Put(observation, ref i, window.SwitchShare);
        Put(observation, ref i, Math.Min(1, window.SecondsSinceSwitch / 120));
        for (int mode = 0; mode < 4; mode++)
            Put(observation, ref i, (int)settings.Parallelism == mode ? 1 : 0);
        Put(observation, ref i, settings.Precision == PrecisionMode.Fp8Fp4 ? 1 : 0);
        Put(observation, ref i, (double)settings.MaxBatchLevel / Math.Max(1, space.BatchLadder.Count - 1));
        Put(observation, ref i, (double)settings.BatchWaitLevel / Math.Max(1, space.BatchWaitLadder.Count - 1));
        Put(observation, ref i, settings.KvCompression ? 1 : 0);
        Put(observation, ref i, settings.Speculation ? 1 : 0);
        Put(observation, ref i, (double)settings.DraftLevel / Math.Max(1, space.Drafts.Count - 1));
        Put(observation, ref i, settings.KvPrefetch ? 1 : 0);
    }

    /// <summary>A mean over about <see cref="RecentRequests"/> requests or <see cref="RecentSeconds"/>, whichever is longer; the first seen stand for those before.</summary>
    private static double Recent(double before, double now, int requests, double seconds)
    {
        if (requests == 0)
            return before;
        double share = 1 - Math.Exp(-Math.Min(requests / RecentRequests, seconds / RecentSeconds));
        return before == 0 ? now : before + (share * (now - before));
    }

    private static void Put(Span<float> observation, ref int index, double value)
        => observation[index++] = Math.Clamp((float)value, -Bound, Bound);
}
