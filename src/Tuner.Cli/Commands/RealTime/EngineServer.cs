using System.Net;
using System.Text;
using System.Text.Json;
using Tuner.Engines;

namespace Tuner.Cli.Commands.RealTime;

/// <summary>Serves an engine over HTTP, to this machine alone: <c>/metrics</c>, <c>/health</c>, and <c>GET</c> and <c>PUT</c> of <c>/admin/settings</c>.</summary>
internal sealed class EngineServer : IDisposable
{
    private readonly LiveEngine engine;
    private readonly HttpListener listener = new();

    /// <exception cref="UserErrorException">The port is taken.</exception>
    public EngineServer(LiveEngine engine, int port)
    {
        this.engine = engine;
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        listener.Prefixes.Add($"http://localhost:{port}/");
        try
        {
            listener.Start();
        }
        catch (HttpListenerException wrong)
        {
            throw new UserErrorException($"--port {port}: cannot be served on ({wrong.Message.TrimEnd('.')}); name another.");
        }
    }

    /// <summary>Answers until told to stop.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync().WaitAsync(cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await AnswerAsync(context).ConfigureAwait(false);
        }
    }

    public void Dispose() => listener.Close();

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            (int status, string type, string text) = await AnswerAsync(context.Request).ConfigureAwait(false);
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text)).ConfigureAwait(false);
            context.Response.Close();
        }
        catch (Exception gone) when (gone is HttpListenerException or IOException or ObjectDisposedException)
        {
            // Whoever asked has gone.
        }
    }

    private async Task<(int Status, string Type, string Text)> AnswerAsync(HttpListenerRequest request)
    {
        const string Plain = "text/plain; charset=utf-8";
        switch ((request.HttpMethod, request.Url?.AbsolutePath))
        {
            case ("GET", "/health"):
                return (200, Plain, "");
            case ("GET", "/metrics"):
                return (200, "text/plain; version=0.0.4; charset=utf-8", engine.Metrics());
            case ("PUT", "/admin/settings"):
                return await TryChangeAsync(request.InputStream).ConfigureAwait(false) is { } problem ? (400, Plain, problem) : Settings();
            case ("GET", "/admin/settings"):
                return Settings();
            default:
                return (404, Plain, "expected /metrics, /health or /admin/settings");
        }
    }

    private (int Status, string Type, string Text) Settings()
        => (200, "application/json", JsonSerializer.Serialize(engine.Settings(), EngineSettings.JsonType));

    private async Task<string?> TryChangeAsync(Stream body)
    {
        try
        {
            engine.Change(await JsonSerializer.DeserializeAsync(body, EngineSettings.JsonType).ConfigureAwait(false) ?? throw new FormatException("null found; expected settings"));
            return null;
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException)
        {
            return wrong.Message;
        }
    }
}
