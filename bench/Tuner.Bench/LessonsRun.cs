using System.Globalization;
using MathNet.Numerics.Statistics;
using Tuner.Agent.Imitation;
using Tuner.Agent.Ppo;
using Tuner.Env;
using Tuner.Env.Baselines;
using Tuner.Env.Baselines.LookAhead;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Rewards;
using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;

namespace Tuner.Bench;

/// <summary>
/// What keeps a clone from its teacher: too few lessons, too small a network, forgetting, or foresight. A teacher who sees a minute ahead
/// says what every alternative would have cost; printed is what a network's choices cost on drifting days it was not taught on.
/// </summary>
internal static class LessonsRun
{
    private const int TaughtDays = 6;
    private const int OtherDays = 4;
    private const int Taught = 128;
    private const int Usual = 64;
    private const int HeldOut = 48;
    private const int Networks = 3;
    private const int Horizon = 6;
    private const double Seconds = 2400;
    private const double Light = 0.7;
    private const double Heavy = 1.2;

    public static int Run(string name, int seed)
    {
        var costs = new EngineCostCache(ScenarioFile.Load(name));
        KnobSettings best = SustainedSearch.Run(costs, Day(seed), SustainedSearch.WithinBudget(costs.Scenario), (ulong)seed)[0].Settings;
        EpisodeTraffic[] days = [.. Enumerable.Range(0, TaughtDays).Select(day => Around(costs, Day(seed + (10_000 * Math.Sign(day)) + day), best))];
        EpisodeTraffic[] others = [.. Enumerable.Range(0, OtherDays).Select(day => Around(costs, Day(seed + 30_000 + day), best))];
        var rewards = new RewardOptions();
        TrafficContext[] contexts = TrafficContext.DrawEach(days, 2, (ulong)seed, "contexts");
        Portfolio portfolio = PortfolioSearch.Run(costs, contexts, [best]);
        KnobSettings[] candidates = [.. portfolio.Settings.Append(best).Concat(PortfolioSearch.Upgrades(costs, contexts, portfolio, rewards.PlentyQualityPrice, 5)).Distinct()];
        var teacher = new LookAheadOptions { Candidates = candidates, Horizon = Horizon, WaitingPrice = 1, QualityPrice = rewards.QualityPrice };
        Lesson[] taught = Lessons(costs, days, Taught, teacher, [costs.Scenario.DefaultSettings, .. candidates], seed);
        Lesson[] heldOut = Lessons(costs, others, HeldOut, teacher, [costs.Scenario.DefaultSettings, .. candidates], seed);
        Console.WriteLine($"{name}: {candidates.Length} settings; lost against a teacher who sees a minute ahead, per cent of a window's requests, on {HeldOut} stretches of other days");

        Demonstrations[] still = Apprenticeship.Collect([.. heldOut.Select(lesson => lesson with { Starts = [best] })], () => new FixedPolicy("static-best", best), RandomStream.For((ulong)seed, "still"));
        Print("static-best, wherever it leads", [.. still.Select(stretch => stretch.Alternatives.Average(each => each[0].Regret))]);
        (Demonstrations[] Taught, Demonstrations[] HeldOut)[] rounds = Rehearse(taught, heldOut, seed);
        Report($"clone: {Usual} lessons, {Apprenticeship.StepsARound:#,0} steps a round", Usual);
        Report($"{Taught} lessons", Taught);
        Report($"{Taught} lessons, 6,000 steps", Taught, 6000);
        Report($"{Taught} lessons, 256 wide", Taught, hidden: 256);
        Report($"{Taught} lessons, sees also 20 s ago", Taught, frames: 1);
        Report($"{Taught} lessons, sees also 20, 40 and 60 s ago", Taught, frames: 3);
        Report($"{Taught} lessons, is told what the next minute brings", Taught, foresight: true);
        return 0;

        void Report(string what, int lessons, int steps = Apprenticeship.StepsARound, int hidden = 64, int frames = 0, bool foresight = false)
        {
            Demonstrations Seen(Demonstrations stretch, Lesson lesson) => Widened(stretch, frames, foresight ? lesson.Trace : null);
            var examples = new Demonstrations(KnobSpace.HeadSizes.ToArray());
            foreach (Demonstrations stretch in rounds.SelectMany(round => round.Taught.Take(lessons).Zip(taught, Seen)))
                examples.Add(stretch);
            Demonstrations[] asked = [.. rounds.SelectMany(round => round.HeldOut.Zip(heldOut, Seen))];
            var options = new PpoOptions { HiddenLayers = [hidden, hidden] };
            double[][] regrets = [.. Enumerable.Range(0, Networks).Select(network => Cloning.Fit(options, examples, steps, (ulong)(seed + network))).Select(clone => asked.Select(stretch => Regret(clone, stretch)).ToArray())];
            Print(what, [.. Enumerable.Range(0, asked.Length).Select(stretch => regrets.Average(row => row[stretch]))]);
        }
    }

    /// <summary>The lessons of training, round by round, and beside each what the same driver would have heard on other days.</summary>
    private static (Demonstrations[] Taught, Demonstrations[] HeldOut)[] Rehearse(Lesson[] taught, Lesson[] heldOut, int seed)
    {
        var rounds = new List<(Demonstrations[], Demonstrations[])>();
        Apprenticeship.Run(taught[..Usual], new PpoOptions(), (ulong)seed, (seen, driver, starts) =>
            rounds.Add(([.. seen, .. Apprenticeship.Collect(taught[Usual..], driver, starts)], Apprenticeship.Collect(heldOut, driver, starts))));
        return [.. rounds];
    }

    /// <summary>What a clone's likeliest alternatives cost, on average over a stretch.</summary>
    private static double Regret(Apprentice clone, Demonstrations stretch)
    {
        PolicyNetwork network = clone.Network;
        float[] seen = new float[stretch.Observations[0].Length];
        float[] logits = new float[KnobSpace.LogitCount];
        double lost = 0;
        for (int i = 0; i < stretch.Count; i++)
        {
            clone.Normalizer.Apply(stretch.Observations[i], seen);
            network.Forward(seen, logits);
            lost += stretch.Alternatives[i].MaxBy(alternative => MaskedChoice.LogProbability(logits, KnobSpace.HeadSizes, stretch.Masks[i], alternative.Action))!.Regret;
        }

        return lost / stretch.Count;
    }

    /// <summary>The same examples with more to see: what was seen before, an example being 20 s after the last, or what no engine can report.</summary>
    private static Demonstrations Widened(Demonstrations stretch, int frames, TrafficTrace? toCome)
    {
        if (frames == 0 && toCome is null)
            return stretch;
        var wider = new Demonstrations(KnobSpace.HeadSizes.ToArray());
        for (int i = 0; i < stretch.Count; i++)
        {
            IEnumerable<float> seen = Enumerable.Range(0, frames + 1).SelectMany(back => stretch.Observations[Math.Max(0, i - back)]);
            float[] observation = [.. toCome is null ? seen : seen.Concat(NextMinute(toCome, PolicyRunner.WindowSeconds * (1 + (2 * i))))];
            wider.Add(observation, stretch.Masks[i], stretch.Actions[i], stretch.Weights[i], stretch.Alternatives[i]);
        }

        return wider;
    }

    /// <summary>How many requests come in the next minute, with how many tokens, and the longest prompt among them; logarithms.</summary>
    private static float[] NextMinute(TrafficTrace trace, double now)
    {
        Range minute = trace.FirstAtOrAfter(now)..trace.FirstAtOrAfter(now + 60);
        int[] prompts = trace.PromptTokens[minute].ToArray();
        int[] outputs = trace.OutputTokens[minute].ToArray();
        return [.. new double[] { prompts.Length, prompts.Sum(), outputs.Sum(), prompts.DefaultIfEmpty(0).Max() }.Select(value => (float)Math.Log(1 + value))];
    }

    private static Lesson[] Lessons(EngineCostCache costs, EpisodeTraffic[] days, int count, LookAheadOptions teacher, KnobSettings[] starts, int seed)
        => [.. TrafficContext.Draw(days, count, Seconds, (ulong)seed, "lessons").Select(context => new Lesson(costs, context.Trace, teacher, starts))];

    private static EpisodeTraffic Around(EngineCostCache costs, TrafficTrace day, KnobSettings best)
    {
        double carried = SustainedLoad.Find(costs, day, () => new FixedPolicy("static-best", best), 1, best);
        return new EpisodeTraffic(day, 1, Light * carried, Heavy * carried);
    }

    private static TrafficTrace Day(int seed) => TrafficTrace.Load(TrafficPresets.Open("mixed-day", (ulong)seed));

    private static void Print(string what, double[] regrets)
        => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-56} {100 * regrets.Mean():0.00} ± {100 * regrets.StandardDeviation() / Math.Sqrt(regrets.Length):0.00}"));
}
