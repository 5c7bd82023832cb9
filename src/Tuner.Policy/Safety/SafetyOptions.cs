using Tuner.Policy.Knobs;

namespace Tuner.Policy.Safety;

/// <summary>The leash. May be changed while the host runs; takes effect at the next decision.</summary>
public sealed class SafetyOptions
{
    /// <summary>How much Tuner may do.</summary>
    /// <value><see cref="TunerMode.Shadow"/> by default. Lowering it to shadow or advisory restores the operator's settings.</value>
    public TunerMode Mode { get; set; }

    /// <summary>Most changes of settings in any 60 seconds.</summary>
    /// <value>2 by default: with ten-second windows and a trial of three there is seldom room for more.</value>
    public int MaxChangesPerMinute { get; set; } = 2;

    /// <summary>How long a knob rests after it was turned, live.</summary>
    /// <value>One minute by default.</value>
    public TimeSpan CoolDown { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The same for a knob that needs a drain or a restart.</summary>
    /// <value>Five minutes by default.</value>
    public TimeSpan HeavyCoolDown { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Hysteresis: decisions in a row that must want the same value of a knob before it is turned.</summary>
    /// <value>2 by default; 1 turns at once.</value>
    public int AgreeingDecisions { get; set; } = 2;

    /// <summary>What each knob may be set to; a knob not named is free.</summary>
    public IDictionary<Knob, KnobBounds> Bounds { get; } = new Dictionary<Knob, KnobBounds>();

    /// <summary>Windows a change is on trial for; no other change is made meanwhile.</summary>
    /// <value>3 by default.</value>
    public int TrialWindows { get; set; } = 3;

    /// <summary>The objective: share of requests that must meet their promises, 0 to 1.</summary>
    /// <value>0.9 by default.</value>
    public double AttainmentFloor { get; set; } = 0.9;

    /// <summary>How far attainment must fall below what it was before a change for the change to be blamed, 0 to 1.</summary>
    /// <value>0.05 by default.</value>
    public double AttainmentDrop { get; set; } = 0.05;

    /// <summary>Windows with fewer requests finished judge nothing, unless requests pile up.</summary>
    /// <value>10 by default.</value>
    public int MinimumRequests { get; set; } = 10;

    /// <summary>The kill switch: true restores the operator's settings and stops acting.</summary>
    public bool Kill { get; set; }

    /// <summary>The kill switch as a file: while it exists, Tuner does not act. It is written when the switch trips by itself.</summary>
    /// <value><c>kill-switch</c> in the state folder by default. Delete it to arm Tuner again.</value>
    public string? KillFile { get; set; }

    /// <summary>The kill switch trips when a 90th percentile of latency is worse by this share, and beyond its promise.</summary>
    /// <value>0.5 by default: half as long again.</value>
    public double KillWorsening { get; set; } = 0.5;

    /// <summary>For how many windows in a row.</summary>
    /// <value>2 by default.</value>
    public int KillWindows { get; set; } = 2;

    /// <summary>Changes in a row that fail before the kill switch trips.</summary>
    /// <value>3 by default.</value>
    public int MaxFailedChanges { get; set; } = 3;

    /// <summary>Telemetry older than this is refused.</summary>
    /// <value>30 seconds by default: three windows.</value>
    public TimeSpan MaxTelemetryAge { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Without usable telemetry for this long, the operator's settings are restored: nobody would see a change go wrong.</summary>
    /// <value>Five minutes by default.</value>
    public TimeSpan BlindLimit { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Traffic further than this from what training saw is refused, in standard deviations.</summary>
    /// <value>3 by default. A policy holds still beyond <see cref="TunerPolicy.SeenWithin"/> whatever is set here.</value>
    public double MaxDistance { get; set; } = TunerPolicy.SeenWithin;

    /// <summary>Limits one knob.</summary>
    /// <param name="knob">The knob.</param>
    /// <param name="least">Least value, counted as by the indexer of <see cref="KnobSettings"/>.</param>
    /// <param name="most">Largest value.</param>
    public void Bound(Knob knob, int least, int most) => Bounds[knob] = new KnobBounds { Least = least, Most = most };
}
