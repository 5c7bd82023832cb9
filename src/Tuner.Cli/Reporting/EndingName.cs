using Tuner.Env.Cluster;

namespace Tuner.Cli.Reporting;

/// <summary>How endings are written.</summary>
internal static class EndingName
{
    /// <summary>An ending's name; that of a request that was still in flight when the run ended.</summary>
    public static string Of(RequestEventKind? ending) => ending switch
    {
        RequestEventKind.Completed => "completed",
        RequestEventKind.Cancelled => "cancelled",
        RequestEventKind.TimedOut => "timed-out",
        RequestEventKind.Refused => "refused",
        _ => "unfinished",
    };
}
