using System.Globalization;
using System.Net;
using System.Text;

namespace Tuner.Engines.Tests;

/// <summary>An engine in a process of its own: it takes vLLM's arguments and tells them over HTTP once it is healthy.</summary>
internal static class ChildEngine
{
    /// <summary>Ends at once with an 8-bit KV cache; is never healthy with 256 sequences; else serves until it is asked to end.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        if (Value(args, "--kv-cache-dtype") == "fp8")
            return 3;
        bool neverHealthy = Value(args, "--max-num-seqs") == "256";
        using var listener = new HttpListener();
        listener.Prefixes.Add($"http://127.0.0.1:{int.Parse(Value(args, "--port")!, CultureInfo.InvariantCulture)}/");
        listener.Start();
        while (true)
        {
            HttpListenerContext context = await listener.GetContextAsync();
            context.Response.StatusCode = neverHealthy ? 503 : 200;
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(string.Join('\n', args)));
            context.Response.Close();
        }
    }

    private static string? Value(string[] args, string flag)
    {
        int at = Array.IndexOf(args, flag);
        return at < 0 ? null : args[at + 1];
    }
}
