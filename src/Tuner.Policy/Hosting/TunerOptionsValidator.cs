using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Tuner.Policy.Files;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Hosting;

/// <summary>Everything wrong with a set-up, at once; a policy that cannot run here among it.</summary>
internal sealed class TunerOptionsValidator(IServiceProviderIsService services, IHostEnvironment environment) : IValidateOptions<TunerOptions>
{
    public ValidateOptionsResult Validate(string? name, TunerOptions options)
    {
        var problems = new List<string>();
        void Require(bool holds, string option, object found, string expected)
        {
            if (!holds)
                problems.Add($"TunerOptions.{option} is {found}; expected {expected}.");
        }

        Require(options.Window > TimeSpan.Zero, nameof(options.Window), options.Window, "above 0");
        Require(options.ReadTimeout > TimeSpan.Zero, nameof(options.ReadTimeout), options.ReadTimeout, "above 0");
        Require(options.ApplyTimeout > TimeSpan.Zero, nameof(options.ApplyTimeout), options.ApplyTimeout, "above 0");
        Require(options.WhatIfTimeout > TimeSpan.Zero, nameof(options.WhatIfTimeout), options.WhatIfTimeout, "above 0");
        Require(options.AuditBytes >= 4096, nameof(options.AuditBytes), options.AuditBytes, "at least 4096");
        Require(options.AuditFiles >= 1, nameof(options.AuditFiles), options.AuditFiles, "at least 1");
        Require(options.StateFolder.Length > 0, nameof(options.StateFolder), "empty", "a folder that survives restarts");
        if (!services.IsService(typeof(ITelemetrySource)))
            problems.Add("No telemetry: call ReadTelemetryFrom<T>() after AddTuner.");
        if (!services.IsService(typeof(IKnobActuator)))
            problems.Add("No actuator: call ApplyKnobsWith<T>() or WatchOnly(settings) after AddTuner.");
        if (options.Contract?.Problem() is { } wrong)
            problems.Add($"TunerOptions.Contract: {wrong}.");
        if (options.PolicyPath.Length == 0)
        {
            problems.Add("TunerOptions.PolicyPath is empty; expected a policy file.");
        }
        else if (problems.Count == 0)
        {
            var policy = new PolicyWatcher(Path.Combine(environment.ContentRootPath, options.PolicyPath), options.Contract);
            policy.Look();
            if (policy.Problem is { } problem)
                problems.Add(problem);
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
