using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tuner.Policy.Tests.Telemetry;

/// <summary>Serves a page over HTTP.</summary>
internal sealed class PageServer : IDisposable
{
    private readonly HttpListener listener = new();

    public PageServer(string page)
    {
        Page = page;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/metrics");
        }

        listener.Prefixes.Add(new Uri(Address, "/").ToString());
        listener.Start();
        _ = Task.Run(AnswerAsync);
    }

    public Uri Address { get; }

    public string Page { get; set; }

    /// <summary>A header as llama.cpp's server sends it, telling when it was started.</summary>
    public string? Started { get; set; }

    /// <summary>A page of tests/Tuner.Policy.Tests/Telemetry/Pages.</summary>
    public static string Stored(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Telemetry", "Pages", name + ".txt"));

    public void Dispose() => listener.Close();

    private async Task AnswerAsync()
    {
        while (listener.IsListening)
        {
            try
            {
                HttpListenerContext context = await listener.GetContextAsync();
                if (Started is not null)
                    context.Response.Headers["Process-Start-Time-Unix"] = Started;
                context.Response.ContentType = "text/plain; version=0.0.4";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(Page));
                context.Response.Close();
            }
            catch (Exception gone) when (gone is HttpListenerException or ObjectDisposedException or IOException)
            {
                // A client that hung up, or the end: only the latter ends the loop.
            }
        }
    }
}
