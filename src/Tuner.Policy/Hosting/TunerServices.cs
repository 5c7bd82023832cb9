using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Tuner.Policy.Safety;

namespace Tuner.Policy.Hosting;

/// <summary>Adds Tuner to a host.</summary>
public static class TunerServices
{
    /// <summary>Adds a loop that decides, once a window, how the engine should run: in shadow until told otherwise.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="policyPath">The policy file; relative paths start at the content root.</param>
    /// <param name="configure">Sets further options.</param>
    /// <remarks>What is wrong is told when the host starts, all at once. Afterwards nothing escapes to the host.</remarks>
    public static TunerBuilder AddTuner(this IServiceCollection services, string policyPath, Action<TunerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<TunerOptions>().Configure(options => options.PolicyPath = policyPath);
        if (configure is not null)
            services.Configure(configure);
        services.AddOptions<SafetyOptions>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TunerOptions>, TunerOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SafetyOptions>, SafetyOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TunerMonitor>();
        services.TryAddSingleton<TunerHealthCheck>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, TuningLoop>());
        return new TunerBuilder(services);
    }
}
