using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands.Traffic;

/// <summary><c>tuner traffic list</c>: the presets that ship with Tuner.</summary>
internal static class ListTrafficCommand
{
    public static Command Create(IAnsiConsole console)
    {
        var command = new Command("list", "The synthetic presets.");
        command.SetAction(_ =>
        {
            Table table = new Table().Border(TableBorder.Simple).AddColumns("preset", "length", "rate", "what it is like");
            foreach (string name in TrafficPresets.Names)
            {
                SyntheticTraffic traffic = TrafficPresets.Open(name, seed: 1);
                table.AddRow(
                    $"[bold]{name}[/]",
                    string.Create(CultureInfo.InvariantCulture, $"{traffic.Seconds / 60:0} min"),
                    string.Create(CultureInfo.InvariantCulture, $"{traffic.MeanRate:0.##}/s"),
                    Markup.Escape(traffic.Description));
            }

            console.Write(table);
            return ExitCode.Ok;
        });
        return command;
    }
}
