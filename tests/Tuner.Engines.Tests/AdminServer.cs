using System.Net;
using System.Text.Json;
using Tuner.Policy.Tests;

namespace Tuner.Engines.Tests;

/// <summary>An engine's admin endpoint over HTTP, honest or not.</summary>
internal sealed class AdminServer : IDisposable
{
    private readonly HttpAnswers answers;

    public AdminServer(EngineSettings now)
    {
        Now = now;
        answers = new HttpAnswers(AnswerAsync);
    }

    public Uri Address => new(answers.Address, "admin/settings");

    public EngineSettings Now { get; set; }

    /// <summary>How many times a change says it is not done.</summary>
    public int Slow { get; set; }

    /// <summary>What becomes of what was asked for.</summary>
    public Func<EngineSettings, EngineSettings> Twist { get; set; } = asked => asked;

    /// <summary>A sentence to refuse with.</summary>
    public string? Refusal { get; set; }

    public void Dispose() => answers.Dispose();

    private async Task AnswerAsync(HttpListenerContext context)
    {
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
}
