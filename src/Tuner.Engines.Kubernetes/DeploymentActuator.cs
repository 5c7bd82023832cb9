using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Tuner.Engines.CommandLines;
using Tuner.Policy.Hosting;
using Tuner.Policy.Knobs;

namespace Tuner.Engines.Kubernetes;

/// <summary>Turns knobs by rolling a Deployment out with other arguments of its engine's container.</summary>
/// <remarks>
/// <para>It writes over nothing it has not read: every patch carries the version read, and one that came too late is tried again only while the
/// arguments are still the same. A rollout that does not become available in time, or that the cluster gives up, is taken back.</para>
/// <para>What runs is believed where the annotation's settings and the arguments that really stand there agree, and no older pod is left.</para>
/// </remarks>
/// <param name="flags">Writes the arguments.</param>
/// <param name="options">Which Deployment.</param>
/// <param name="client">Speaks to the API server.</param>
/// <param name="time">Measures the limits.</param>
public sealed class DeploymentActuator(EngineFlags flags, DeploymentOptions options, IKubernetes client, TimeProvider time) : IKnobActuator, IDisposable
{
    private const int Attempts = 5;
    private const string Manager = "tuner";

    /// <summary>A patch that was sent is waited for even if the caller has given up: whether it was written must be known, or nobody takes it back.</summary>
    private static readonly TimeSpan PatchLimit = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim oneAtATime = new(1, 1);

    /// <inheritdoc/>
    public KnobCapabilities Capabilities { get; } = flags.CapabilitiesBy(KnobCapability.Restart);

    /// <inheritdoc/>
    public bool Supports(in KnobSettings settings) => flags.Supports(settings);

    /// <inheritdoc/>
    public async ValueTask<KnobSettings> ReadBackAsync(CancellationToken cancellation)
    {
        DeploymentView now = await ReadAsync(cancellation).ConfigureAwait(false);
        KnobSettings settings = now.Settings(options, Line);
        return now.NotYet(allAvailable: false) is { } problem ? throw new InvalidOperationException(problem) : settings;
    }

    /// <inheritdoc/>
    public async ValueTask ApplyAsync(KnobSettings settings, CancellationToken cancellation)
    {
        await oneAtATime.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            EngineCommandLine line = Line(settings);
            DeploymentView before = await ReadAsync(cancellation).ConfigureAwait(false);
            KnobSettings old = before.Settings(options, Line);
            DeploymentView patched = await PatchAsync(before, settings, line, cancellation).ConfigureAwait(false);
            string? problem = await RolledOutAsync(patched, cancellation).ConfigureAwait(false);
            if (problem is null)
                return;
            string? again = await TakeBackAsync(patched, old).ConfigureAwait(false);
            throw new InvalidOperationException(again is null
                ? $"the rollout with the new settings failed ({problem}); the old ones run again"
                : $"the rollout with the new settings failed ({problem}), and so did the one back to the old ones ({again})");
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    /// <summary>Lets go of the Deployment, which runs on.</summary>
    public void Dispose() => oneAtATime.Dispose();

    private async Task<string?> TakeBackAsync(DeploymentView patched, KnobSettings old)
    {
        // Not with the caller's token: it may be what ended the rollout.
        using var late = new CancellationTokenSource(options.RolloutLimit, time);
        try
        {
            DeploymentView back = await PatchAsync(patched, old, Line(old), late.Token).ConfigureAwait(false);
            return await RolledOutAsync(back, late.Token).ConfigureAwait(false);
        }
        catch (InvalidOperationException problem)
        {
            return problem.Message;
        }
        catch (OperationCanceledException)
        {
            return $"no answer within {options.RolloutLimit.TotalSeconds:0.#} s";
        }
    }

    /// <summary>Waits until every pod is a new one and available.</summary>
    /// <returns>What went wrong; null when they are.</returns>
    private async Task<string?> RolledOutAsync(DeploymentView patched, CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        while (true)
        {
            string? problem;
            try
            {
                DeploymentView now = await ReadAsync(cancellation).ConfigureAwait(false);
                if (!now.SaysTheSame(patched))
                    return "another hand changed the arguments meanwhile";
                problem = now.NotYet(allAvailable: true);
                if (problem is null)
                    return null;
                if (now.GivenUp() is { } why)
                    return why;
            }
            catch (InvalidOperationException unread)
            {
                problem = unread.Message; // an API server that is away for a moment does not end a rollout
            }
            catch (OperationCanceledException)
            {
                return "given up while it rolled out";
            }

            if (time.GetElapsedTime(started) > options.RolloutLimit)
                return $"not done within {options.RolloutLimit.TotalSeconds:0.#} s: {problem}";
            try
            {
                await Task.Delay(options.Pace, time, cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return "given up while it rolled out";
            }
        }
    }

    /// <summary>Writes settings over what was read; where another hand was quicker, reads again and goes on only if it left the arguments alone.</summary>
    private async Task<DeploymentView> PatchAsync(DeploymentView read, KnobSettings settings, EngineCommandLine line, CancellationToken cancellation)
    {
        var annotations = new Dictionary<string, string?>
        {
            [DeploymentView.SettingsKey] = JsonSerializer.Serialize(settings, KubernetesJson.Default.KnobSettings),
            [DeploymentView.ConfigKey] = line.ConfigText,
        };
        DeploymentView seen = read;
        for (int attempt = 0; attempt < Attempts && seen.SaysTheSame(read); attempt++)
        {
            string patch = JsonSerializer.Serialize(DeploymentPatch.Of(seen.ResourceVersion, annotations, options.Container, line.Arguments), KubernetesJson.Default.DeploymentPatch);
            cancellation.ThrowIfCancellationRequested();
            using var answered = new CancellationTokenSource(PatchLimit, time);
            V1Deployment? written = await AskAsync(
                "patch",
                () => client.AppsV1.PatchNamespacedDeploymentAsync(new V1Patch(patch, V1Patch.PatchType.StrategicMergePatch), options.Name, options.Namespace, fieldManager: Manager, cancellationToken: answered.Token)).ConfigureAwait(false);
            if (written is not null)
                return new DeploymentView(written, options);
            seen = await ReadAsync(cancellation).ConfigureAwait(false);
        }

        throw new InvalidOperationException(seen.SaysTheSame(read)
            ? $"deployment {options.Namespace}/{options.Name} changed under each of {Attempts} patches (409); nothing was written"
            : $"another hand changed the arguments of deployment {options.Namespace}/{options.Name} at the same time; nothing was written");
    }

    private async Task<DeploymentView> ReadAsync(CancellationToken cancellation)
        => new((await AskAsync("get", () => client.AppsV1.ReadNamespacedDeploymentAsync(options.Name, options.Namespace, cancellationToken: cancellation)).ConfigureAwait(false))!, options);

    /// <summary>Asks the API server.</summary>
    /// <returns>Its answer; null where it says that another hand was quicker.</returns>
    private async Task<V1Deployment?> AskAsync(string verb, Func<Task<V1Deployment>> ask)
    {
        string what = $"deployment {options.Namespace}/{options.Name}";
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (HttpOperationException answer) when (verb == "patch" && answer.Response.StatusCode == HttpStatusCode.Conflict)
        {
            return null;
        }
        catch (HttpOperationException answer)
        {
            int code = (int)answer.Response.StatusCode;
            throw new InvalidOperationException(
                code switch
                {
                    401 => $"the API server does not accept Tuner's credentials (401); expected a service account that may {verb} {what}",
                    403 => $"the API server forbids Tuner to {verb} {what} (403); its service account needs the verbs get and patch on deployments there",
                    404 => $"there is no {what} (404)",
                    _ => $"the API server refuses to {verb} {what}: {code} {Said(answer.Response.Content)}",
                }, answer);
        }
        catch (OperationCanceledException late) when (verb == "patch")
        {
            throw new InvalidOperationException($"the API server {client.BaseUri} did not answer within {PatchLimit.TotalSeconds:0} s; whether the patch was written the next reading tells", late);
        }
        catch (HttpRequestException problem)
        {
            throw new InvalidOperationException($"the API server {client.BaseUri} does not answer: {problem.Message}", problem);
        }
    }

    private EngineCommandLine Line(KnobSettings settings)
    {
        EngineCommandLine line = flags.Write(settings);
        if (line.ConfigFlag is null)
            return line;
        string path = options.ConfigPath
            ?? throw new InvalidOperationException($"this engine takes a configuration file; mount annotation {DeploymentView.ConfigKey} as one and set DeploymentOptions.ConfigPath");
        return line with { Arguments = [.. line.Arguments, line.ConfigFlag, path] };
    }

    /// <summary>The sentence of a Status object; else what there is of the answer.</summary>
    private static string Said(string? body)
    {
        try
        {
            using JsonDocument status = JsonDocument.Parse(body ?? "");
            if (status.RootElement.ValueKind == JsonValueKind.Object && status.RootElement.TryGetProperty("message", out JsonElement message))
                return message.ToString();
        }
        catch (JsonException)
        {
            // Not the API server's own answer: a proxy's, perhaps.
        }

        return body is { Length: > 200 } ? body[..200] : body ?? "";
    }
}
