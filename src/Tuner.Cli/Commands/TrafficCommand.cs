using System.CommandLine;
using Spectre.Console;
using Tuner.Cli.Commands.Traffic;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner traffic</c>: look at traces, make synthetic ones.</summary>
internal static class TrafficCommand
{
    public static Command Create(IAnsiConsole console) => new("traffic", "Look at traces and make synthetic ones.")
    {
        InspectTrafficCommand.Create(console),
        SynthesizeTrafficCommand.Create(console),
        ListTrafficCommand.Create(console),
    };
}
