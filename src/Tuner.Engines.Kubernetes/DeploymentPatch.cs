namespace Tuner.Engines.Kubernetes;

/// <summary>A strategic merge patch of a Deployment: one container's arguments and two annotations of the pod template, if it still has the version read.</summary>
internal sealed record DeploymentPatch(DeploymentPatch.VersionRead Metadata, DeploymentPatch.DeploymentSpec Spec)
{
    public static DeploymentPatch Of(string resourceVersion, IReadOnlyDictionary<string, string?> annotations, string container, IReadOnlyList<string> args)
        => new(new VersionRead(resourceVersion), new DeploymentSpec(new PodTemplate(new Annotated(annotations), new PodSpec([new Container(container, args)]))));

    /// <summary>With a resourceVersion the API server answers 409 when another hand was quicker.</summary>
    internal sealed record VersionRead(string ResourceVersion);

    internal sealed record DeploymentSpec(PodTemplate Template);

    internal sealed record PodTemplate(Annotated Metadata, PodSpec Spec);

    internal sealed record Annotated(IReadOnlyDictionary<string, string?> Annotations);

    internal sealed record PodSpec(IReadOnlyList<Container> Containers);

    /// <summary>Containers are merged by name, their arguments replaced.</summary>
    internal sealed record Container(string Name, IReadOnlyList<string> Args);
}
