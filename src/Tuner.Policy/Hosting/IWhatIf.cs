namespace Tuner.Policy.Hosting;

/// <summary>Predicts what proposed settings would do, against holding still.</summary>
/// <remarks>
/// Asked beside the loop, never before a decision: an answer is written to the audit log and the metrics and decides nothing. Answers that
/// throw or come later than <see cref="TunerOptions.WhatIfTimeout"/> are left out. It is asked one question at a time.
/// </remarks>
public interface IWhatIf
{
    /// <summary>Predicts; null when nothing can be said.</summary>
    /// <param name="question">What was seen, what runs and what is proposed.</param>
    /// <param name="cancellation">Fires when the answer comes too late or the host stops.</param>
    ValueTask<PredictedEffect?> PredictAsync(WhatIfQuestion question, CancellationToken cancellation);
}
