using MathNet.Numerics;
using Tuner.Env.Simulation;

namespace Tuner.Env.Traffic;

/// <summary>The requests of one family: a gamma renewal process whose clock runs as fast as the load.</summary>
/// <remarks><code>
/// ∫ λ(t) dt over a gap = g,   g ~ Gamma(1/cv², cv²),   E[g] = 1
/// </code>
/// Lengths are the quantiles of Φ(z₁) and Φ(z₂) for normal z of correlation ρ = 2·sin(π·ρ_s/6), which gives them Spearman's ρ_s
/// (a Gaussian copula).</remarks>
internal sealed class FamilyStream
{
    private readonly FamilySpec spec;
    private readonly double[] load;
    private readonly double seconds;
    private readonly QuantileTable prompts;
    private readonly QuantileTable outputs;
    private readonly RandomStream arrivals;
    private readonly RandomStream lengths;
    private readonly PrefixWriter? prefixes;
    private readonly double correlation;
    private double now;
    private int cell;

    /// <param name="name">The family's name, which names its random streams.</param>
    /// <param name="spec">What to draw.</param>
    /// <param name="load">Requests a second, second by second.</param>
    /// <param name="seconds">Where to stop.</param>
    /// <param name="seed">The run's seed.</param>
    public FamilyStream(string name, FamilySpec spec, double[] load, double seconds, ulong seed)
    {
        this.spec = spec;
        this.load = load;
        this.seconds = seconds;
        prompts = new QuantileTable(spec.Prompt);
        outputs = new QuantileTable(spec.Output);
        arrivals = RandomStream.For(seed, $"{name} arrivals");
        lengths = RandomStream.For(seed, $"{name} lengths");
        prefixes = spec.Prefixes is null ? null : new PrefixWriter(spec.Prefixes, RandomStream.For(seed, $"{name} prefixes"));
        correlation = 2 * Math.Sin(Math.PI * spec.Correlation / 6);
    }

    /// <summary>Moves to the next request; false after the last.</summary>
    public bool TryNext(out InferenceRequest request)
    {
        double variance = spec.Cv * spec.Cv;
        double work = spec.Cv == 1 ? arrivals.NextExponential(1) : Draws.Gamma(arrivals, 1 / variance, variance);
        while (cell < load.Length)
        {
            double left = (cell + 1 - now) * load[cell];
            if (work < left)
            {
                now += work / load[cell];
                break;
            }

            work -= left;
            now = ++cell;
        }

        if (cell >= load.Length || now >= seconds)
        {
            request = default;
            return false;
        }

        double u = lengths.NextDouble();
        double v = lengths.NextDouble();
        if (correlation != 0)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - u));
            double z = radius * Math.Cos(2 * Math.PI * v);
            double other = radius * Math.Sin(2 * Math.PI * v);
            u = Normal(z);
            v = Normal((correlation * z) + (Math.Sqrt(1 - (correlation * correlation)) * other));
        }

        int prompt = prompts.At(u);
        ReadOnlyMemory<ulong> blocks = prefixes is null ? default : prefixes.Next(prompt);
        request = new InferenceRequest(now, prompt, outputs.At(v), spec.Class, blocks, blocks.IsEmpty ? 0 : spec.Prefixes!.BlockTokens);
        return true;
    }

    private static double Normal(double z) => 0.5 * SpecialFunctions.Erfc(-z / Math.Sqrt(2));
}
