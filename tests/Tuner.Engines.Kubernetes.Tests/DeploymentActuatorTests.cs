using System.Text.Json.Nodes;
using k8s;
using Tuner.Engines.CommandLines;
using Tuner.Engines.Tests;
using Tuner.Policy.Knobs;

namespace Tuner.Engines.Kubernetes.Tests;

/// <summary>The real client over HTTP, against <see cref="ApiServer"/>.</summary>
public sealed class DeploymentActuatorTests
{
    private static readonly VllmFlags Flags = new(Example.Setup("--port", "8000"));
    private static readonly KnobSettings Wanted = Example.First with { MaxBatchLevel = 1, KvCompression = true };

    private readonly List<IDisposable> opened = [];
    private ApiServer server = null!;

    [SetUp]
    public void Begin() => server = new ApiServer(Flags.Write(Example.First).Arguments);

    [TearDown]
    public void End()
    {
        foreach (IDisposable each in opened)
            each.Dispose();
        opened.Clear();
        server.Dispose();
    }

    [Test]
    public async Task Apply_ANewSetting_IsRolledOutAndReadBack()
    {
        DeploymentActuator actuator = Actuator();
        Assert.That(await actuator.ReadBackAsync(default), Is.EqualTo(Example.First), "the manifest's own arguments, without an annotation");

        await actuator.ApplyAsync(Wanted, default);

        Assert.That(server.Args, Is.EqualTo(Flags.Write(Wanted).Arguments));
        Assert.That(await actuator.ReadBackAsync(default), Is.EqualTo(Wanted));
        Assert.That(server.Generation, Is.EqualTo(2));
        Assert.That(await Actuator().ReadBackAsync(default), Is.EqualTo(Wanted), "by a host started anew");
        JsonNode spec = server.Spec;
        Assert.That((int)spec["replicas"]!, Is.EqualTo(2), "the rest is as it was");
        Assert.That((string)spec["template"]!["spec"]!["containers"]![0]!["args"]![0]!, Is.EqualTo("--quiet"));
        Assert.That((string)ApiServer.Engine(new JsonObject { ["spec"] = spec.DeepClone() })["image"]!, Is.EqualTo("vllm:1"));
        Assert.That((string)spec["template"]!["metadata"]!["labels"]!["app"]!, Is.EqualTo("llm"));
    }

    [Test]
    public async Task Apply_WhatRunsAlready_RollsNothingOutAnew()
    {
        DeploymentActuator actuator = Actuator();
        await actuator.ApplyAsync(Wanted, default);

        await actuator.ApplyAsync(Wanted, default);

        Assert.That(server.Generation, Is.EqualTo(2));
    }

    [Test]
    public void Capabilities_EveryKnobWithAChoice_TakesARestart()
    {
        KnobCapabilities capabilities = Actuator().Capabilities;

        KnobCapability[] able = [.. Enum.GetValues<Knob>().Select(knob => capabilities[knob]).Where(capability => capability != KnobCapability.None)];
        Assert.That(able, Is.Not.Empty);
        Assert.That(able, Is.All.EqualTo(KnobCapability.Restart));
        Assert.That(capabilities[Knob.BatchWait], Is.EqualTo(KnobCapability.None));
    }

    [Test]
    public async Task Apply_SomeoneScalesAtTheSameTime_IsTriedAgainAndKeepsTheirScale()
    {
        bool scaled = false;
        server.BeforePatch = now =>
        {
            if (!scaled)
                server.Edit(edited => edited["spec"]!["replicas"] = 3);
            scaled = true;
        };

        await Actuator().ApplyAsync(Wanted, default);

        Assert.That((int)server.Spec["replicas"]!, Is.EqualTo(3));
        Assert.That(server.Args, Is.EqualTo(Flags.Write(Wanted).Arguments));
        Assert.That(server.Patches, Is.EqualTo(1), "the one that came too late changed nothing");
    }

    [Test]
    public async Task Apply_SomeoneEditsTheArgumentsAtTheSameTime_WritesNothing()
    {
        server.BeforePatch = _ => server.Edit(now => EditFlag(now, "--max-num-seqs", "100"));

        InvalidOperationException problem = await FailsAsync(actuator => actuator.ApplyAsync(Wanted, default).AsTask());

        Assert.That(problem.Message, Does.Contain("another hand changed the arguments of deployment serving/llm at the same time; nothing was written"));
        Assert.That(server.Patches, Is.Zero);
        Assert.That(server.Args, Does.Contain("100"));
    }

    [Test]
    public async Task Apply_EveryPatchComesTooLate_IsGivenUp()
    {
        int labels = 0;
        server.BeforePatch = _ => server.Edit(now => now["metadata"]!["labels"] = new JsonObject { ["seen"] = $"{labels++}" });

        InvalidOperationException problem = await FailsAsync(actuator => actuator.ApplyAsync(Wanted, default).AsTask());

        Assert.That(problem.Message, Does.Contain("(409); nothing was written"));
        Assert.That(server.Args, Is.EqualTo(Flags.Write(Example.First).Arguments));
    }

    [TestCase("get"), TestCase("patch")]
    public async Task Apply_Forbidden_SaysWhichVerbsAreNeeded(string verb)
    {
        server.Forbidden = [verb];

        InvalidOperationException problem = await FailsAsync(actuator => actuator.ApplyAsync(Wanted, default).AsTask());

        Assert.That(problem.Message, Is.EqualTo($"the API server forbids Tuner to {verb} deployment serving/llm (403); its service account needs the verbs get and patch on deployments there"));
        Assert.That(server.Generation, Is.EqualTo(1));
    }

    [Test]
    public async Task ReadBack_NoSuchDeployment_SaysSo()
    {
        InvalidOperationException problem = await FailsAsync(actuator => actuator.ReadBackAsync(default).AsTask(), Options() with { Name = "other" });

        Assert.That(problem.Message, Is.EqualTo("there is no deployment serving/other (404)"));
    }

    [Test]
    public async Task ReadBack_NoSuchContainer_NamesThoseThereAre()
    {
        InvalidOperationException problem = await FailsAsync(actuator => actuator.ReadBackAsync(default).AsTask(), Options() with { Container = "llm" });

        Assert.That(problem.Message, Is.EqualTo("deployment serving/llm has no container llm; it has sidecar, engine"));
    }

    [Test]
    public async Task ReadBack_WrongCredentials_SaysSo()
    {
        InvalidOperationException problem = await FailsAsync(actuator => actuator.ReadBackAsync(default).AsTask(), token: "stale");

        Assert.That(problem.Message, Does.Contain("does not accept Tuner's credentials (401)"));
    }

    [Test]
    public async Task ReadBack_ApiServerDown_SaysWhichAndComesBackWithIt()
    {
        DeploymentActuator actuator = Actuator();
        await actuator.ReadBackAsync(default);
        server.Dispose();

        InvalidOperationException problem = (await Assert.ThrowsAsync<InvalidOperationException>(async () => await actuator.ReadBackAsync(default)))!;

        Assert.That(problem.Message, Does.StartWith($"the API server {server.Address} does not answer: "));
    }

    [TestCase(false), TestCase(true)]
    public async Task Apply_NeverAvailable_IsTakenBack(bool clusterGivesUp)
    {
        server.NeverAvailable = args => args.Contains("128");
        server.GivesUp = clusterGivesUp;

        InvalidOperationException problem = await FailsAsync(actuator => actuator.ApplyAsync(Wanted, default).AsTask());

        Assert.That(problem.Message, Does.Contain(clusterGivesUp ? "ProgressDeadlineExceeded: ReplicaSet" : "not done within 1.5 s: deployment serving/llm rolls out: 1 of 2 pods are new").And.EndsWith("; the old ones run again"));
        Assert.That(server.Args, Is.EqualTo(Flags.Write(Example.First).Arguments));
        Assert.That(await Actuator().ReadBackAsync(default), Is.EqualTo(Example.First));
    }

    [Test]
    public async Task Apply_NeitherNewNorOldBecomeAvailable_SaysBoth()
    {
        server.NeverAvailable = _ => true;

        InvalidOperationException problem = await FailsAsync(actuator => actuator.ApplyAsync(Wanted, default).AsTask());

        Assert.That(problem.Message, Does.Contain("and so did the one back to the old ones ("));
        Assert.That(server.Args, Is.EqualTo(Flags.Write(Example.First).Arguments));
    }

    [Test]
    public async Task Apply_GivenUpByTheLoop_IsTakenBack()
    {
        using var late = new CancellationTokenSource();
        int polls = 0;
        server.NeverAvailable = args =>
        {
            bool rollsOut = args.Contains("128");
            if (rollsOut && ++polls == 3)
                late.CancelAfter(TimeSpan.FromMilliseconds(10));
            return rollsOut;
        };

        InvalidOperationException problem = await FailsAsync(actuator => actuator.ApplyAsync(Wanted, late.Token).AsTask());

        Assert.That(problem.Message, Does.Contain("given up while it rolled out").And.EndsWith("; the old ones run again"));
        Assert.That(await Actuator().ReadBackAsync(default), Is.EqualTo(Example.First));
    }

    [Test]
    public async Task Apply_GivenUpWhileThePatchIsUnderWay_IsTakenBack()
    {
        using var late = new CancellationTokenSource();
        server.BeforePatch = _ => late.Cancel();

        InvalidOperationException problem = await FailsAsync(actuator => actuator.ApplyAsync(Wanted, late.Token).AsTask());

        Assert.That(problem.Message, Does.Contain("given up while it rolled out").And.EndsWith("; the old ones run again"));
        Assert.That(server.Patches, Is.EqualTo(2), "there and back");
        Assert.That(await Actuator().ReadBackAsync(default), Is.EqualTo(Example.First));
    }

    [Test]
    public async Task ReadBack_ArgumentsEditedByHand_SaysWhichAndWritesNothing()
    {
        DeploymentActuator actuator = Actuator();
        await actuator.ApplyAsync(Wanted, default);
        server.Edit(now => EditFlag(now, "--max-num-seqs", "100"));

        InvalidOperationException problem = await FailsAsync(each => each.ReadBackAsync(default).AsTask());
        InvalidOperationException refusal = await FailsAsync(each => each.ApplyAsync(Example.First, default).AsTask());

        Assert.That(problem.Message, Does.StartWith("the arguments of deployment serving/llm were edited by another hand: argument 10 is \"100\", Tuner wrote \"128\""));
        Assert.That(refusal.Message, Is.EqualTo(problem.Message));
        Assert.That(server.Args, Does.Contain("100"));
    }

    [Test]
    public async Task ReadBack_AnnotationEditedByHand_IsNotBelieved()
    {
        await Actuator().ApplyAsync(Wanted, default);
        server.Edit(now => now["spec"]!["template"]!["metadata"]!["annotations"]!["tuner/settings"] = "{\"maxBatchLevel\":\"many\"}");

        Assert.That((await FailsAsync(actuator => actuator.ReadBackAsync(default).AsTask())).Message, Does.Contain("annotation tuner/settings holds no settings"));
    }

    [Test]
    public async Task ReadBack_WhileRollingOut_IsNotKnown()
    {
        server.Edit(now => ApiServer.Engine(now)["image"] = "vllm:2");

        InvalidOperationException problem = await FailsAsync(actuator => actuator.ReadBackAsync(default).AsTask());

        Assert.That(problem.Message, Does.Contain("rolls out: 0 of 2 pods are new"));
    }

    [Test]
    public async Task Apply_EngineWithAConfigurationFile_HasItAsAnAnnotation()
    {
        var flags = new TensorRtLlmFlags(Example.Setup());
        server.Dispose();
        server = new ApiServer([.. flags.Write(Example.First).Arguments, "--config", "/etc/tuner/config"]);
        DeploymentActuator actuator = Actuator(Options() with { ConfigPath = "/etc/tuner/config" }, flags: flags);

        KnobSettings wanted = Example.First with { KvCompression = true, BatchWaitLevel = 1 };
        await actuator.ApplyAsync(wanted, default);

        Assert.That((string)server.Spec["template"]!["metadata"]!["annotations"]!["tuner/config"]!, Does.Contain("dtype: fp8").And.Contains("batch_wait_timeout_ms: 20"));
        Assert.That(server.Args[^2..], Is.EqualTo(new[] { "--config", "/etc/tuner/config" }));
        Assert.That(await actuator.ReadBackAsync(default), Is.EqualTo(wanted));
        Assert.That((await FailsAsync(each => each.ReadBackAsync(default).AsTask(), flags: flags)).Message, Does.Contain("set DeploymentOptions.ConfigPath"));
    }

    private static void EditFlag(JsonObject deployment, string flag, string value)
    {
        JsonArray args = ApiServer.Engine(deployment)["args"]!.AsArray();
        args[Array.IndexOf(ApiServer.Arguments(deployment), flag) + 1] = value;
    }

    private static DeploymentOptions Options() => new()
    {
        Namespace = "serving", Name = "llm", Container = "engine", First = Example.First, RolloutLimit = TimeSpan.FromSeconds(1.5), Pace = TimeSpan.FromMilliseconds(20),
    };

    private async Task<InvalidOperationException> FailsAsync(Func<DeploymentActuator, Task> act, DeploymentOptions? options = null, string token = ApiServer.Token, EngineFlags? flags = null)
        => (await Assert.ThrowsAsync<InvalidOperationException>(() => act(Actuator(options, token, flags))))!;

    private DeploymentActuator Actuator(DeploymentOptions? options = null, string token = ApiServer.Token, EngineFlags? flags = null)
    {
        var client = new k8s.Kubernetes(new KubernetesClientConfiguration { Host = server.Address.ToString(), AccessToken = token });
        var actuator = new DeploymentActuator(flags ?? Flags, options ?? Options(), client, TimeProvider.System);
        opened.AddRange([client, actuator]);
        return actuator;
    }
}
