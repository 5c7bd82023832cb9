using Microsoft.Extensions.DependencyInjection;
using Tuner.Engines.CommandLines;
using Tuner.Engines.Http;
using Tuner.Engines.Processes;
using Tuner.Policy.Files;
using Tuner.Policy.Hosting;
using Tuner.Policy.Knobs;

namespace Tuner.Engines;

/// <summary>Says how an engine's knobs are turned.</summary>
public static class EngineTunerBuilder
{
    /// <summary>Turns knobs over an HTTP admin endpoint that takes and tells <see cref="EngineSettings"/>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="endpoint">The endpoint, such as <c>http://engine:8000/admin/settings</c>.</param>
    /// <param name="contract">What the policy's rungs mean.</param>
    /// <param name="capabilities">What the engine can turn, and how; the rest is masked.</param>
    public static TunerBuilder ApplyOverHttp(this TunerBuilder builder, Uri endpoint, ServingContract contract, KnobCapabilities capabilities)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ApplyKnobsWith(services => new HttpActuator(Client(), endpoint, contract, capabilities, services.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Runs the engine as a process of this machine, and turns knobs by starting it anew.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="flags">Writes the engine's command lines: <see cref="VllmFlags"/>, <see cref="SglangFlags"/>, <see cref="TensorRtLlmFlags"/>.</param>
    /// <param name="options">How it is run.</param>
    public static TunerBuilder ApplyByRestart(this TunerBuilder builder, EngineFlags flags, EngineProcessOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ApplyKnobsWith(services => new ProcessActuator(flags, options, Client(), services.GetRequiredService<TimeProvider>()));
    }

    private static HttpClient Client() => new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) });
}
