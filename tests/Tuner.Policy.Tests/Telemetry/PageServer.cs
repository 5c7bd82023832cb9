using System.Net;
using System.Text;

namespace Tuner.Policy.Tests.Telemetry;

/// <summary>Serves a page over HTTP.</summary>
internal sealed class PageServer : IDisposable
{
    private readonly HttpAnswers answers;

    public PageServer(string page)
    {
        Page = page;
        answers = new HttpAnswers(AnswerAsync);
    }

    public Uri Address => new(answers.Address, "metrics");

    public string Page { get; set; }

    /// <summary>A header as llama.cpp's server sends it, telling when it was started.</summary>
    public string? Started { get; set; }

    /// <summary>A page of tests/Tuner.Policy.Tests/Telemetry/Pages.</summary>
    public static string Stored(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Telemetry", "Pages", name + ".txt"));

    public void Dispose() => answers.Dispose();

    private async Task AnswerAsync(HttpListenerContext context)
    {
        if (Started is not null)
            context.Response.Headers["Process-Start-Time-Unix"] = Started;
        context.Response.ContentType = "text/plain; version=0.0.4";
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(Page));
        context.Response.Close();
    }
}
