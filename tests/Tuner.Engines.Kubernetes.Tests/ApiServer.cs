using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Tuner.Policy.Tests;

namespace Tuner.Engines.Kubernetes.Tests;

/// <summary>
/// An API server over HTTP with one Deployment, and its controller: get and strategic merge patch, optimistic locking by resourceVersion (409), a new
/// generation where the spec changed, status objects as answers to what fails. The controller takes a step each time the Deployment is asked for.
/// </summary>
internal sealed class ApiServer : IDisposable
{
    public const string Token = "a-service-account";

    private const string DeploymentPath = "/apis/apps/v1/namespaces/serving/deployments/llm";

    private readonly HttpAnswers answers;
    private readonly Lock gate = new();
    private JsonObject deployment;

    public ApiServer(IEnumerable<string> args, int replicas = 2)
    {
        deployment = new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "Deployment",
            ["metadata"] = new JsonObject { ["name"] = "llm", ["namespace"] = "serving", ["uid"] = "4f6c", ["resourceVersion"] = "1000", ["generation"] = 1L },
            ["spec"] = new JsonObject
            {
                ["replicas"] = replicas,
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "llm" } },
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "llm" } },
                    ["spec"] = new JsonObject
                    {
                        ["containers"] = new JsonArray(
                            new JsonObject { ["name"] = "sidecar", ["image"] = "proxy:1", ["args"] = new JsonArray("--quiet") },
                            new JsonObject { ["name"] = "engine", ["image"] = "vllm:1", ["command"] = new JsonArray("vllm"), ["args"] = new JsonArray([.. args.Select(arg => JsonValue.Create(arg))]) }),
                    },
                },
            },
            ["status"] = new JsonObject { ["observedGeneration"] = 1L, ["replicas"] = replicas, ["updatedReplicas"] = replicas, ["availableReplicas"] = replicas },
        };
        answers = new HttpAnswers(AnswerAsync);
    }

    public Uri Address => answers.Address;

    /// <summary>Pods with these arguments never become available.</summary>
    public Func<string[], bool> NeverAvailable { get; set; } = _ => false;

    /// <summary>Whether the controller gives such a rollout up, as with progressDeadlineSeconds.</summary>
    public bool GivesUp { get; set; }

    /// <summary>Called before a patch is looked at: another hand, quicker.</summary>
    public Action<JsonObject> BeforePatch { get; set; } = _ => { };

    /// <summary>Verbs that are forbidden.</summary>
    public string[] Forbidden { get; set; } = [];

    public int Patches { get; private set; }

    public string[] Args => Read(Arguments);

    public long Generation => Read(now => (long)now["metadata"]!["generation"]!);

    public JsonNode Spec => Read(now => now["spec"]!.DeepClone());

    public static string[] Arguments(JsonNode of) => [.. Engine(of)["args"]!.AsArray().Select(arg => (string)arg!)];

    public static JsonNode Engine(JsonNode of) => of["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Single(each => (string)each!["name"]! == "engine")!;

    /// <summary>Changes the Deployment as another client of the API server would.</summary>
    public void Edit(Action<JsonObject> change)
    {
        lock (gate)
            Change(change);
    }

    public void Dispose() => answers.Dispose();

    private T Read<T>(Func<JsonObject, T> read)
    {
        lock (gate)
            return read(deployment);
    }

    private void Change(Action<JsonObject> change)
    {
        string spec = deployment["spec"]!.ToJsonString();
        change(deployment);
        JsonNode metadata = deployment["metadata"]!;
        metadata["resourceVersion"] = $"{long.Parse((string)metadata["resourceVersion"]!, System.Globalization.CultureInfo.InvariantCulture) + 1}";
        if (deployment["spec"]!.ToJsonString() != spec)
            metadata["generation"] = (long)metadata["generation"]! + 1;
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream);
        string sent = await reader.ReadToEndAsync();
        (int code, JsonNode body) = Sound(() => Answer(context.Request, sent));
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body.ToJsonString()));
        context.Response.Close();
    }

    /// <summary>What goes wrong in here is answered like a fault of the API server: a client that waits for ever says nothing.</summary>
    private static (int Code, JsonNode Body) Sound(Func<(int Code, JsonNode Body)> answer)
    {
        try
        {
            return answer();
        }
        catch (Exception wrong)
        {
            return Status(500, "InternalError", wrong.ToString());
        }
    }

    private (int Code, JsonNode Body) Answer(HttpListenerRequest request, string body)
    {
        lock (gate)
        {
            string verb = request.HttpMethod == "GET" ? "get" : "patch";
            if (request.Headers["Authorization"] != $"Bearer {Token}")
                return Status(401, "Unauthorized", "Unauthorized");
            if (Forbidden.Contains(verb))
                return Status(403, "Forbidden", $"deployments.apps \"llm\" is forbidden: User \"system:serviceaccount:serving:tuner\" cannot {verb} resource \"deployments\"");
            if (request.Url!.AbsolutePath != DeploymentPath)
                return Status(404, "NotFound", $"{request.Url.AbsolutePath} not found");
            if (verb == "get")
            {
                Step();
                return (200, deployment.DeepClone());
            }

            BeforePatch(deployment);
            if (request.ContentType?.StartsWith("application/strategic-merge-patch+json", StringComparison.Ordinal) != true)
                return Status(415, "UnsupportedMediaType", $"the body of the request was in an unknown format: {request.ContentType}");
            JsonObject patch = JsonNode.Parse(body)!.AsObject();
            string now = (string)deployment["metadata"]!["resourceVersion"]!;
            if ((string?)patch["metadata"]?["resourceVersion"] is { } asked && asked != now)
                return Status(409, "Conflict", "Operation cannot be fulfilled on deployments.apps \"llm\": the object has been modified; please apply your changes to the latest version and try again");
            Patches++;
            patch["metadata"]!.AsObject().Remove("resourceVersion");
            Change(to => Merge(to, patch));
            return (200, deployment.DeepClone());
        }
    }

    /// <summary>Maps are merged, containers by name, other lists replaced; null removes.</summary>
    private static void Merge(JsonObject to, JsonObject patch)
    {
        foreach ((string key, JsonNode? value) in patch)
        {
            if (value is null)
            {
                to.Remove(key);
            }
            else if (value is JsonObject inner)
            {
                if (to[key] is not JsonObject)
                    to[key] = new JsonObject();
                Merge(to[key]!.AsObject(), inner);
            }
            else if (key == "containers")
            {
                foreach (JsonNode? each in value.AsArray())
                    Merge(to[key]!.AsArray().Single(known => (string)known!["name"]! == (string)each!["name"]!)!.AsObject(), each!.AsObject());
            }
            else
            {
                to[key] = value.DeepClone();
            }
        }
    }

    /// <summary>The controller: it sees a generation, brings up a new pod beside the old ones, makes it available, takes an old one away.</summary>
    private void Step()
    {
        JsonNode status = deployment["status"]!;
        int wanted = (int)deployment["spec"]!["replicas"]!;
        int all = (int)status["replicas"]!, updated = (int)status["updatedReplicas"]!, available = (int)status["availableReplicas"]!;
        if ((long)status["observedGeneration"]! < (long)deployment["metadata"]!["generation"]!)
        {
            Change(_ => (status["observedGeneration"], status["updatedReplicas"]) = ((long)deployment["metadata"]!["generation"]!, 0));
            status.AsObject().Remove("conditions");
            return;
        }

        if (NeverAvailable(Arguments(deployment)))
        {
            if (updated == 0)
                Change(_ => (status["updatedReplicas"], status["replicas"]) = (1, wanted + 1));
            if (GivesUp)
                status["conditions"] = new JsonArray(new JsonObject { ["type"] = "Progressing", ["status"] = "False", ["reason"] = "ProgressDeadlineExceeded", ["message"] = "ReplicaSet \"llm-7d\" has timed out progressing." });
            return;
        }

        if (updated < wanted)
            Change(_ => (status["updatedReplicas"], status["replicas"], status["availableReplicas"]) = (updated + 1, wanted + 1, wanted));
        else if (all > updated)
            Change(_ => (status["replicas"], status["availableReplicas"]) = (updated, wanted));
        else if (available < wanted)
            Change(_ => status["availableReplicas"] = wanted);
    }

    private static (int Code, JsonNode Body) Status(int code, string reason, string message)
        => (code, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Failure", ["message"] = message, ["reason"] = reason, ["code"] = code });
}
