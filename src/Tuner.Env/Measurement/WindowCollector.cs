using Tuner.Env.Scenarios;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Measurement;

/// <summary>Adds up one decision window; allocates nothing once its buffers have grown.</summary>
internal sealed class WindowCollector(Scenario scenario)
{
    private readonly SampleSet prompts = new();
    private readonly SampleSet outputs = new();
    private readonly SampleSet ttft = new();
    private readonly SampleSet tpot = new();
    private int ttftMet;
    private int met;
    private int failed;
    private double loss;
    private double totalLoss;
    private long totalEnded;
    private long windows;

    public double PrefillTokens { get; set; }

    public double CachedTokens { get; set; }

    public double OutputTokens { get; set; }

    public double BusySeconds { get; set; }

    public double PausedSeconds { get; set; }

    public double BatchSeconds { get; set; }

    public double Joules { get; set; }

    public double Drafted { get; set; }

    public double Accepted { get; set; }

    public double LinkSeconds { get; set; }

    public int Preemptions { get; set; }

    public int Prefetched { get; set; }

    public int PrefetchHits { get; set; }

    public long EngineSteps { get; set; }

    public int TotalSwitches { get; set; }

    public double TotalJoules { get; private set; }

    public double TotalOutputTokens { get; private set; }

    public double LastSwitchSeconds { get; set; }

    /// <summary>Quality saved before the start, in windows' worth of budget.</summary>
    public double SavedWindows { get; set; }

    public IOutcomeSink? Sink { get; set; }

    public void Arrived(int promptTokens) => prompts.Add(promptTokens);

    public void FirstToken(double seconds, int promptTokens)
    {
        ttft.Add(seconds);
        if (seconds <= scenario.Objective.TtftFor(promptTokens))
            ttftMet++;
    }

    public void Ended(in RequestOutcome outcome)
    {
        totalEnded++;
        if (outcome.Completed)
        {
            outputs.Add(outcome.OutputTokens);
            if (outcome.OutputTokens > 1)
                tpot.Add(outcome.TpotSeconds);
            loss += outcome.QualityLoss;
            totalLoss += outcome.QualityLoss;
        }
        else
        {
            failed++;
        }

        if (outcome.Met)
            met++;
        Sink?.Add(outcome);
    }

    /// <summary>Becomes a copy of another collector, whose sink stays its own.</summary>
    public void CopyFrom(WindowCollector other)
    {
        prompts.CopyFrom(other.prompts);
        outputs.CopyFrom(other.outputs);
        ttft.CopyFrom(other.ttft);
        tpot.CopyFrom(other.tpot);
        (ttftMet, met, failed, loss, totalLoss, totalEnded, windows) = (other.ttftMet, other.met, other.failed, other.loss, other.totalLoss, other.totalEnded, other.windows);
        (PrefillTokens, CachedTokens, OutputTokens, BusySeconds) = (other.PrefillTokens, other.CachedTokens, other.OutputTokens, other.BusySeconds);
        (PausedSeconds, BatchSeconds, Joules, Drafted, Accepted) = (other.PausedSeconds, other.BatchSeconds, other.Joules, other.Drafted, other.Accepted);
        (LinkSeconds, Preemptions, Prefetched, PrefetchHits) = (other.LinkSeconds, other.Preemptions, other.Prefetched, other.PrefetchHits);
        (EngineSteps, TotalSwitches, TotalJoules, TotalOutputTokens) = (other.EngineSteps, other.TotalSwitches, other.TotalJoules, other.TotalOutputTokens);
        (LastSwitchSeconds, SavedWindows) = (other.LastSwitchSeconds, other.SavedWindows);
    }

    /// <summary>Reads the window out and begins the next.</summary>
    public WindowMetrics Take(double seconds, double now, int replicas, int waiting, int running, double kvUse, double lossRunning)
    {
        windows++;
        int ended = outputs.Count + failed;
        double budget = scenario.Quality.Budget;
        double perWindow = Math.Max(1, (double)totalEnded / windows);
        double balance = budget <= 0 ? 0 : SavedWindows + (((budget * totalEnded) - totalLoss - lossRunning) / (budget * perWindow));
        double engineSeconds = seconds * replicas;
        var metrics = new WindowMetrics
        {
            Seconds = seconds,
            Arrived = prompts.Count,
            Completed = outputs.Count,
            Failed = failed,
            MeanPromptTokens = prompts.Mean,
            PromptTokensP90 = prompts.Percentile(0.9),
            MeanOutputTokens = outputs.Mean,
            PromptTokensPerSecond = PrefillTokens / seconds,
            OutputTokensPerSecond = OutputTokens / seconds,
            Waiting = waiting,
            Running = running,
            MeanBatch = BusySeconds > 0 ? BatchSeconds / BusySeconds : 0,
            KvUse = kvUse,
            BusyShare = Math.Min(1, BusySeconds / engineSeconds),
            Preemptions = Preemptions,
            TtftP50 = ttft.Percentile(0.5),
            TtftP90 = ttft.Percentile(0.9),
            TpotP50 = tpot.Percentile(0.5),
            TpotP90 = tpot.Percentile(0.9),
            TtftAttainment = ttft.Count == 0 ? 1 : (double)ttftMet / ttft.Count,
            Attainment = ended == 0 ? 1 : (double)met / ended,
            PrefixHitRate = CachedTokens > 0 ? CachedTokens / (CachedTokens + PrefillTokens) : 0,
            DraftAcceptance = Drafted > 0 ? Accepted / Drafted : 0,
            HostLinkUse = Math.Min(1, LinkSeconds / engineSeconds),
            PrefetchUseful = Prefetched > 0 ? Math.Min(1, (double)PrefetchHits / Prefetched) : 0,
            PowerWatts = Joules / seconds,
            QualityLoss = outputs.Count > 0 ? loss / outputs.Count : 0,
            QualityBalance = balance,
            SwitchShare = Math.Min(1, PausedSeconds / engineSeconds),
            SecondsSinceSwitch = now - LastSwitchSeconds,
        };
        TotalJoules += Joules;
        TotalOutputTokens += OutputTokens;
        prompts.Clear();
        outputs.Clear();
        ttft.Clear();
        tpot.Clear();
        ttftMet = met = failed = Preemptions = Prefetched = PrefetchHits = 0;
        loss = PrefillTokens = CachedTokens = OutputTokens = BusySeconds = PausedSeconds = BatchSeconds = Joules = Drafted = Accepted = LinkSeconds = 0;
        return metrics;
    }
}
