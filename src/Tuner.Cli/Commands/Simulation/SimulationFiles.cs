namespace Tuner.Cli.Commands.Simulation;

/// <summary>What a simulation leaves behind for reading; null is not written.</summary>
/// <param name="Trace">Chrome trace.</param>
/// <param name="Requests">CSV of requests.</param>
/// <param name="Windows">CSV of windows.</param>
/// <param name="Plots">Folder of pictures.</param>
internal sealed record SimulationFiles(string? Trace, string? Requests, string? Windows, string? Plots)
{
    /// <summary>Whether anything is to be written.</summary>
    public bool Any => Trace is not null || Requests is not null || Windows is not null || Plots is not null;

    /// <summary>Refuses what cannot be written, before any work is done.</summary>
    public void RequireWritable()
    {
        foreach (string? file in new[] { Trace, Requests, Windows })
            Shared.RequireWritableFile(file);
        if (Plots is not null)
            Shared.RequireWritableFolder(Plots);
    }
}
