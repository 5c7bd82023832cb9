namespace Tuner.Cli.Reporting;

/// <summary>A column of a table: its name, and where its cells come from.</summary>
internal abstract class CsvColumn<T>(string name, Type type)
{
    /// <summary>What the header says.</summary>
    public string Name => name;

    /// <summary>What its cells hold.</summary>
    public Type Type => type;

    /// <summary>A column of whole numbers.</summary>
    public static CsvColumn<T> Of(string name, Func<T, int> cell) => new Cells<int>(name, cell);

    /// <summary>A column of numbers, rounded; what is not finite stays empty.</summary>
    public static CsvColumn<T> Of(string name, int digits, Func<T, double> cell) => new Cells<double>(name, row => Math.Round(cell(row), digits));

    /// <summary>A column of words; null stays empty.</summary>
    public static CsvColumn<T> Of(string name, Func<T, string?> cell) => new Cells<string?>(name, cell);

    /// <summary>A column of true and false.</summary>
    public static CsvColumn<T> Of(string name, Func<T, bool> cell) => new Cells<bool>(name, cell);

    /// <summary>A cell of the type it holds.</summary>
    public TCell Cell<TCell>(T row) => ((Cells<TCell>)this).At(row);

    /// <summary>Whether a cell stays empty.</summary>
    public bool IsEmpty(T row) => this switch
    {
        Cells<double> numbers => !double.IsFinite(numbers.At(row)),
        Cells<string?> words => words.At(row) is null,
        _ => false,
    };

    private sealed class Cells<TCell>(string name, Func<T, TCell> cell) : CsvColumn<T>(name, typeof(TCell))
    {
        public TCell At(T row) => cell(row);
    }
}
