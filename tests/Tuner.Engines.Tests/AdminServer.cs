using System.Net;
using System.Text.Json;

namespace Tuner.Engines.Tests;

/// <summary>An engine's admin endpoint over HTTP, honest or not.</summary>
internal sealed class AdminServer : IDisposable
{
    private readonly HttpListener listener = new();

    public AdminServer(EngineSettings now)
    {
        Now = now;
        Address = new Uri($"http://127.0.0.1:{Example.FreePort()}/admin/settings");
        listener.Prefixes.Add(new Uri(Address, "/").ToString());
        listener.Start();
        _ = Task.Run(AnswerAsync);
    }

    public Uri Address { get; }

    public EngineSettings Now { get; set; }

    /// <summary>How many times a change says it is not done.</summary>
    public int Slow { get; set; }

    /// <summary>What becomes of what was asked for.</summary>
    public Func<EngineSettings, EngineSettings> Twist { get; set; } = asked => asked;

    /// <summary>A sentence to refuse with.</summary>
    public string? Refusal { get; set; }

    public void Dispose() => listener.Close();

    private async Task AnswerAsync()
    {
        while (listener.IsListening)
        {
            try
            {
                HttpListenerContext context = await listener.GetContextAsync();
                if (context.Request.HttpMethod == "PUT" && Refusal is not null)
                {
                    context.Response.StatusCode = 400;
                    await context.Response.OutputStream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Refusal));
                }
                else if (context.Request.HttpMethod == "PUT")
                {
                    Now = Twist((await JsonSerializer.DeserializeAsync(context.Request.InputStream, EngineJson.Default.EngineSettings))!);
                }
                else
                {
                    EngineSettings told = Slow-- > 0 ? Now with { Changing = true } : Now;
                    context.Response.ContentType = "application/json";
                    await JsonSerializer.SerializeAsync(context.Response.OutputStream, told, EngineJson.Default.EngineSettings);
                }

                context.Response.Close();
            }
            catch (Exception gone) when (gone is HttpListenerException or ObjectDisposedException or IOException)
            {
                // A client that hung up, or the end: only the latter ends the loop.
            }
        }
    }
}
