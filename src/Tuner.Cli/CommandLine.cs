using System.CommandLine;
using Spectre.Console;
using Tuner.Agent.Training;
using Tuner.Cli.Commands;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Files;

namespace Tuner.Cli;

/// <summary>Builds the command tree and turns what goes wrong into one sentence and an exit code.</summary>
internal static class CommandLine
{
    private const int RedirectedWidth = 150;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors, CancellationToken cancellation)
    {
        // Where output goes to a file, tables keep a width at which they can be read.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = RedirectedWidth;
        RootCommand root = Build(output);
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await errors.WriteLineAsync($"tuner: {parsed.Errors[0].Message} See: tuner --help").ConfigureAwait(false);
            return ExitCode.BadInput;
        }

        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = output, Error = errors };
        try
        {
            return await parsed.InvokeAsync(invocation, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await errors.WriteLineAsync("tuner: interrupted.").ConfigureAwait(false);
            return ExitCode.Interrupted;
        }
        catch (Exception wrong) when (IsUserError(wrong))
        {
            await errors.WriteLineAsync($"tuner: {wrong.Message}").ConfigureAwait(false);
            return ExitCode.BadInput;
        }
        catch (Exception wrong)
        {
            string details = Environment.GetEnvironmentVariable("TUNER_DEBUG") == "1" ? wrong.ToString() : $"{wrong.GetType().Name}: {wrong.Message} (TUNER_DEBUG=1 shows where)";
            await errors.WriteLineAsync($"tuner: failed: {details}").ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }

    private static RootCommand Build(TextWriter output) => new("Tuner: reinforcement-learning tuning for LLM inference serving.")
    {
        DemoCommand.Create(),
        TrainCommand.Create(),
        EvaluateCommand.Create(),
        SimulateCommand.Create(),
        SearchCommand.Create(),
        TrafficCommand.Create(),
        InspectCommand.Create(),
        DoctorCommand.Create(output),
    };

    private static bool IsUserError(Exception wrong)
        => wrong is UserErrorException or TrafficFormatException or ScenarioFormatException or PolicyFormatException or CheckpointFormatException
            or UnauthorizedAccessException or IOException;
}
