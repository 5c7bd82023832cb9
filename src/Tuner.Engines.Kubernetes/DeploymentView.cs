using System.Text.Json;
using k8s.Models;
using Tuner.Engines.CommandLines;
using Tuner.Policy.Knobs;

namespace Tuner.Engines.Kubernetes;

/// <summary>What a Deployment that was read says of the engine.</summary>
/// <remarks>
/// Settings stand beside the arguments in the pod template, so that <c>kubectl rollout undo</c> takes both back. They are believed only where the
/// arguments are those of the settings.
/// </remarks>
internal sealed class DeploymentView
{
    /// <summary>Annotation of the pod template: the settings as JSON.</summary>
    public const string SettingsKey = "tuner/settings";

    /// <summary>Annotation of the pod template: what the engine's configuration file holds.</summary>
    public const string ConfigKey = "tuner/config";

    private readonly V1Deployment deployment;
    private readonly string what;

    /// <exception cref="InvalidOperationException">It has no such container.</exception>
    public DeploymentView(V1Deployment deployment, DeploymentOptions options)
    {
        this.deployment = deployment;
        what = $"deployment {options.Namespace}/{options.Name}";
        IList<V1Container> containers = deployment.Spec.Template.Spec.Containers;
        V1Container container = containers.FirstOrDefault(each => each.Name == options.Container)
            ?? throw new InvalidOperationException($"{what} has no container {options.Container}; it has {string.Join(", ", containers.Select(each => each.Name))}");
        Args = container.Args is { } args ? [.. args] : [];
    }

    /// <summary>The version read.</summary>
    public string ResourceVersion => deployment.Metadata.ResourceVersion;

    /// <summary>The engine's arguments as they stand there.</summary>
    public IReadOnlyList<string> Args { get; }

    /// <summary>The annotation with the settings; null where there is none.</summary>
    public string? Annotation => Annotated(SettingsKey);

    /// <summary>The annotation with the configuration file; null where there is none.</summary>
    public string? Config => Annotated(ConfigKey);

    /// <summary>Whether arguments and annotations are still what another look saw: the rest of the Deployment is not Tuner's.</summary>
    public bool SaysTheSame(DeploymentView other) => Args.SequenceEqual(other.Args) && Annotation == other.Annotation && Config == other.Config;

    /// <summary>The settings, where the arguments are really those that Tuner writes for them.</summary>
    /// <exception cref="InvalidOperationException">Another hand edited them; the message says where they differ.</exception>
    public KnobSettings Settings(DeploymentOptions options, Func<KnobSettings, EngineCommandLine> write)
    {
        KnobSettings settings = options.First;
        if (Annotation is { } text)
        {
            try
            {
                settings = JsonSerializer.Deserialize(text, KubernetesJson.Default.KnobSettings);
            }
            catch (JsonException)
            {
                throw new InvalidOperationException($"{what}: annotation {SettingsKey} holds no settings; put it back, or remove it together with Tuner's arguments");
            }
        }

        EngineCommandLine line = write(settings);
        string wrote = Annotation is null ? "the first settings are written" : "Tuner wrote";
        for (int i = 0; i < Math.Max(Args.Count, line.Arguments.Count); i++)
        {
            string found = i < Args.Count ? $"\"{Args[i]}\"" : "missing";
            string expected = i < line.Arguments.Count ? $"\"{line.Arguments[i]}\"" : "nothing";
            if (found != expected)
                throw new InvalidOperationException($"the arguments of {what} were edited by another hand: argument {i + 1} is {found}, {wrote} {expected}; all of them: {string.Join(' ', line.Arguments)}");
        }

        if (line.ConfigText is not null && Config != line.ConfigText && Annotation is not null)
            throw new InvalidOperationException($"annotation {ConfigKey} of {what} was edited by another hand");
        return settings;
    }

    /// <summary>Why not every pod runs what the Deployment says; null when every one does.</summary>
    /// <param name="allAvailable">Whether all pods must be available, or one is enough.</param>
    public string? NotYet(bool allAvailable)
    {
        int wanted = deployment.Spec.Replicas ?? 1;
        V1DeploymentStatus? status = deployment.Status;
        if (wanted == 0)
            return $"{what} is scaled to 0 pods";
        if ((status?.ObservedGeneration ?? 0) < deployment.Metadata.Generation)
            return $"{what} has a change that its controller has not seen";
        (int all, int updated, int available) = (status?.Replicas ?? 0, status?.UpdatedReplicas ?? 0, status?.AvailableReplicas ?? 0);
        return updated >= wanted && all == updated && available >= (allAvailable ? wanted : 1)
            ? null
            : $"{what} rolls out: {updated} of {wanted} pods are new, {all - updated} old, {available} available";
    }

    /// <summary>Why the rollout was given up by the cluster; null while it was not.</summary>
    public string? GivenUp()
    {
        V1DeploymentCondition? progress = deployment.Status?.Conditions?.FirstOrDefault(each => each.Type == "Progressing");
        return progress is { Status: "False" } ? $"{progress.Reason}: {progress.Message}" : null;
    }

    private string? Annotated(string key) => deployment.Spec.Template.Metadata?.Annotations?.TryGetValue(key, out string? value) == true ? value : null;
}
