using System.CommandLine;
using System.CommandLine.Help;
using Spectre.Console;
using Tuner.Agent.Training;
using Tuner.Cli.Commands;
using Tuner.Cli.Commands.Evaluating;
using Tuner.Cli.Commands.Training;
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
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExample)
        {
            await errors.WriteLineAsync($"tuner: {Misunderstood(parsed)}").ConfigureAwait(false);
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

    /// <summary>A command as a person types it, from <c>tuner</c> on.</summary>
    internal static string PathOf(Command command)
        => command is RootCommand ? "tuner" : $"{command.Parents.OfType<Command>().Select(PathOf).First()} {command.Name}";

    private static RootCommand Build(TextWriter output)
    {
        IAnsiConsole console = output == Console.Out ? AnsiConsole.Console : Plain(output);
        var root = new RootCommand("Tuner: reinforcement-learning tuning for LLM inference serving.")
        {
            DemoCommand.Create(),
            TrainCommand.Create(),
            EvaluateCommand.Create(console),
            SimulateCommand.Create(console),
            ReplayCommand.Create(console),
            EngineCommand.Create(console),
            SearchCommand.Create(console),
            TrafficCommand.Create(console),
            InspectCommand.Create(console),
            CalibrateCommand.Create(console),
            PredictCommand.Create(console, output),
            BreakEvenCommand.Create(console),
            DoctorCommand.Create(console),
        };
        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction help })
                option.Action = new HelpWithExample(help);
        }

        // No word at all is no mistake: show what there is.
        root.SetAction(parsed => root.Parse("--help").Invoke(parsed.InvocationConfiguration));
        return root;
    }

    /// <summary>A console without colours or cursor, as a file or a test wants it.</summary>
    private static IAnsiConsole Plain(TextWriter output)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = RedirectedWidth;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }

    /// <summary>What was not understood, what was probably meant, and where to look.</summary>
    private static string Misunderstood(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string? word = parsed.UnmatchedTokens.Count > 0 ? parsed.UnmatchedTokens[0] : null;

        // A misspelt verb also leaves its command incomplete; the word is what the person can mend.
        string problem = word is null ? parsed.Errors[0].Message : $"'{word}' is not something '{PathOf(command)}' knows.";
        IEnumerable<string> words = command.Subcommands.Select(verb => verb.Name).Concat(command.Options.Select(option => option.Name));
        string hint = word is not null && Spelling.Closest(word, words) is { } meant ? $" Did you mean '{meant}'?" : "";
        return $"{problem}{hint} See: {PathOf(command)} --help";
    }

    private static bool IsUserError(Exception wrong)
        => wrong is UserErrorException or TrafficFormatException or ScenarioFormatException or PolicyFormatException or CheckpointFormatException
            or UnauthorizedAccessException or IOException;
}
