namespace Tuner.Env.Traffic;

/// <summary>One ServeGen client's lengths, window by window. Windows without data are left out.</summary>
internal sealed class LengthTable
{
    public SortedList<double, (LengthDistribution Prompt, LengthDistribution Output)> Windows { get; } = [];

    public List<(double Start, Dictionary<int, double> Prompt, Dictionary<int, double> Output)> Raw { get; } = [];

    public void Add(double start, Dictionary<int, double> prompt, Dictionary<int, double> output)
    {
        if (!(prompt.Values.Sum() > 0) || !(output.Values.Sum() > 0))
            return;
        Windows[start] = (new LengthDistribution(prompt), new LengthDistribution(output));
        Raw.Add((start, prompt, output));
    }

    public double EndOf(double start)
    {
        int index = Windows.IndexOfKey(start);
        return index + 1 < Windows.Count ? Windows.GetKeyAtIndex(index + 1) : double.PositiveInfinity;
    }
}
