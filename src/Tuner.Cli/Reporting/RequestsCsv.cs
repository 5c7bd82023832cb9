using System.Data;
using Tuner.Env.Evaluation;
using Tuner.Env.Measurement;

namespace Tuner.Cli.Reporting;

/// <summary>A run's requests, a row each, in order of arrival.</summary>
internal static class RequestsCsv
{
    private const int SecondsDigits = 6;
    private const int MillisecondsDigits = 3;

    private static readonly (string Name, Type Type)[] Columns =
    [
        ("index", typeof(int)), ("class", typeof(string)), ("prompt_tokens", typeof(int)), ("output_tokens", typeof(int)),
        ("arrival_s", typeof(double)), ("queued_s", typeof(double)), ("first_token_s", typeof(double)), ("end_s", typeof(double)),
        ("ttft_ms", typeof(double)), ("tpot_ms", typeof(double)), ("latency_ms", typeof(double)),
        ("ending", typeof(string)), ("met", typeof(bool)), ("quality_loss", typeof(double)), ("replica", typeof(string)), ("preemptions", typeof(int)),
    ];

    /// <summary>Writes the file.</summary>
    public static void Write(string path, RunResult run, RequestLog log)
    {
        using var table = new DataTable();
        foreach ((string name, Type type) in Columns)
            table.Columns.Add(name, type);
        foreach (RequestOutcome outcome in run.Outcomes)
        {
            RequestHistory history = log[outcome.Request];
            bool completed = outcome.Completed;
            table.Rows.Add(
                outcome.Request,
                ClassName(outcome),
                outcome.PromptTokens,
                outcome.OutputTokens,
                CsvFile.Cell(outcome.ArrivalSeconds, SecondsDigits),
                CsvFile.Cell(history.QueuedSeconds, SecondsDigits),
                CsvFile.Cell(outcome.FirstTokenSeconds, SecondsDigits),
                CsvFile.Cell(outcome.EndSeconds, SecondsDigits),
                CsvFile.Cell(1000 * outcome.TtftSeconds, MillisecondsDigits),
                completed ? CsvFile.Cell(1000 * outcome.TpotSeconds, MillisecondsDigits) : DBNull.Value,
                completed ? CsvFile.Cell(1000 * outcome.LatencySeconds, MillisecondsDigits) : DBNull.Value,
                EndingName.Of(history.Ending),
                outcome.Met,
                outcome.QualityLoss,
                (object?)history.Replica?.ShortName ?? DBNull.Value,
                history.Preemptions);
        }

        CsvFile.Write(path, table);
    }

    private static string ClassName(in RequestOutcome outcome) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(outcome.Class.ToString());
}
