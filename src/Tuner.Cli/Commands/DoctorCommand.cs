using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;
using Tuner.Cli.Commands.Doctor;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner doctor</c>: what this machine has and lacks, and the remedy.</summary>
internal static class DoctorCommand
{
    private static readonly JsonSerializerOptions Layout = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static Command Create(IAnsiConsole console)
    {
        Option<string?> json = Shared.Json();
        var command = new Command("doctor", "Say what this machine has and lacks, and the remedy.") { json };
        command.SetAction(parsed =>
        {
            Shared.RequireWritableFile(parsed.GetValue(json));
            Finding[] findings = [.. Checks.All()];
            Print(console, findings);
            if (parsed.GetValue(json) is { } target)
                Shared.WriteFile(target, JsonSerializer.Serialize(findings, Layout) + "\n");
            return findings.Any(finding => finding.Outcome == CheckOutcome.Missing) ? ExitCode.Failed : ExitCode.Ok;
        });
        return command;
    }

    private static void Print(IAnsiConsole console, Finding[] findings)
    {
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (Finding finding in findings)
        {
            grid.AddRow(
                new Markup(Sign(finding.Outcome)),
                new Markup($"[bold]{Markup.Escape(finding.Name)}[/]"),
                new Text(finding.Remedy is null ? finding.Found : $"{finding.Found}\n→ {finding.Remedy}"));
        }

        console.Write(grid);
        int missing = findings.Count(finding => finding.Outcome == CheckOutcome.Missing);
        console.WriteLine(missing == 0 ? "Everything Tuner needs is here." : $"Missing: {missing} of {findings.Length}.");
    }

    private static string Sign(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Ok => "[green]ok[/]",
        CheckOutcome.Absent => "[grey]absent[/]",
        _ => "[red]missing[/]",
    };
}
