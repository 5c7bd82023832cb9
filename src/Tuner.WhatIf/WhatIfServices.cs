using Tuner.Env.Scenarios;
using Tuner.Policy.Hosting;

namespace Tuner.WhatIf;

/// <summary>Adds the simulator to a host with Tuner in it.</summary>
public static class WhatIfServices
{
    /// <summary>Logs beside every proposed change what a simulated cluster says it would do.</summary>
    /// <param name="builder">What <c>AddTuner</c> returned.</param>
    /// <param name="scenario">The scenario the policy was trained in: a file, or a shipped one's name such as <c>llama70b-8xh200</c>.</param>
    /// <param name="options">How much is simulated.</param>
    /// <exception cref="ScenarioFormatException">No such scenario, or everything that is wrong with it.</exception>
    public static TunerBuilder PredictWithSimulator(this TunerBuilder builder, string scenario, WhatIfOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var simulator = new SimulatorWhatIf(ScenarioFile.Load(scenario), options);
        return builder.PredictWith(_ => simulator);
    }
}
