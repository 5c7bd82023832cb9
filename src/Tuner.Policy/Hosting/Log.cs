using Microsoft.Extensions.Logging;
using Tuner.Policy.Knobs;
using Tuner.Policy.Safety;

namespace Tuner.Policy.Hosting;

/// <summary>The loop's log lines; docs/serving.md explains each.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Tuner {Mode}: policy {Policy}; operator's settings {Operator}, the engine runs {Current}.")]
    public static partial void Started(ILogger logger, TunerMode mode, string policy, KnobSettings @operator, KnobSettings current);

    [LoggerMessage(2, LogLevel.Information, "New policy taken up: {Policy}.")]
    public static partial void PolicyReloaded(ILogger logger, string policy);

    [LoggerMessage(3, LogLevel.Warning, "The changed policy file is not used, the last good one stays: {Problem}")]
    public static partial void PolicyRefused(ILogger logger, string problem);

    [LoggerMessage(4, LogLevel.Information, "Recommended: {Difference} (probability {Probability:0.00}).")]
    public static partial void Recommended(ILogger logger, string difference, double probability);

    [LoggerMessage(5, LogLevel.Information, "Changed {Difference}: {Reason}.")]
    public static partial void Changed(ILogger logger, string difference, string reason);

    [LoggerMessage(6, LogLevel.Warning, "Change {Difference} failed: {Problem}; the engine runs {Now}.")]
    public static partial void ChangeFailed(ILogger logger, string difference, string problem, KnobSettings now);

    [LoggerMessage(7, LogLevel.Error, "What the engine runs with is not known: {Problem}. Trying again at the next window.")]
    public static partial void Unknown(ILogger logger, string problem);

    [LoggerMessage(8, LogLevel.Warning, "The engine's settings changed by another hand: {Difference}. Tuner starts from there.")]
    public static partial void ChangedElsewhere(ILogger logger, string difference);

    [LoggerMessage(9, LogLevel.Warning, "The last run ended during a change or its trial ({Reason}); the engine runs {Now}.")]
    public static partial void Interrupted(ILogger logger, string reason, KnobSettings now);

    [LoggerMessage(10, LogLevel.Warning, "Rolled back: {Reason}.")]
    public static partial void RolledBack(ILogger logger, string reason);

    [LoggerMessage(11, LogLevel.Error, "Kill switch on, the operator's settings are restored: {Reason}. Delete {File} to arm Tuner again.")]
    public static partial void Killed(ILogger logger, string reason, string file);

    [LoggerMessage(12, LogLevel.Information, "Kill switch off: Tuner acts again in mode {Mode}.")]
    public static partial void Armed(ILogger logger, TunerMode mode);

    [LoggerMessage(13, LogLevel.Warning, "Window not decided on ({Kind}): {Detail}.")]
    public static partial void Refused(ILogger logger, string kind, string detail);

    [LoggerMessage(14, LogLevel.Warning, "State or audit log could not be written: {Problem}")]
    public static partial void NotWritten(ILogger logger, string problem);

    [LoggerMessage(15, LogLevel.Error, "A window failed; the engine is left as it is.")]
    public static partial void WindowFailed(ILogger logger, Exception problem);

    [LoggerMessage(16, LogLevel.Warning, "Changed options are not used, the last good ones stay: {Problem}")]
    public static partial void OptionsRefused(ILogger logger, string problem);

    [LoggerMessage(17, LogLevel.Warning, "The state file was damaged and is set aside; what runs now counts as the operator's settings.")]
    public static partial void StateDamaged(ILogger logger);

    [LoggerMessage(18, LogLevel.Warning, "The effect of a proposed change was not predicted: {Problem}. Decisions do not depend on it.")]
    public static partial void NotPredicted(ILogger logger, string problem);

    [LoggerMessage(19, LogLevel.Warning, "The engine is reached again after a change that failed ({Reason}); it runs {Now}.")]
    public static partial void Recovered(ILogger logger, string reason, KnobSettings now);
}
