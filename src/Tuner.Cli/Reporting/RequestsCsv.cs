using System.Text.Json;
using Tuner.Env.Evaluation;
using Tuner.Env.Measurement;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Reporting;

/// <summary>A run's requests, a row each, in order of arrival.</summary>
internal static class RequestsCsv
{
    private const int SecondsDigits = 6;
    private const int MillisecondsDigits = 3;

    /// <summary>Writes the file.</summary>
    public static void Write(string path, RunResult run, RequestLog log)
    {
        string[] classes = [.. Enum.GetNames<TrafficClass>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName)];
        string[] endings = [.. Enum.GetNames<RequestEnding>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName)];
        CsvFile.Write<RequestOutcome>(path, run.Outcomes,
        [
            CsvColumn<RequestOutcome>.Of("index", row => row.Request),
            CsvColumn<RequestOutcome>.Of("class", row => classes[(int)row.Class]),
            CsvColumn<RequestOutcome>.Of("prompt_tokens", row => row.PromptTokens),
            CsvColumn<RequestOutcome>.Of("output_tokens", row => row.OutputTokens),
            CsvColumn<RequestOutcome>.Of("arrival_s", SecondsDigits, row => row.ArrivalSeconds),
            CsvColumn<RequestOutcome>.Of("queued_s", SecondsDigits, row => log[row.Request].QueuedSeconds),
            CsvColumn<RequestOutcome>.Of("first_token_s", SecondsDigits, row => row.FirstTokenSeconds),
            CsvColumn<RequestOutcome>.Of("end_s", SecondsDigits, row => row.EndSeconds),
            CsvColumn<RequestOutcome>.Of("ttft_ms", MillisecondsDigits, row => 1000 * row.TtftSeconds),
            CsvColumn<RequestOutcome>.Of("tpot_ms", MillisecondsDigits, row => row.Completed ? 1000 * row.TpotSeconds : double.NaN),
            CsvColumn<RequestOutcome>.Of("latency_ms", MillisecondsDigits, row => row.Completed ? 1000 * row.LatencySeconds : double.NaN),
            CsvColumn<RequestOutcome>.Of("ending", row => endings[(int)row.Ending]),
            CsvColumn<RequestOutcome>.Of("met", row => row.Met),
            CsvColumn<RequestOutcome>.Of("quality_loss", SecondsDigits, row => row.QualityLoss),
            CsvColumn<RequestOutcome>.Of("replica", row => log[row.Request].Replica?.ShortName),
            CsvColumn<RequestOutcome>.Of("preemptions", row => log[row.Request].Preemptions),
        ]);
    }
}
