using Tuner.Env.Measurement;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Fuzzing;

/// <summary>What holds for every run of every valid scenario under every action sequence.</summary>
internal static class ClusterProperties
{
    private const double Rounding = 1e-6;

    /// <summary>Lives through a case in small pieces, again in the same pieces, and from action to action, by jumps and step by step; throws at the first thing that does not hold.</summary>
    public static ClusterRun Check(FuzzCase drawn)
    {
        ClusterRun pieces = ClusterRun.Of(drawn, cuts: true);
        EachRequestEndsOnce(pieces);
        WindowsAddUp(pieces);
        FirstComeFirstServed(drawn, pieces);
        Same(pieces, ClusterRun.Of(drawn, cuts: true));
        ClusterRun whole = ClusterRun.Of(drawn, cuts: false);
        Alike(pieces, whole, "cut into pieces");
        Alike(ClusterRun.Of(drawn, cuts: false, stepByStep: true), whole, "step by step");
        return pieces;
    }

    private static void EachRequestEndsOnce(ClusterRun run)
    {
        Equal(run.Trace.Count, run.Outcomes.Count, "requests ended");
        Equal(run.Trace.Count, run.Outcomes.Select(outcome => outcome.Request).Distinct().Count(), "different requests ended");
        foreach (RequestOutcome outcome in run.Outcomes)
        {
            int i = outcome.Request;
            Hold(
                outcome.ArrivalSeconds == run.Trace.Arrivals[i] && outcome.PromptTokens == run.Trace.PromptTokens[i] && OutputTokensFit(outcome, run.Trace.OutputTokens[i]) && outcome.Class == run.Trace.Classes[i],
                $"request {i} ended as another: {outcome}");
            Hold(outcome.EndSeconds >= outcome.ArrivalSeconds && double.IsFinite(outcome.EndSeconds), $"request {i} ended before it came: {outcome}");
            if (!outcome.Completed)
            {
                Hold(!outcome.Met, $"request {i} was not served, and met its promises: {outcome}");
                continue;
            }

            Hold(outcome.FirstTokenSeconds > outcome.ArrivalSeconds && outcome.FirstTokenSeconds <= outcome.EndSeconds, $"first token of request {i} out of order: {outcome}");
            bool mayComeAtOnce = outcome.OutputTokens == 1 || run.Changes > 0; // moved to another replica, tokens overtake a first one that the old front still holds
            Hold(mayComeAtOnce || outcome.EndSeconds > outcome.FirstTokenSeconds, $"request {i} decoded in no time: {outcome}");
            Hold(outcome.QualityLoss >= 0 && outcome.QualityLoss <= (1.5 * run.Scenario.Quality.Fp4Loss) + Rounding, $"request {i} lost impossible quality: {outcome}");
            ServiceObjective promised = run.Scenario.Objective;
            Equal(outcome.TtftSeconds <= promised.TtftFor(outcome.PromptTokens) && outcome.TpotSeconds <= promised.TpotSeconds, outcome.Met, $"request {i} met its promises: {outcome}");
        }
    }

    private static bool OutputTokensFit(RequestOutcome outcome, int asked) => outcome.Ending switch
    {
        RequestEnding.Cancelled => outcome.OutputTokens >= 1 && outcome.OutputTokens <= asked,
        RequestEnding.TimedOut => outcome.OutputTokens >= 0 && outcome.OutputTokens <= asked,
        _ => outcome.OutputTokens == asked,
    };

    private static void WindowsAddUp(ClusterRun run)
    {
        RequestOutcome[] completed = [.. run.Outcomes.Where(outcome => outcome.Completed)];
        double refusedTokens = run.Outcomes.Where(outcome => !outcome.Completed).Sum(outcome => (double)run.Trace.OutputTokens[outcome.Request]);
        foreach (WindowMetrics window in run.Windows)
        {
            double[] shares = [window.KvUse, window.BusyShare, window.TtftAttainment, window.Attainment, window.PrefixHitRate, window.DraftAcceptance, window.HostLinkUse, window.PrefetchUseful, window.SwitchShare];
            Hold(shares.All(share => share is >= 0 and <= 1 + Rounding), $"a share out of bounds: {window}");
            double[] amounts = [window.PromptTokensPerSecond, window.OutputTokensPerSecond, window.MeanBatch, window.TtftP50, window.TtftP90, window.TpotP50, window.TpotP90, window.PowerWatts, window.QualityLoss, window.SecondsSinceSwitch];
            Hold(amounts.All(amount => amount >= 0 && double.IsFinite(amount)) && double.IsFinite(window.QualityBalance), $"an amount out of bounds: {window}");
        }

        Equal(run.Trace.Count, run.Windows.Sum(window => window.Arrived), "arrivals in windows");
        Equal(completed.Length, run.Windows.Sum(window => window.Completed), "completions in windows");
        Equal(run.Outcomes.Count - completed.Length, run.Windows.Sum(window => window.Failed), "failures in windows");
        Near(run.Outcomes.Count(outcome => outcome.Met), run.Windows.Sum(window => window.Attainment * (window.Completed + window.Failed)), "promises met in windows");
        Near(run.Trace.PromptTokens.ToArray().Sum(tokens => (double)tokens), run.Windows.Sum(window => window.MeanPromptTokens * window.Arrived), "prompt tokens that arrived in windows");
        Near(completed.Sum(outcome => (double)outcome.OutputTokens), run.Windows.Sum(window => window.MeanOutputTokens * window.Completed), "output tokens of completions in windows");
        Near(completed.Sum(outcome => outcome.QualityLoss), run.Windows.Sum(window => window.QualityLoss * window.Completed), "quality lost in windows");
        Near(run.Cluster.TotalJoules, run.Windows.Sum(window => window.PowerWatts * window.Seconds), "joules in windows");
        Near(run.Cluster.NowSeconds, run.Windows.Sum(window => window.Seconds), "seconds in windows");
        Equal(run.Changes, run.Cluster.Switches, "changes counted");

        // A request turned away in mid-run, when a change left it no room, had produced some of its tokens.
        double produced = run.Windows.Sum(window => window.OutputTokensPerSecond * window.Seconds);
        double served = completed.Sum(outcome => (double)outcome.OutputTokens);
        Near(run.Cluster.TotalOutputTokens, produced, "output tokens in windows");
        Hold(produced >= (served * (1 - Rounding)) - Rounding && produced <= ((served + refusedTokens) * (1 + Rounding)) + Rounding, $"{produced} output tokens produced, {served} served and {refusedTokens} asked for by refused requests");

        bool shared = run.Trace.HasPrefixes;
        double prompts = completed.Sum(outcome => (double)outcome.PromptTokens);
        double processed = run.Windows.Sum(window => window.PromptTokensPerSecond * window.Seconds);
        bool recomputes = run.Changes > 0 || run.Windows.Sum(window => window.Preemptions) > 0 || run.Outcomes.Any(outcome => outcome.Ending == RequestEnding.TimedOut);
        Hold(shared || processed >= (prompts * (1 - Rounding)) - Rounding, $"{processed} prompt tokens processed of {prompts} completed");
        Hold(recomputes || processed <= (prompts * (1 + Rounding)) + Rounding, $"{processed} prompt tokens processed of {prompts} completed, and nothing was computed twice");
    }

    /// <summary>One replica that never changes its layout gives first tokens in order of arrival, unless a copy from host memory holds one up.</summary>
    private static void FirstComeFirstServed(FuzzCase drawn, ClusterRun run)
    {
        if (drawn.Scenario.Layouts[0] is not [{ Replicas: 1 }] || drawn.Scenario.Layouts.Skip(1).Any(layout => layout is not null) || drawn.Scenario.HostBytes > 0)
            return;
        double last = 0;
        foreach (RequestOutcome outcome in run.Outcomes.Where(outcome => outcome.Completed).OrderBy(outcome => outcome.Request))
        {
            Hold(outcome.FirstTokenSeconds >= last, $"request {outcome.Request} was overtaken: its first token came at {outcome.FirstTokenSeconds} s, an earlier request's at {last} s");
            last = outcome.FirstTokenSeconds;
        }
    }

    private static void Same(ClusterRun one, ClusterRun two)
    {
        Hold(one.Outcomes.SequenceEqual(two.Outcomes), "the same run twice gave different outcomes");
        Hold(one.Windows.SequenceEqual(two.Windows), "the same run twice gave different windows");
    }

    /// <summary>Where a run is cut must not matter: steps jumped over are the steps taken.</summary>
    private static void Alike(ClusterRun pieces, ClusterRun whole, string how)
    {
        RequestOutcome[] cut = [.. pieces.Outcomes.OrderBy(outcome => outcome.Request)];
        RequestOutcome[] uncut = [.. whole.Outcomes.OrderBy(outcome => outcome.Request)];
        for (int i = 0; i < cut.Length; i++)
        {
            bool alike = cut[i].Completed == uncut[i].Completed && Close(cut[i].EndSeconds, uncut[i].EndSeconds) && (!cut[i].Completed || Close(cut[i].FirstTokenSeconds, uncut[i].FirstTokenSeconds));
            Hold(alike, $"{how}, a request ends otherwise:\n{cut[i]}\nand in one go\n{uncut[i]}");
        }

        static bool Close(double a, double b) => Math.Abs(a - b) <= Rounding * Math.Max(1, Math.Abs(b));
    }

    private static void Equal<T>(T expected, T found, string what) => Hold(Equals(expected, found), $"{what}: {found}, expected {expected}");

    private static void Near(double expected, double found, string what)
        => Hold(Math.Abs(expected - found) <= Rounding * Math.Max(1, Math.Abs(expected)), $"{what}: {found}, expected {expected}");

    private static void Hold(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidOperationException(otherwise);
    }
}
