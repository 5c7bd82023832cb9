using k8s;
using Microsoft.Extensions.DependencyInjection;
using Tuner.Engines.CommandLines;
using Tuner.Policy.Hosting;

namespace Tuner.Engines.Kubernetes;

/// <summary>Says that an engine's knobs are turned in a cluster.</summary>
public static class DeploymentTunerBuilder
{
    /// <summary>Turns knobs by rolling the engine's Deployment out with other arguments.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="flags">Writes the arguments: <c>VllmFlags</c>, <c>SglangFlags</c> or <c>TensorRtLlmFlags</c>.</param>
    /// <param name="options">Which Deployment.</param>
    /// <remarks>The cluster is the one this process runs in, else that of the current kubeconfig context.</remarks>
    public static TunerBuilder ApplyToDeployment(this TunerBuilder builder, EngineFlags flags, DeploymentOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ApplyKnobsWith(services => new DeploymentActuator(
            flags, options, new k8s.Kubernetes(KubernetesClientConfiguration.BuildDefaultConfig()), services.GetRequiredService<TimeProvider>()));
    }
}
