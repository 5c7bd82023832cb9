using System.Net;

namespace Tuner.Policy.Tests;

/// <summary>What every stand-in that speaks HTTP has: a port of its own, and answers to one request after the other until it is disposed of.</summary>
internal sealed class HttpAnswers : IDisposable
{
    private readonly HttpListener listener = new();

    /// <param name="answer">Answers a request and closes the response.</param>
    public HttpAnswers(Func<HttpListenerContext, Task> answer)
    {
        Address = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}/");
        listener.Prefixes.Add(Address.ToString());
        listener.Start();
        _ = Task.Run(() => AnswerAsync(answer));
    }

    public Uri Address { get; }

    public void Dispose() => listener.Close();

    private async Task AnswerAsync(Func<HttpListenerContext, Task> answer)
    {
        while (listener.IsListening)
        {
            try
            {
                await answer(await listener.GetContextAsync());
            }
            catch (Exception gone) when (gone is HttpListenerException or ObjectDisposedException or IOException)
            {
                // A client that hung up, or the end: only the latter ends the loop.
            }
        }
    }
}
