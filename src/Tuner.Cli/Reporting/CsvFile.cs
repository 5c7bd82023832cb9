using System.Data;
using Sylvan.Data.Csv;
using Tuner.Cli.Commands;

namespace Tuner.Cli.Reporting;

/// <summary>Writes tables as CSV, whole or not at all.</summary>
internal static class CsvFile
{
    /// <summary>Writes a table; a cell without a value stays empty.</summary>
    public static void Write(string path, DataTable table)
    {
        using var text = new StringWriter();
        using (DataTableReader rows = table.CreateDataReader())
        using (CsvDataWriter csv = CsvDataWriter.Create(text, new CsvDataWriterOptions { NewLine = "\n", TrueString = "true", FalseString = "false" }))
            csv.Write(rows);
        Shared.WriteFile(path, text.ToString());
    }

    /// <summary>A number as a cell: rounded, or empty where there is none.</summary>
    public static object Cell(double value, int digits) => double.IsFinite(value) ? Math.Round(value, digits) : DBNull.Value;
}
