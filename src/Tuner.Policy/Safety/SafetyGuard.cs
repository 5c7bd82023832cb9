using Tuner.Policy.Files;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Safety;

/// <summary>Holds a policy on its leash: what it may choose, what of its choice is done, and when a change is taken back.</summary>
/// <remarks>
/// Knows no engine and does nothing itself; the loop asks it, acts, and tells it what was done. Time is monotonic, so a
/// wall clock that jumps changes nothing. Used by one loop at a time.
/// </remarks>
/// <param name="contract">The knobs and promises.</param>
/// <param name="time">Tells how long ago something was.</param>
internal sealed class SafetyGuard(ServingContract contract, TimeProvider time)
{
    private readonly KnobSpace space = contract.Space();
    private readonly LatencyWatch watch = new(contract.Objective);
    private readonly ChangePace pace = new(time);
    private readonly int[] wantedBefore = new int[KnobSpace.HeadCount];
    private readonly int[] agreed = new int[KnobSpace.HeadCount];
    private Trial? trial;

    /// <summary>The leash, as it is now.</summary>
    public SafetyOptions Options { get; set; } = new();

    /// <summary>Whether a change is being watched.</summary>
    public bool OnTrial => trial is not null;

    /// <summary>What may be chosen: what the engine can do, within bounds, rested, within the pace and the quality budget.</summary>
    /// <param name="current">Settings in force.</param>
    /// <param name="window">The window that just ended.</param>
    /// <param name="capabilities">What the engine can turn.</param>
    /// <param name="supports">Whether it can run given settings.</param>
    public KnobMask Mask(in KnobSettings current, in WindowMetrics window, KnobCapabilities capabilities, Func<KnobSettings, bool> supports)
    {
        KnobMask mask = KnobMask.None;
        bool budgetSpent = window.QualityBalance <= 0 && (window.QualityBalance < 0 || contract.QualityBudget <= 0);
        for (int head = 0; head < KnobSpace.HeadCount; head++)
        {
            var knob = (Knob)head;
            bool turns = pace.Allows(knob, capabilities[knob], Options)
                && (Options.Mode != TunerMode.Canary || capabilities[knob] == KnobCapability.Live);
            bool lossy = knob is Knob.Precision or Knob.KvCompression;
            bool unmeasured = (knob == Knob.Precision && contract.Fp4Loss is null) || (knob == Knob.KvCompression && contract.KvCompressionLoss is null);
            bool mayLeave = false;
            for (int value = KnobSpace.HeadSizes[head] - 1; value >= 0; value--)
            {
                int target = Target(current, knob, value);
                bool stays = target == current[knob];
                bool reachable = turns && InRange(knob, target) && !((unmeasured || (lossy && budgetSpent)) && target > 0) && supports(current.With(knob, target));
                mayLeave |= !stays && reachable;
                mask = mask.With(knob, value, stays ? IsStill(knob, value) : reachable);
            }

            // An overdrawn budget asks a lossy format to be left where it can be.
            if (lossy && budgetSpent && current[knob] > 0 && mayLeave)
                mask = mask.With(knob, current[knob], false);
        }

        return mask;
    }

    /// <summary>Whether telemetry can be decided on.</summary>
    public Refusal? Examine(TelemetryReading? reading)
    {
        if (reading is null)
            return new Refusal("missing", "the engine told of no window");
        if (reading.Age > Options.MaxTelemetryAge || reading.Age < TimeSpan.Zero)
            return new Refusal("stale", $"the window ended {reading.Age.TotalSeconds:0.#} s ago; at most {Options.MaxTelemetryAge.TotalSeconds:0.#} s are accepted");
        return WindowCheck.Problem(reading.Window) is { } problem ? new Refusal("unsound", problem) : null;
    }

    /// <summary>Whether settings read back are ones a policy can know: rungs of its ladders, modes there are.</summary>
    public Refusal? Examine(in KnobSettings settings)
    {
        for (int head = 0; head < KnobSpace.HeadCount; head++)
        {
            var knob = (Knob)head;
            int values = IsLadder(knob) ? Rungs(knob) : KnobSpace.HeadSizes[head];
            if (settings[knob] < 0 || settings[knob] >= values)
                return new Refusal("unsound", $"the engine reads back {knob} {settings[knob]}; the policy knows 0 to {values - 1}");
        }

        return null;
    }

    /// <summary>Whether traffic is near enough to what training saw.</summary>
    public Refusal? Examine(double distance, string field)
        => distance > Options.MaxDistance
            ? new Refusal("unseen", $"{field} lies {distance:0.0} standard deviations from training; at most {Options.MaxDistance:0.0} are accepted")
            : null;

    /// <summary>Looks for harm done by the settings in force. Call it once a window, with telemetry that passed.</summary>
    /// <param name="window">The window.</param>
    /// <param name="operators">Whether the operator's own settings run: then nothing is Tuner's fault.</param>
    /// <returns>The verdict and, where it is bad, why.</returns>
    public (Judgement Verdict, string Reason) Judge(in WindowMetrics window, bool operators)
    {
        if (watch.Look(window, operators, trial is not null, Options) is { } worse)
            return (Judgement.Kill, worse);
        return trial?.Look(window, Options) ?? (Judgement.Fine, "");
    }

    /// <summary>What of a decision is done now: knobs wanted often enough in a row, one at a time in canary, none during a trial.</summary>
    public KnobSettings Permit(in KnobSettings current, in KnobSettings wanted, Func<KnobSettings, bool> supports)
    {
        KnobSettings permitted = current;
        for (int head = 0; head < KnobSpace.HeadCount; head++)
        {
            var knob = (Knob)head;
            int value = wanted[knob];
            agreed[head] = value == current[knob] ? 0 : value == wantedBefore[head] ? agreed[head] + 1 : 1;
            wantedBefore[head] = value;
            if (trial is not null || agreed[head] < Options.AgreeingDecisions || !supports(permitted.With(knob, value)))
                continue;
            if (Options.Mode == TunerMode.Canary && permitted != current)
                continue;
            permitted = permitted.With(knob, value);
        }

        return permitted;
    }

    /// <summary>Says that settings changed, so that the knobs rest and, if asked, the change is watched.</summary>
    public void Changed(in KnobSettings from, in KnobSettings to, bool onTrial, in WindowMetrics before)
    {
        pace.Changed(from, to);
        Array.Clear(agreed);
        trial = onTrial ? new Trial(before) : null;
    }

    /// <summary>Ends the trial: the change stays or was taken back.</summary>
    public void EndTrial() => trial = null;

    /// <summary>Lets every knob rest from now on: after a start, or a hand that was not Tuner's.</summary>
    public void RestAll()
    {
        pace.RestAll();
        trial = null;
        Array.Clear(agreed);
    }

    private static bool IsStill(Knob knob, int value) => !IsLadder(knob) || value == (int)LadderMove.Keep;

    private static bool IsLadder(Knob knob) => knob is Knob.MaxBatch or Knob.BatchWait or Knob.Draft;

    private int Target(in KnobSettings current, Knob knob, int value)
        => IsLadder(knob) ? Math.Clamp(current[knob] + value - (int)LadderMove.Keep, 0, Rungs(knob) - 1) : value;

    private int Rungs(Knob knob) => knob switch
    {
        Knob.MaxBatch => space.BatchLadder.Count,
        Knob.BatchWait => space.BatchWaitLadder.Count,
        _ => Math.Max(1, space.Drafts.Count),
    };

    private bool InRange(Knob knob, int target)
        => (knob != Knob.Speculation || target == 0 || space.Drafts.Count > 0)
            && (!Options.Bounds.TryGetValue(knob, out KnobBounds? bounds) || (target >= bounds.Least && target <= bounds.Most));
}
