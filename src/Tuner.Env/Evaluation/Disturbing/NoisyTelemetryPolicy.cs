using Tuner.Env.Cluster;
using Tuner.Env.Simulation;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Evaluation.Disturbing;

/// <summary>A policy whose telemetry is inexact: rates, lengths, latencies and shares are each a little wrong, anew in every window.</summary>
/// <param name="inner">The policy; it is not told.</param>
/// <param name="spread">Standard deviation of the logarithm of what a value is multiplied by, from 0.</param>
/// <param name="seed">Same seed, same noise.</param>
public sealed class NoisyTelemetryPolicy(ITuningPolicy inner, double spread, ulong seed) : ITuningPolicy, ISeesCluster
{
    private RandomStream random = RandomStream.For(seed, "telemetry noise");

    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public void Reset()
    {
        inner.Reset();
        random = RandomStream.For(seed, "telemetry noise");
    }

    /// <inheritdoc/>
    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
        => inner.Decide(
            window with
            {
                Arrived = (int)Math.Round(Noisy(window.Arrived)),
                MeanPromptTokens = Noisy(window.MeanPromptTokens),
                PromptTokensP90 = Noisy(window.PromptTokensP90),
                MeanOutputTokens = Noisy(window.MeanOutputTokens),
                PromptTokensPerSecond = Noisy(window.PromptTokensPerSecond),
                OutputTokensPerSecond = Noisy(window.OutputTokensPerSecond),
                Waiting = (int)Math.Round(Noisy(window.Waiting)),
                Running = (int)Math.Round(Noisy(window.Running)),
                MeanBatch = Noisy(window.MeanBatch),
                KvUse = NoisyShare(window.KvUse),
                BusyShare = NoisyShare(window.BusyShare),
                TtftP50 = Noisy(window.TtftP50),
                TtftP90 = Noisy(window.TtftP90),
                TpotP50 = Noisy(window.TpotP50),
                TpotP90 = Noisy(window.TpotP90),
                PrefixHitRate = NoisyShare(window.PrefixHitRate),
                DraftAcceptance = NoisyShare(window.DraftAcceptance),
                HostLinkUse = NoisyShare(window.HostLinkUse),
                PowerWatts = Noisy(window.PowerWatts),
            },
            current,
            mask);

    /// <inheritdoc/>
    public void Attach(ServingCluster cluster, Func<ServingCluster> fresh) => (inner as ISeesCluster)?.Attach(cluster, fresh);

    private double Noisy(double value) => value * Math.Exp(spread * random.NextGaussian());

    private double NoisyShare(double value) => Math.Min(1, Noisy(value));
}
