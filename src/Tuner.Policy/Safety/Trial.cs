using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Safety;

/// <summary>A change being watched: it stays when service stays as good as it was.</summary>
/// <param name="before">The last window before the change.</param>
internal sealed class Trial(WindowMetrics before)
{
    // Quiet windows prove little: this many stand for one that was judged.
    private const int QuietWindowsPerJudged = 5;

    private int judged;
    private int quiet;
    private int stalled;

    /// <summary>Judges one window of the trial.</summary>
    public (Judgement Verdict, string Reason) Look(in WindowMetrics window, SafetyOptions options)
    {
        if (window.Completed < options.MinimumRequests)
        {
            // Nothing comes out while requests pile up: the engine may still be busy changing, but not for long.
            bool pilesUp = window.Waiting >= options.MinimumRequests && window.Waiting > 2 * before.Waiting;
            stalled = pilesUp ? stalled + 1 : 0;
            if (stalled >= options.TrialWindows)
                return (Judgement.RollBack, $"{window.Waiting} requests wait and only {window.Completed} finished; {before.Waiting} waited before the change");
            quiet += pilesUp ? 0 : 1;
        }
        else
        {
            // A failing start has little to lose: what fell is judged against the floor, or in canary against what was.
            double was = before.Completed >= options.MinimumRequests ? before.Attainment : 1;
            bool fell = window.Attainment < was - options.AttainmentDrop;
            bool broken = window.Attainment < options.AttainmentFloor || options.Mode == TunerMode.Canary;
            if (fell && broken)
                return (Judgement.RollBack, $"{window.Attainment:P1} of requests met their promises; {was:P1} did before the change");
            judged++;
        }

        return judged + (quiet / QuietWindowsPerJudged) >= options.TrialWindows ? (Judgement.Proven, "") : (Judgement.Fine, "");
    }
}
