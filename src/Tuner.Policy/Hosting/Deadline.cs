namespace Tuner.Policy.Hosting;

/// <summary>Calls what others wrote: it may throw, or hang whatever token it is given.</summary>
internal static class Deadline
{
    /// <summary>Runs a call for at most a given time.</summary>
    /// <returns>What it gave, or what went wrong in one sentence.</returns>
    public static async Task<(T? Value, string? Problem)> RunAsync<T>(
        Func<CancellationToken, ValueTask<T>> call, TimeSpan limit, TimeProvider time, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(limit, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            // On another thread: a call may block before it first awaits.
            return (await Task.Run(() => call(stop.Token).AsTask(), CancellationToken.None).WaitAsync(stop.Token).ConfigureAwait(false), null);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return (default, $"no answer within {limit.TotalSeconds:0.###} s");
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return (default, "the host is stopping");
        }
        catch (Exception problem)
        {
            return (default, problem.Message);
        }
    }
}
