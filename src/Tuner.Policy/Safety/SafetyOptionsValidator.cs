using Microsoft.Extensions.Options;
using Tuner.Policy.Knobs;

namespace Tuner.Policy.Safety;

/// <summary>Everything wrong with a leash, at once.</summary>
internal sealed class SafetyOptionsValidator : IValidateOptions<SafetyOptions>
{
    public ValidateOptionsResult Validate(string? name, SafetyOptions options)
    {
        var problems = new List<string>();
        void Require(bool holds, string option, object found, string expected)
        {
            if (!holds)
                problems.Add($"SafetyOptions.{option} is {found}; expected {expected}.");
        }

        Require(Enum.IsDefined(options.Mode), nameof(options.Mode), options.Mode, "Shadow, Advisory, Canary or Active");
        Require(options.MaxChangesPerMinute >= 0, nameof(options.MaxChangesPerMinute), options.MaxChangesPerMinute, "at least 0");
        Require(options.CoolDown >= TimeSpan.Zero, nameof(options.CoolDown), options.CoolDown, "at least 0");
        Require(options.HeavyCoolDown >= TimeSpan.Zero, nameof(options.HeavyCoolDown), options.HeavyCoolDown, "at least 0");
        Require(options.AgreeingDecisions >= 1, nameof(options.AgreeingDecisions), options.AgreeingDecisions, "at least 1");
        Require(options.TrialWindows >= 1, nameof(options.TrialWindows), options.TrialWindows, "at least 1");
        Require(options.AttainmentFloor is >= 0 and <= 1, nameof(options.AttainmentFloor), options.AttainmentFloor, "0 to 1");
        Require(options.AttainmentDrop is >= 0 and <= 1, nameof(options.AttainmentDrop), options.AttainmentDrop, "0 to 1");
        Require(options.MinimumRequests >= 1, nameof(options.MinimumRequests), options.MinimumRequests, "at least 1");
        Require(options.KillWorsening > 0, nameof(options.KillWorsening), options.KillWorsening, "above 0");
        Require(options.KillWindows >= 1, nameof(options.KillWindows), options.KillWindows, "at least 1");
        Require(options.MaxFailedChanges >= 1, nameof(options.MaxFailedChanges), options.MaxFailedChanges, "at least 1");
        Require(options.MaxTelemetryAge > TimeSpan.Zero, nameof(options.MaxTelemetryAge), options.MaxTelemetryAge, "above 0");
        Require(options.BlindLimit > TimeSpan.Zero, nameof(options.BlindLimit), options.BlindLimit, "above 0");
        Require(options.MaxDistance > 0, nameof(options.MaxDistance), options.MaxDistance, "above 0");
        foreach ((Knob knob, KnobBounds bounds) in options.Bounds)
            Require(bounds.Least <= bounds.Most, $"Bounds[{knob}]", $"{bounds.Least} to {bounds.Most}", "a range that ascends");
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
