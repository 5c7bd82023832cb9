using Tuner.Env.Costs;
using Tuner.Env.Traffic;

namespace Tuner.Env.Scenarios;

/// <summary>A draft model and how well it guesses.</summary>
/// <param name="Model">The draft model.</param>
/// <param name="Tokens">Tokens drafted a step (k), at least 1.</param>
/// <param name="AcceptanceByClass">
/// For each <see cref="TrafficClass"/>, the probability that the token at each of the k positions is accepted, given that
/// all before it were; k values in (0, 1) each.
/// </param>
public sealed record DraftSpec(ModelSpec Model, int Tokens, IReadOnlyList<double[]> AcceptanceByClass)
{
    /// <summary>Mean tokens a verification step yields, its own included: 1 + Σ over positions of the product of acceptances.</summary>
    public double AcceptanceLength(TrafficClass trafficClass)
    {
        double length = 1;
        double survival = 1;
        foreach (double acceptance in AcceptanceByClass[(int)trafficClass])
        {
            survival *= acceptance;
            length += survival;
        }

        return length;
    }

    /// <summary>The same draft, guessing better or worse at every position.</summary>
    /// <param name="added">What is added to each probability of acceptance; they stay within 0.01 and 0.99.</param>
    public DraftSpec WithAcceptance(double added)
        => this with { AcceptanceByClass = [.. AcceptanceByClass.Select(positions => positions.Select(acceptance => Math.Clamp(acceptance + added, 0.01, 0.99)).ToArray())] };
}
