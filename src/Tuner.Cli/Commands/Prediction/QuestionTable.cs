using System.Globalization;
using Sylvan.Data.Csv;
using Tuner.Env.Scenarios;

namespace Tuner.Cli.Commands.Prediction;

/// <summary>Predicts every row of a CSV and writes the rows with the answers appended.</summary>
internal static class QuestionTable
{
    private static readonly string[] Needed = ["hardware", "model", "precision", "tp", "pp", "batch", "input", "output"];

    public static void Run(string path, TextWriter output, CancellationToken cancellation)
    {
        if (!File.Exists(path))
            throw new UserErrorException($"{path}: no such file; a CSV with the columns {string.Join(", ", Needed)} was expected.");
        using var text = new StreamReader(path);
        using CsvDataReader csv = CsvDataReader.Create(text);
        string[] columns = [.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetName)];
        string[] missing = [.. Needed.Except(columns, StringComparer.OrdinalIgnoreCase)];
        if (missing.Length > 0)
            throw new UserErrorException($"{path}: no column {string.Join(", ", missing)}; found {string.Join(", ", columns)}.");
        int At(string name) => Array.FindIndex(columns, column => column.Equals(name, StringComparison.OrdinalIgnoreCase));
        output.WriteLine(string.Join(',', columns.Select(Quote).Concat(["ttft_ms", "tpot_ms", "provenance"])));
        while (csv.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            string Cell(string name) => At(name) < 0 ? "" : csv.GetString(At(name));
            Answer answer;
            try
            {
                string engine = Cell("engine");
                answer = new Question(Cell("hardware"), engine.Length == 0 ? null : engine, Cell("model"), Cell("precision"), Number("tp"), Number("pp"), Number("batch"), Number("input"), Number("output"), Cell("token_budget").Length == 0 ? null : Number("token_budget"))
                {
                    ExpertParallel = Cell("ep").Length == 0 ? 1 : Number("ep"),
                    DataParallel = Cell("dp").Length == 0 ? 1 : Number("dp"),
                }.Ask();
            }
            catch (ScenarioFormatException wrong)
            {
                throw new UserErrorException($"{Path.GetFileName(path)}:{csv.RowNumber + 1}: {wrong.Message}");
            }

            IEnumerable<string> cells = Enumerable.Range(0, columns.Length).Select(csv.GetString);
            output.WriteLine(string.Join(',', cells.Concat([Milliseconds(answer.Loop.TtftSeconds), Milliseconds(answer.Loop.TpotSeconds), answer.Provenance]).Select(Quote)));

            int Number(string name) => int.TryParse(Cell(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                ? value
                : throw new ScenarioFormatException($"{name} is \"{Cell(name)}\"; a whole number was expected.");
        }
    }

    private static string Milliseconds(double seconds) => (1000 * seconds).ToString("0.###", CultureInfo.InvariantCulture);

    private static string Quote(string cell) => cell.AsSpan().IndexOfAny(",\"\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
