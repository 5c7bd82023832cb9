namespace Tuner.Env.Scenarios;

/// <summary>How clients behave, and what the gateway allows them.</summary>
public sealed record ClientSpec
{
    /// <summary>Clients who wait for ever, read to the end and are never turned away.</summary>
    public static ClientSpec Patient { get; } = new();

    /// <summary>How long a client waits for the first token before giving up, seconds.</summary>
    public double FirstTokenPatienceSeconds { get; init; } = double.PositiveInfinity;

    /// <summary>How long a client waits for the last token before giving up, seconds.</summary>
    public double TimeoutSeconds { get; init; } = double.PositiveInfinity;

    /// <summary>Share of requests broken off by a client who has read enough, after a share of the answer that is uniform; 0 to 1.</summary>
    public double CancelShare { get; init; }

    /// <summary>Most requests clients have under way together; others wait on the clients' side, and their wait counts.</summary>
    public int MaxInFlight { get; init; } = int.MaxValue;

    /// <summary>Most requests waiting in one replica's queue; more are turned away (HTTP 429).</summary>
    public int MaxWaiting { get; init; } = int.MaxValue;

    /// <summary>Whether anybody gives up.</summary>
    public bool GivesUp => double.IsFinite(Math.Min(FirstTokenPatienceSeconds, TimeoutSeconds));
}
