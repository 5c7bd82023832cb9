using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tuner.Policy.Files;
using Tuner.Policy.Hosting.Auditing;
using Tuner.Policy.Knobs;
using Tuner.Policy.Safety;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Hosting;

/// <summary>What happens in one window: look, judge, decide, act, and write it all down.</summary>
internal sealed class TuningWindow
{
    private readonly TunerOptions options;
    private readonly IOptionsFactory<SafetyOptions> safety;
    private readonly ITelemetrySource telemetry;
    private readonly IKnobActuator engine;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly PolicyWatcher file;
    private readonly DecisionMaker maker;
    private readonly SafetyGuard guard;
    private readonly EngineKeeper keeper;
    private readonly QualityKeeper quality;
    private readonly KillSwitch kill;
    private readonly WindowNotes notes;
    private readonly ServingContract contract;
    private readonly WhatIfDesk? desk;
    private readonly List<WindowMetrics> recent = []; // windows served with the settings below
    private KnobSettings settingsOfRecent;
    private readonly string run;
    private long windows;
    private long seenAt;
    private int failedChanges;

    public TuningWindow(
        TunerOptions options, IOptionsFactory<SafetyOptions> safety, ITelemetrySource telemetry, IKnobActuator engine,
        TunerMonitor monitor, WhatIfDesk? desk, string root, TimeProvider time, ILogger logger)
    {
        (this.options, this.safety, this.telemetry, this.engine, this.desk, this.time, this.logger) = (options, safety, telemetry, engine, desk, time, logger);
        string folder = Path.Combine(root, options.StateFolder);
        file = new PolicyWatcher(Path.Combine(root, options.PolicyPath), options.Contract);
        file.Look();
        contract = file.Contract ?? throw new PolicyFormatException(file.Problem ?? "There is no policy.");
        maker = new DecisionMaker(file, contract);
        guard = new SafetyGuard(contract, time) { Options = safety.Create(Options.DefaultName) };
        keeper = new EngineKeeper(engine, new StateFile(Path.Combine(folder, "state.json")), options, time, logger);
        quality = new QualityKeeper(contract, Path.Combine(folder, "quality.json"), time);
        kill = new KillSwitch(Path.Combine(folder, "kill-switch"));
        notes = new WindowNotes(new AuditLog(folder, options.AuditBytes, options.AuditFiles), monitor, time, logger);
        run = time.GetUtcNow().ToString("yyyyMMddTHHmmssfff", System.Globalization.CultureInfo.InvariantCulture);
        seenAt = time.GetTimestamp();
    }

    public async Task StepAsync(CancellationToken cancellation)
    {
        using Activity? activity = TunerTelemetry.Activities.StartActivity("tuner.window");
        windows++;
        TakeUpOptions();
        TakeUpPolicy();
        string? killed = kill.Reason(guard.Options);
        TunerMode mode = killed is null ? guard.Options.Mode : TunerMode.Shadow;
        notes.Kill(killed, kill.FileOf(guard.Options), guard.Options.Mode);
        var record = new AuditDecision { Id = $"{run}-{windows}", At = time.GetUtcNow(), Mode = mode, Policy = maker.Name, Verdict = "held" };

        if (await keeper.ReconcileAsync(cancellation).ConfigureAwait(false))
        {
            if (mode >= TunerMode.Canary)
                guard.RestAll();
            if (windows == 1)
                Log.Started(logger, mode, maker.Name, keeper.State.Operator, keeper.State.Current);
        }

        cancellation.ThrowIfCancellationRequested();
        record = keeper.Known
            ? await GoOnAsync(record with { Current = keeper.State.Current }, mode, killed, cancellation).ConfigureAwait(false)
            : record with { Verdict = "failed", Reason = keeper.Problem };
        activity?.SetTag("tuner.verdict", record.Verdict);
        notes.Finish(record, windows, keeper.Known ? keeper.State.Current : null, kill.Reason(guard.Options), file.Problem);
        AskWhatIf(record, cancellation);
    }

    private async Task<AuditDecision> GoOnAsync(AuditDecision record, TunerMode mode, string? killed, CancellationToken cancellation)
    {
        // Whoever turns Tuner down, by mode or by the switch, gets the engine back as it was.
        bool letGo = mode < TunerMode.Canary && keeper.State.Acted;
        if (letGo && !await RestoreAsync(killed is null ? "mode lowered" : "kill switch", cancellation).ConfigureAwait(false))
            return record with { Verdict = "failed", Reason = keeper.Problem };
        record = record with { Current = keeper.State.Current };

        (TelemetryReading? reading, string? problem) = await Deadline.RunAsync(telemetry.ReadAsync, options.ReadTimeout, time, cancellation).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        Refusal? refusal = problem is null ? guard.Examine(reading) ?? guard.Examine(keeper.State.Current) : new Refusal("failed", problem);
        if (refusal is not null || reading is null)
            return await RefuseAsync(record, refusal!, cancellation).ConfigureAwait(false);

        seenAt = time.GetTimestamp();
        TunerTelemetry.TelemetryAge.Record(reading.Age.TotalSeconds);
        WindowMetrics window = quality.Enter(reading.Window, keeper.State.Current) with { SecondsSinceSwitch = keeper.SinceChange.TotalSeconds };
        record = record with { Window = window, TelemetryAgeSeconds = reading.Age.TotalSeconds, Untold = reading.Untold.Count > 0 ? reading.Untold : null };
        TakeAnswers(record.At);
        notes.Outcome(record.At, window);

        (Judgement verdict, string reason) = guard.Judge(window, keeper.State.Current == keeper.State.Operator);
        switch (verdict)
        {
            case Judgement.Kill when mode >= TunerMode.Canary:
                return await TripAsync(record, reason, cancellation).ConfigureAwait(false);
            case Judgement.RollBack:
                TunerTelemetry.RollBacks.Add(1);
                Log.RolledBack(logger, reason);
                guard.EndTrial();
                bool back = await ChangeAsync(keeper.State.LastGood, "roll-back", window, cancellation).ConfigureAwait(false);
                return record with { Verdict = back ? "rolled-back" : "failed", Reason = reason };
            case Judgement.Proven:
                guard.EndTrial();
                keeper.Promote();
                break;
        }

        return await DecideAsync(record, reading, window, mode, cancellation).ConfigureAwait(false);
    }

    private async Task<AuditDecision> DecideAsync(AuditDecision record, TelemetryReading reading, WindowMetrics window, TunerMode mode, CancellationToken cancellation)
    {
        KnobSettings current = keeper.State.Current;
        bool Supports(KnobSettings settings) => engine.Supports(settings);
        KnobMask mask = guard.Mask(current, window, engine.Capabilities, Supports);
        KnobSettings wanted = maker.Decide(reading, window, current, mask);
        (float distance, string field) = maker.Policy.Distance();
        TunerTelemetry.Distance.Record(distance);
        record = record with
        {
            Observation = maker.Policy.Observation.ToArray(),
            Distance = distance,
            Masked = WindowNotes.Masked(mask),
            Choice = wanted,
            Probability = maker.Policy.Probability,
        };
        if (window.Arrived > 0 && guard.Examine(distance, field) is { } unseen)
            return await RefuseAsync(record, unseen, cancellation).ConfigureAwait(false);

        notes.Refusal(null);
        KnobSettings permitted = guard.Permit(current, wanted, Supports);
        record = record with { Permitted = permitted, Verdict = guard.OnTrial ? "on-trial" : "held" };
        bool unjudged = mode >= TunerMode.Canary && reading.Untold.Contains("attainment");
        if ((mode == TunerMode.Advisory || unjudged) && wanted != current)
            Log.Recommended(logger, KnobSettings.Difference(current, wanted), record.Probability ?? 0);
        if (permitted == current)
            return record;
        if (unjudged)
            return record with { Verdict = "advised", Reason = "the engine does not tell attainment, so a change gone wrong would not be seen" };
        if (mode < TunerMode.Canary)
            return record with { Verdict = mode == TunerMode.Advisory ? "advised" : "shadowed" };
        bool done = await ChangeAsync(permitted, "policy", window, cancellation).ConfigureAwait(false);
        if (!done && failedChanges >= guard.Options.MaxFailedChanges)
            return await TripAsync(record, $"{failedChanges} changes in a row failed, the last one because {keeper.Problem}", cancellation).ConfigureAwait(false);
        return record with { Verdict = done ? "changed" : "failed", Reason = done ? null : keeper.Problem };
    }

    private async Task<bool> ChangeAsync(KnobSettings to, string reason, WindowMetrics window, CancellationToken cancellation)
    {
        KnobSettings from = keeper.State.Current;
        bool policys = reason == "policy";
        bool done = await keeper.ChangeAsync(to, reason, proven: !policys, cancellation).ConfigureAwait(false);
        failedChanges = done ? 0 : failedChanges + 1;
        guard.Changed(from, to, onTrial: done && policys, window);
        return done;
    }

    private async Task<bool> RestoreAsync(string reason, CancellationToken cancellation)
    {
        guard.EndTrial();
        if (keeper.Known && keeper.State.Current == keeper.State.Operator)
            return true;
        bool done = await keeper.ChangeAsync(keeper.State.Operator, reason, proven: true, cancellation).ConfigureAwait(false);
        guard.RestAll();
        return done;
    }

    private async Task<AuditDecision> TripAsync(AuditDecision record, string reason, CancellationToken cancellation)
    {
        TunerTelemetry.Kills.Add(1);
        if (kill.Trip(guard.Options, reason) is { } unwritten)
            Log.NotWritten(logger, unwritten);
        notes.Kill(reason, kill.FileOf(guard.Options), guard.Options.Mode);
        failedChanges = 0;
        bool done = await RestoreAsync("kill switch", cancellation).ConfigureAwait(false);
        return record with { Verdict = done ? "killed" : "failed", Reason = reason };
    }

    private async Task<AuditDecision> RefuseAsync(AuditDecision record, Refusal refusal, CancellationToken cancellation)
    {
        TunerTelemetry.Refusals.Add(1, new KeyValuePair<string, object?>("kind", refusal.Kind));
        notes.Refusal(refusal);
        record = record with { Verdict = "refused", Reason = refusal.Detail };
        bool blind = refusal.Kind != "unseen" && time.GetElapsedTime(seenAt) >= guard.Options.BlindLimit;
        if (!blind || !keeper.State.Acted)
            return record;
        bool done = await RestoreAsync("blind", cancellation).ConfigureAwait(false);
        return record with { Verdict = done ? "restored" : "failed" };
    }

    /// <summary>Asks what a proposed change would do, once it is decided on; the answer is written down with a later window.</summary>
    private void AskWhatIf(AuditDecision record, CancellationToken cancellation)
    {
        if (desk is null || record.Window is not { } window || record.Current is not { } current)
            return;
        if (recent.Count > 0 && settingsOfRecent != current)
            recent.Clear();
        settingsOfRecent = current;
        recent.Add(window);
        if (recent.Count > WhatIfQuestion.MostWindows)
            recent.RemoveAt(0);
        if (record.Permitted is { } proposed && proposed != current)
            desk.Ask(record.Id, new WhatIfQuestion([.. recent], current, proposed, contract), cancellation);
    }

    private void TakeAnswers(DateTimeOffset at)
    {
        while (desk is not null && desk.TryTake(out (string Id, PredictedEffect Effect) answer))
            notes.Prediction(answer.Id, at, answer.Effect);
    }

    private void TakeUpOptions()
    {
        try
        {
            guard.Options = safety.Create(Options.DefaultName);
        }
        catch (OptionsValidationException problem)
        {
            Log.OptionsRefused(logger, problem.Message);
        }
    }

    private void TakeUpPolicy()
    {
        if (!file.Look())
            return;
        TunerTelemetry.Reloads.Add(1, new KeyValuePair<string, object?>("result", file.Problem is null ? "taken" : "refused"));
        if (file.Problem is { } problem)
            Log.PolicyRefused(logger, problem);
        else
            Log.PolicyReloaded(logger, maker.Name);
    }
}
