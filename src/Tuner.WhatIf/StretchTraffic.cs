using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.WhatIf;

/// <summary>Draws arrivals like those observed.</summary>
/// <remarks>
/// Arrivals are Poisson. What was running when the windows were read is put in at the start, each request with what may be left of it. Prompts
/// share prefixes of a few conversations to the observed share; what is evicted and fetched back is not reproduced. Where drafts were
/// used, each request belongs to one of two classes of work, mixed so that the mean acceptance is the observed one.
/// </remarks>
internal sealed class StretchTraffic
{
    /// <summary>Conversations whose prefixes prompts share: few, so that a short warm-up meets them all on every replica.</summary>
    private const int Conversations = 8;

    private const int BlockTokens = 16;

    private readonly ObservedLoad load;
    private readonly LengthShape shape;
    private readonly ulong[][] conversations;
    private readonly (TrafficClass Low, TrafficClass High, double ShareOfHigh) mix;

    /// <param name="load">What was observed.</param>
    /// <param name="scenario">The cluster.</param>
    /// <param name="current">The settings it was observed under.</param>
    public StretchTraffic(ObservedLoad load, Scenario scenario, in KnobSettings current)
    {
        this.load = load;
        shape = LengthShape.For(load, scenario.MaxSequenceTokens);
        mix = current.Speculation && load.DraftAcceptance > 0 ? Mix(scenario.Drafts[current.DraftLevel], load.DraftAcceptance) : (shape.Class, shape.Class, 0);
        conversations = new ulong[Conversations][];
        for (int i = 0; i < Conversations; i++)
        {
            RandomStream random = RandomStream.For((ulong)i, "what-if conversation");
            conversations[i] = [.. Enumerable.Range(0, scenario.MaxSequenceTokens / BlockTokens).Select(_ => random.NextUInt64())];
        }
    }

    /// <summary>Draws a trace.</summary>
    /// <param name="seed">Same seed, same requests.</param>
    /// <param name="decisionSeconds">When the settings may change.</param>
    /// <param name="seconds">Length of the trace.</param>
    /// <param name="backlog">Requests to arrive just before the decision, for those that waited there.</param>
    public TrafficTrace Draw(ulong seed, double decisionSeconds, double seconds, int backlog)
    {
        RandomStream arrivals = RandomStream.For(seed, "what-if arrivals");
        RandomStream lengths = RandomStream.For(seed, "what-if lengths");
        RandomStream started = RandomStream.For(seed, "what-if running");
        RandomStream late = RandomStream.For(seed, "what-if backlog");
        var requests = new List<InferenceRequest>();
        for (int i = 0; i < load.Running; i++)
        {
            InferenceRequest request = Request(0, started);
            requests.Add(request with { OutputTokens = 1 + (int)(started.NextDouble() * request.OutputTokens) });
        }

        bool waits = backlog > 0;
        for (double at = arrivals.NextExponential(1 / load.Rate); at < seconds; at += arrivals.NextExponential(1 / load.Rate))
        {
            if (waits && at >= decisionSeconds)
            {
                for (int i = 0; i < backlog; i++)
                    requests.Add(Request(Math.BitDecrement(decisionSeconds), late));
                waits = false;
            }

            requests.Add(Request(at, lengths));
        }

        return TrafficTrace.Of("what-if", requests, seconds);
    }

    private static (TrafficClass Low, TrafficClass High, double ShareOfHigh) Mix(DraftSpec draft, double acceptance)
    {
        (TrafficClass Class, double Acceptance)[] classes = [.. Enum.GetValues<TrafficClass>().Select(each => (each, (draft.AcceptanceLength(each) - 1) / draft.Tokens)).OrderBy(pair => pair.Item2)];
        int high = Array.FindIndex(classes, pair => pair.Acceptance >= acceptance);
        if (high <= 0)
        {
            TrafficClass edge = high == 0 ? classes[0].Class : classes[^1].Class;
            return (edge, edge, 0);
        }

        (TrafficClass below, double least) = classes[high - 1];
        (TrafficClass above, double most) = classes[high];
        return (below, above, (acceptance - least) / (most - least));
    }

    private InferenceRequest Request(double at, RandomStream random)
    {
        (int prompt, int output) = shape[random.NextInt(shape.Count)];
        TrafficClass trafficClass = random.NextDouble() < mix.ShareOfHigh ? mix.High : mix.Low;
        ulong[] conversation = conversations[random.NextInt(Conversations)];
        int shared = Math.Min(conversation.Length, (int)(load.PrefixHitRate * prompt / BlockTokens));
        return new InferenceRequest(at, prompt, output, trafficClass, conversation.AsMemory(0, shared), shared == 0 ? 0 : BlockTokens);
    }
}
