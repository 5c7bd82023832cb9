using ScottPlot;
using ScottPlot.MultiplotLayouts;
using ScottPlot.TickGenerators;
using Tuner.Cli.Commands;

namespace Tuner.Cli.Reporting.Questions;

/// <summary>A picture with a question as its title, a sentence that begins the answer below it, and panels side by side or one above the other.</summary>
internal sealed class QuestionPage
{
    private const int Width = 1100;
    private const float LeftMargin = 75;
    private const float RightMargin = 25;

    public static readonly Color Ink = Color.FromHex("#1f2937");
    public static readonly Color Faint = Color.FromHex("#e5e7eb");
    public static readonly Color Promise = Color.FromHex("#b91c1c");
    public static readonly Color Blue = Color.FromHex("#2563eb");
    public static readonly Color Green = Color.FromHex("#15803d");
    public static readonly Color Amber = Color.FromHex("#d97706");
    public static readonly Color Purple = Color.FromHex("#7c3aed");
    public static readonly Color Grey = Color.FromHex("#9ca3af");

    private readonly Multiplot page = new();
    private readonly int height;

    /// <summary>Lays a page out.</summary>
    /// <param name="question">The title.</param>
    /// <param name="answer">What the picture says, in a sentence.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="shares">Height of each panel relative to the others, from the top.</param>
    public QuestionPage(string question, string answer, int height, params int[] shares)
    {
        this.height = height;
        page.AddPlots(shares.Length);
        var grid = new CustomGrid();
        int rows = shares.Sum();
        for (int i = 0, row = 0; i < shares.Length; row += shares[i++])
            grid.Set(Panel(i), new GridCell(row, 0, rows, 1, shares[i], 1));
        page.Layout = grid;
        Head(question, answer);
    }

    /// <summary>Lays out a page of two panels side by side.</summary>
    public static QuestionPage SideBySide(string question, string answer, int height)
    {
        var built = new QuestionPage(question, answer, height, 1, 1);
        var grid = new CustomGrid();
        grid.Set(built.Panel(0), new GridCell(0, 0, 1, 2));
        grid.Set(built.Panel(1), new GridCell(0, 1, 1, 2));
        built.page.Layout = grid;
        return built;
    }

    public Plot Panel(int index) => page.GetPlot(index);

    /// <summary>Names a panel's axes and gives it the look of all.</summary>
    public void Style(int panel, string bottom, string left)
    {
        Plot plot = Panel(panel);
        ReportPlots.Style(plot, bottom, left);
        plot.Axes.Left.MinimumSize = LeftMargin;
        plot.Axes.Right.MinimumSize = RightMargin;
        plot.Grid.MajorLineColor = Faint;
    }

    /// <summary>Shows the legend above the data.</summary>
    public void Legend(int panel)
    {
        Plot plot = Panel(panel);
        plot.ShowLegend(Edge.Top);
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
        string png = Path.Combine(folder, $"{name}.png");
        string unfinished = Path.Combine(folder, $"{name}.unfinished.png");
        page.SavePng(unfinished, Width, height);
        File.Move(unfinished, png, overwrite: true);
        Shared.WriteFile(Path.Combine(folder, $"{name}.svg"), VectorPicture.Of(page, Width, height));
    }

    private void Head(string question, string answer)
    {
        Plot top = Panel(0);
        top.Title(question, 20);
        top.Axes.Title.Label.ForeColor = Ink;
        top.Axes.Top.Label.Text = answer;
        top.Axes.Top.Label.FontSize = 14;
        top.Axes.Top.Label.Bold = false;
        top.Axes.Top.Label.ForeColor = Ink;
    }
}
