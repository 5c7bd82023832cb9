using System.Globalization;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>A table in memory, column by column. Columns are text; numbers are read on request.</summary>
public sealed class Table
{
    private readonly string path;
    private readonly Dictionary<string, string[]> columns;

    internal Table(string path, Dictionary<string, string[]> columns)
    {
        this.path = path;
        this.columns = columns;
        Rows = columns.Count == 0 ? 0 : columns.Values.First().Length;
    }

    /// <summary>Rows of the table, the header not counted.</summary>
    public int Rows { get; }

    /// <summary>Whether the table has a column.</summary>
    public bool Has(string name) => columns.ContainsKey(name);

    /// <summary>A column as text.</summary>
    /// <exception cref="CalibrationException">There is no such column.</exception>
    public string[] Text(string name) =>
        columns.TryGetValue(name, out string[]? column)
            ? column
            : throw new CalibrationException($"{Path.GetFileName(path)}: there is no column '{name}'; it has {string.Join(", ", columns.Keys)}.");

    /// <summary>A column as numbers; an empty cell is NaN.</summary>
    /// <exception cref="CalibrationException">There is no such column, or a cell is not a number.</exception>
    public double[] Numbers(string name)
    {
        string[] text = Text(name);
        var numbers = new double[text.Length];
        for (int row = 0; row < text.Length; row++)
        {
            if (text[row].Length == 0)
                numbers[row] = double.NaN;
            else if (!double.TryParse(text[row], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[row]))
                throw new CalibrationException($"{Path.GetFileName(path)}:{row + 2}: '{name}' is '{text[row]}'; a number was expected.");
        }

        return numbers;
    }

    /// <summary>A column as whole numbers.</summary>
    /// <exception cref="CalibrationException">There is no such column, or a cell is not a whole number.</exception>
    public int[] Integers(string name)
    {
        double[] numbers = Numbers(name);
        var integers = new int[numbers.Length];
        for (int row = 0; row < numbers.Length; row++)
        {
            integers[row] = (int)numbers[row];
            if (integers[row] != numbers[row])
                throw new CalibrationException($"{Path.GetFileName(path)}:{row + 2}: '{name}' is '{numbers[row]}'; a whole number was expected.");
        }

        return integers;
    }
}
