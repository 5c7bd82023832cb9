using ScottPlot;
using ScottPlot.MultiplotLayouts;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;
using Tuner.Cli.Commands;

namespace Tuner.Cli.Reporting.Questions;

/// <summary>A picture with a question as its title, a sentence that begins the answer below it, and panels side by side or one above the other.</summary>
internal sealed class QuestionPage
{
    private const int Width = 1100;
    private const float LeftMargin = 75;
    private const float RightMargin = 25;

    /// <summary>Pixels of a row of the layout.</summary>
    private const int RowHeight = 10;

    public static readonly Color Ink = Color.FromHex("#1f2937");
    public static readonly Color Faint = Color.FromHex("#e5e7eb");
    public static readonly Color Promise = Color.FromHex("#b91c1c");
    public static readonly Color Blue = Color.FromHex("#2563eb");
    public static readonly Color Amber = Color.FromHex("#d97706");
    public static readonly Color Purple = Color.FromHex("#7c3aed");

    private readonly Multiplot page = new();
    private readonly int height;

    private QuestionPage(string question, string[] lines, int height, int panels, Func<int, int, int, GridCell> cell)
    {
        page.AddPlots(panels + 1);
        int head = 4 + (2 * lines.Length);
        int body = height / RowHeight;
        var grid = new CustomGrid();
        grid.Set(page.GetPlot(0), new GridCell(0, 0, head + body, 1, head, 1));
        for (int i = 0; i < panels; i++)
            grid.Set(Panel(i), cell(i, head, body));
        page.Layout = grid;
        this.height = (head + body) * RowHeight;
        Head(page.GetPlot(0), question, lines);
    }

    /// <summary>Lays out panels one above the other.</summary>
    /// <param name="question">The title.</param>
    /// <param name="lines">What the picture says, in a sentence or two; empty ones are left out.</param>
    /// <param name="heights">Pixels of each panel, from the top.</param>
    public static QuestionPage Stacked(string question, IEnumerable<string> lines, params int[] heights)
        => new(question, Said(lines), heights.Sum(), heights.Length, (i, head, body) =>
            new GridCell(head + (heights[..i].Sum() / RowHeight), 0, head + body, 1, heights[i] / RowHeight, 1));

    /// <summary>Lays out two panels side by side.</summary>
    public static QuestionPage SideBySide(string question, IEnumerable<string> lines, int height)
        => new(question, Said(lines), height, 2, (i, head, body) => new GridCell(head, i, head + body, 2, body, 1));

    /// <summary>A panel, from 0.</summary>
    public Plot Panel(int index) => page.GetPlot(index + 1);

    /// <summary>Names a panel's axes and gives it the look of all.</summary>
    public void Style(int panel, string bottom, string left)
    {
        Plot plot = Panel(panel);
        ReportPlots.Style(plot, bottom, left);
        plot.Axes.Left.MinimumSize = LeftMargin;
        plot.Axes.Right.MinimumSize = RightMargin;
        plot.Grid.MajorLineColor = Faint;
    }

    /// <summary>Shows the legend below the data.</summary>
    public void Legend(int panel)
    {
        Plot plot = Panel(panel);
        plot.ShowLegend(Edge.Bottom);
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.Legend.TightHorizontalWrapping = true;
        plot.Legend.InterItemPadding = new PixelPadding(12, 12, 2, 2);
        plot.Legend.OutlineWidth = 0;
        plot.Legend.FontSize = 13;
        plot.Legend.ShadowColor = Colors.Transparent;
    }

    /// <summary>Ticks at 1, 2 and 5 of each decade, for values drawn by their logarithm.</summary>
    /// <param name="low">Least value shown.</param>
    /// <param name="high">Largest value shown.</param>
    /// <param name="format">How a value is written.</param>
    public static NumericManual LogTicks(double low, double high, Func<double, string> format)
    {
        double[] digits = Math.Log10(high / low) > 3 ? [1] : [1, 2, 5];
        double[] ticks = [.. Enumerable.Range(-6, 16).SelectMany(decade => digits.Select(digit => digit * Math.Pow(10, decade))).Where(at => at >= low && at <= high)];
        return new NumericManual([.. ticks.Select(Math.Log10)], [.. ticks.Select(format)]);
    }

    /// <summary>Writes the page as PNG and SVG; each is there whole or not at all.</summary>
    public void Save(string folder, string name)
    {
        string unfinished = Path.Combine(folder, $"{name}.unfinished.png");
        page.SavePng(unfinished, Width, height);
        File.Move(unfinished, Path.Combine(folder, $"{name}.png"), overwrite: true);
        Shared.WriteFile(Path.Combine(folder, $"{name}.svg"), VectorPicture.Of(page, Width, height));
    }

    private static string[] Said(IEnumerable<string> lines) => [.. lines.Where(line => line.Length > 0)];

    private static void Head(Plot plot, string question, string[] lines)
    {
        plot.Layout.Frameless();
        plot.HideGrid();
        plot.Axes.SetLimits(0, 1, 0, 1);
        Write(question, 8, 20, bold: true);
        for (int i = 0; i < lines.Length; i++)
            Write(lines[i], 38 + (20 * i), 14, bold: false);

        void Write(string text, float down, float size, bool bold)
        {
            Text line = plot.Add.Text(text, 0.5, 1);
            line.LabelAlignment = Alignment.UpperCenter;
            line.OffsetY = down;
            line.LabelFontSize = size;
            line.LabelBold = bold;
            line.LabelFontColor = Ink;
        }
    }
}
