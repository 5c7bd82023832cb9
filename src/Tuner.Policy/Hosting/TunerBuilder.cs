using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tuner.Policy.Knobs;
using Tuner.Policy.Safety;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Hosting;

/// <summary>Says what Tuner reads, what it turns, and within which leash.</summary>
/// <param name="services">The host's services.</param>
public sealed class TunerBuilder(IServiceCollection services)
{
    /// <summary>The host's services.</summary>
    public IServiceCollection Services { get; } = services;

    /// <summary>Reads the engine's windows from this source.</summary>
    public TunerBuilder ReadTelemetryFrom<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TSource>()
        where TSource : class, ITelemetrySource
    {
        Services.Replace(ServiceDescriptor.Singleton<ITelemetrySource, TSource>());
        return this;
    }

    /// <summary>Reads the engine's windows from a source made by hand.</summary>
    public TunerBuilder ReadTelemetryFrom(Func<IServiceProvider, ITelemetrySource> make)
    {
        Services.Replace(ServiceDescriptor.Singleton(make));
        return this;
    }

    /// <summary>Reads the engine's windows from the metrics pages of its vLLM servers.</summary>
    /// <param name="promises">The latency promises to measure attainment by: those the policy was trained for.</param>
    /// <param name="endpoints">Addresses of the pages, such as <c>http://engine:8000/metrics</c>.</param>
    public TunerBuilder ReadVllmMetrics(ServiceObjective promises, params Uri[] endpoints)
        => ReadEngineMetrics(EngineMetrics.Vllm, promises, endpoints);

    /// <summary>Reads the engine's windows from the metrics pages of its SGLang servers, started with <c>--enable-metrics</c>.</summary>
    /// <param name="promises">The latency promises to measure attainment by: those the policy was trained for.</param>
    /// <param name="endpoints">Addresses of the pages, such as <c>http://engine:30000/metrics</c>.</param>
    public TunerBuilder ReadSglangMetrics(ServiceObjective promises, params Uri[] endpoints)
        => ReadEngineMetrics(EngineMetrics.Sglang, promises, endpoints);

    /// <summary>Reads the engine's windows from the Prometheus pages of its <c>trtllm-serve</c> servers.</summary>
    /// <param name="promises">The latency promises to measure attainment by: those the policy was trained for.</param>
    /// <param name="endpoints">Addresses of the pages, such as <c>http://engine:8000/prometheus/metrics</c>.</param>
    public TunerBuilder ReadTensorRtLlmMetrics(ServiceObjective promises, params Uri[] endpoints)
        => ReadEngineMetrics(EngineMetrics.TensorRtLlm, promises, endpoints);

    /// <summary>Reads the engine's windows from the metrics pages of Triton servers with the TensorRT-LLM backend; attainment is untold, so Tuner only advises.</summary>
    /// <param name="promises">The latency promises to measure attainment by: those the policy was trained for.</param>
    /// <param name="endpoints">Addresses of the pages, such as <c>http://engine:8002/metrics</c>.</param>
    public TunerBuilder ReadTritonMetrics(ServiceObjective promises, params Uri[] endpoints)
        => ReadEngineMetrics(EngineMetrics.Triton(), promises, endpoints);

    /// <summary>Reads the engine's windows from the metrics pages of its llama.cpp servers; arrivals and attainment are untold, so Tuner only advises.</summary>
    /// <param name="promises">The latency promises to measure attainment by: those the policy was trained for.</param>
    /// <param name="endpoints">Addresses of the pages, such as <c>http://engine:8080/metrics</c>.</param>
    public TunerBuilder ReadLlamaCppMetrics(ServiceObjective promises, params Uri[] endpoints)
        => ReadEngineMetrics(EngineMetrics.LlamaCpp, promises, endpoints);

    /// <summary>Reads the engine's windows from the Prometheus pages of its servers.</summary>
    /// <param name="engine">Which engine serves them.</param>
    /// <param name="promises">The latency promises to measure attainment by: those the policy was trained for.</param>
    /// <param name="endpoints">Addresses of the pages.</param>
    public TunerBuilder ReadEngineMetrics(EngineMetrics engine, ServiceObjective promises, params Uri[] endpoints)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.Length == 0)
            throw new ArgumentException("At least one metrics page is needed.", nameof(endpoints));
        // Names are looked up again now and then: engines move. The loop's own deadline ends a page that does not come.
        return ReadTelemetryFrom(services => new EngineTelemetry(
            new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), ActivityHeadersPropagator = null }) { Timeout = Timeout.InfiniteTimeSpan },
            engine, endpoints, promises, services.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Turns the engine's knobs with this actuator.</summary>
    public TunerBuilder ApplyKnobsWith<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TActuator>()
        where TActuator : class, IKnobActuator
    {
        Services.Replace(ServiceDescriptor.Singleton<IKnobActuator, TActuator>());
        return this;
    }

    /// <summary>Turns the engine's knobs with an actuator made by hand.</summary>
    public TunerBuilder ApplyKnobsWith(Func<IServiceProvider, IKnobActuator> make)
    {
        Services.Replace(ServiceDescriptor.Singleton(make));
        return this;
    }

    /// <summary>Only watches an engine that runs with these settings: enough for shadow mode, before there is an actuator.</summary>
    public TunerBuilder WatchOnly(KnobSettings settings) => ApplyKnobsWith(_ => new WatchedEngine(settings));

    /// <summary>Logs beside every proposed change what it would do, as this predicts it; decides nothing.</summary>
    public TunerBuilder PredictWith<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TWhatIf>()
        where TWhatIf : class, IWhatIf
    {
        Services.Replace(ServiceDescriptor.Singleton<IWhatIf, TWhatIf>());
        return this;
    }

    /// <summary>Logs beside every proposed change what it would do, as something made by hand predicts it; decides nothing.</summary>
    public TunerBuilder PredictWith(Func<IServiceProvider, IWhatIf> make)
    {
        Services.Replace(ServiceDescriptor.Singleton(make));
        return this;
    }

    /// <summary>Sets the leash.</summary>
    public TunerBuilder KeepWithin(Action<SafetyOptions> guard)
    {
        Services.Configure(guard);
        return this;
    }
}
