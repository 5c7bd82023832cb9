using Tuner.Env.Cluster;
using Tuner.Env.Costs;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Env;

/// <summary>Scenarios, traffic and runs the tests of the simulator share.</summary>
internal static class Lab
{
    public const int PrefixTokens = 512;

    public static EngineCostCache Costs(Scenario scenario) => new(scenario, new MeasuredCostModel(scenario.Hardware));

    /// <summary>The scenario with so little GPU memory that the named layout's smallest pool holds about this many tokens of KV.</summary>
    public static Scenario Tight(Scenario scenario, in KnobSettings settings, int kvTokens, double hostBytes)
    {
        Scenario tight = scenario with { HostCache = scenario.HostCache with { BytesPerGpu = hostBytes } };
        while (true)
        {
            Scenario tighter = tight with { Hardware = tight.Hardware with { MemoryBytes = tight.Hardware.MemoryBytes * 0.995 } };
            KnobSettings copy = settings;
            int blocks = tighter.LayoutOf(settings.Parallelism).Pools.Min(pool => tighter.PlanFor(pool, copy).KvBlocks);
            if (blocks * MemoryPlan.BlockTokens < kvTokens || !tighter.Fits(settings) || !tighter.Fits(tighter.DefaultSettings))
                return tight;
            tight = tighter;
        }
    }

    /// <summary>Poisson arrivals; lengths between half and one and a half of their means.</summary>
    public static TrafficTrace Poisson(ulong seed, double rate, double seconds, int prompt, int output, TrafficClass trafficClass = TrafficClass.Chat)
    {
        RandomStream random = RandomStream.For(seed, "test-traffic");
        var requests = new List<InferenceRequest>();
        for (double at = random.NextExponential(1 / rate); at < seconds; at += random.NextExponential(1 / rate))
            requests.Add(new InferenceRequest(at, Around(random, prompt), Around(random, output), trafficClass));
        return TrafficTrace.Of("poisson", requests, seconds);
    }

    /// <summary>Requests all at once.</summary>
    public static TrafficTrace Burst(int count, int prompt, int output)
        => TrafficTrace.Of("burst", [.. Enumerable.Range(0, count).Select(_ => new InferenceRequest(0, prompt, output, TrafficClass.Chat))], 1);

    /// <summary>Sessions whose prompts grow turn by turn, single requests of every length between them, a few that can never fit.</summary>
    public static TrafficTrace Sessions(ulong seed, int count, double rate, int sessions, int mostBlocks, int tooLong)
    {
        RandomStream random = RandomStream.For(seed, "test-sessions");
        var turns = new int[sessions];
        var requests = new List<InferenceRequest>();
        double at = 0;
        for (int i = 0; i < count; i++)
        {
            at += random.NextExponential(1 / rate);
            int output = 1 + random.NextInt(random.NextInt(10) == 0 ? 1200 : 200);
            switch (random.NextInt(20))
            {
                case 0:
                    requests.Add(new InferenceRequest(at, 1 + random.NextInt(20_000), output, TrafficClass.LongContext));
                    break;
                case 1 when random.NextInt(4) == 0:
                    requests.Add(new InferenceRequest(at, tooLong, output, TrafficClass.LongContext));
                    break;
                case < 6:
                    requests.Add(new InferenceRequest(at, 1 + random.NextInt(2000), random.NextInt(8) == 0 ? 1 : output, TrafficClass.Chat));
                    break;
                default:
                    int session = random.NextInt(sessions);
                    int blocks = 1 + (turns[session]++ % mostBlocks);
                    requests.Add(Turn(at, session, blocks, 1 + random.NextInt(500), output));
                    break;
            }
        }

        return TrafficTrace.Of("sessions", requests, at);
    }

    /// <summary>One turn of a session: known blocks, then a tail of its own.</summary>
    public static InferenceRequest Turn(double at, int session, int blocks, int tail, int output)
    {
        ulong[] hashes = [.. Enumerable.Range(0, blocks).Select(block => ((ulong)session << 32) + (ulong)block + 1)];
        return new InferenceRequest(at, (blocks * PrefixTokens) + tail, output, TrafficClass.Agentic, hashes, PrefixTokens);
    }

    public static KnobSettings RandomSettings(RandomStream random, Scenario scenario)
    {
        while (true)
        {
            var settings = new KnobSettings(
                (ParallelismMode)random.NextInt(4),
                (PrecisionMode)random.NextInt(2),
                random.NextInt(scenario.Knobs.BatchLadder.Count),
                random.NextInt(scenario.Knobs.BatchWaitLadder.Count),
                random.NextInt(2) == 0,
                scenario.Drafts.Count > 0 && random.NextInt(2) == 0,
                scenario.Drafts.Count > 0 ? random.NextInt(scenario.Drafts.Count) : 0,
                random.NextInt(2) == 0);
            if (scenario.Fits(settings))
                return settings;
        }
    }

    public static RunResult Run(Scenario scenario, TrafficTrace trace, in KnobSettings settings)
        => PolicyRunner.Run(Costs(scenario), trace, new FixedPolicy("test", settings), settings);

    public static double MeanTtft(this RunResult run) => run.Outcomes.Where(each => each.Completed).Average(each => each.TtftSeconds);

    public static double MeanTpot(this RunResult run) => run.Outcomes.Where(each => each.Completed && each.OutputTokens > 1).Average(each => each.TpotSeconds);

    public static double LastEnd(this RunResult run) => run.Outcomes.Where(each => each.Completed).Max(each => each.EndSeconds);

    public static int Preemptions(this RunResult run) => run.Windows.Sum(window => window.Preemptions);

    public static double LinkSeconds(this RunResult run) => run.Windows.Sum(window => window.HostLinkUse * window.Seconds);

    private static int Around(RandomStream random, int mean) => Math.Max(1, (int)(mean * (0.5 + random.NextDouble())));
}
