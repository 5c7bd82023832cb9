using Sylvan.Data.Csv;
using Tuner.Cli.Commands;

namespace Tuner.Cli.Reporting;

/// <summary>Writes tables as CSV, whole or not at all.</summary>
internal static class CsvFile
{
    /// <summary>Writes a row for each item.</summary>
    public static void Write<T>(string path, IEnumerable<T> rows, IReadOnlyList<CsvColumn<T>> columns)
    {
        using var text = new StringWriter();
        using (var reader = new CsvRows<T>(rows, columns))
        using (CsvDataWriter csv = CsvDataWriter.Create(text, new CsvDataWriterOptions { NewLine = "\n", TrueString = "true", FalseString = "false" }))
            csv.Write(reader);
        Shared.WriteFile(path, text.ToString());
    }
}
