using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;
using Tuner.Policy.Knobs;

/// <summary>What the notebooks' pictures have in common: colours, labels, and where they go.</summary>
/// <remarks>Notebooks load this file, their twins compile it; it belongs to no assembly of Tuner.</remarks>
internal static class Pictures
{
    /// <summary>Colours that differ in lightness too, for readers who do not tell hues apart.</summary>
    public static readonly Color[] Palette = Array.ConvertAll(["#2563eb", "#f59e0b", "#15803d", "#dc2626", "#111827", "#9333ea", "#84cc16", "#0e7490"], Color.FromHex);

    /// <summary>Labels and ticks.</summary>
    public static readonly Color Ink = Color.FromHex("#1f2937");

    /// <summary>Promises, targets and budgets.</summary>
    public static readonly Color Promise = Color.FromHex("#b91c1c");

    /// <summary>The repository's root: a kernel runs in notebooks/, a program where it was started.</summary>
    public static string Root { get; } = Directory.Exists("notebooks") ? "." : "..";

    /// <summary>Gives a plot its title and axes.</summary>
    public static Plot Titled(Plot plot, string title, string bottom, string left)
    {
        plot.Title(title, 15);
        plot.XLabel(bottom, 14);
        plot.YLabel(left, 14);
        plot.Axes.Title.Label.Bold = false;
        plot.Axes.Title.Label.ForeColor = Ink;
        foreach (IAxis axis in new IAxis[] { plot.Axes.Bottom, plot.Axes.Left })
        {
            axis.Label.Bold = false;
            axis.Label.ForeColor = Ink;
            axis.TickLabelStyle.ForeColor = Ink;
        }

        // The same room for every left axis, so that pictures below one another line up.
        plot.Axes.Left.MinimumSize = 62;
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        return plot;
    }

    /// <summary>Adds a line, named unless it stands alone; values that are not finite leave a gap.</summary>
    public static Scatter Line(Plot plot, string name, IEnumerable<double> x, IEnumerable<double> y, Color colour, float width = 2)
    {
        Scatter line = plot.Add.ScatterLine(x.ToArray(), y.Select(value => double.IsFinite(value) ? value : double.NaN).ToArray(), colour);
        line.LegendText = name;
        line.LineWidth = width;
        return line;
    }

    /// <summary>Adds a level that something is held against.</summary>
    public static void Level(Plot plot, double y, string name)
    {
        HorizontalLine line = plot.Add.HorizontalLine(y, 1.5f, Promise, LinePattern.Dashed);
        line.LegendText = name;
    }

    /// <summary>Puts the legend above the data, in one row, where it hides nothing.</summary>
    public static void LegendAbove(Plot plot)
    {
        plot.ShowLegend(Edge.Top);
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.Legend.TightHorizontalWrapping = true;
        plot.Legend.InterItemPadding = new PixelPadding(10, 10, 2, 2);
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
    }

    /// <summary>Labels an axis that holds logarithms to base 2 or 10 with the values themselves.</summary>
    public static void Logarithmic(IAxis axis, double radix, IEnumerable<double> values)
    {
        double[] shown = values.ToArray();
        axis.TickGenerator = new NumericManual(
            shown.Select(value => Math.Log(value, radix)).ToArray(),
            shown.Select(value => value.ToString(value < 1000 ? "0.###" : "#,0", System.Globalization.CultureInfo.InvariantCulture)).ToArray());
    }

    /// <summary>Draws which settings were in force: one lane a knob, its values written at the right.</summary>
    public static Plot Lanes(Plot plot, KnobSpace space, IReadOnlyList<double> minutes, IReadOnlyList<KnobSettings> settings, Color colour)
    {
        var names = new List<(double Y, string Name)>();
        Knob[] knobs = Enum.GetValues<Knob>().Reverse().ToArray();
        for (int lane = 0; lane < knobs.Length; lane++)
        {
            Knob knob = knobs[lane];
            plot.Add.HorizontalLine(lane, 1, Ink.WithAlpha(0.12));

            // The lane is scaled to the values that occur, so that one rung of a long ladder can be seen.
            int[] used = settings.Select(each => each[knob]).Distinct().Order().ToArray();
            double Height(int value) => lane + (used.Length == 1 ? 0.5 : 0.2 + (0.6 * Array.IndexOf(used, value) / (used.Length - 1)));
            foreach (int value in used.Length <= 3 ? used : [used[0], used[^1]])
                names.Add((Height(value), Tuner.Env.Scenarios.KnobText.Pairs(space, settings[0].With(knob, value)).GetValueOrDefault(Key(knob), "")));
            for (int from = 0, i = 1; i <= settings.Count; i++)
            {
                if (i < settings.Count && settings[i][knob] == settings[from][knob])
                    continue;
                double y = Height(settings[from][knob]);
                double end = minutes[i - 1];
                Configure(plot.Add.Line(from == 0 ? 0 : minutes[from - 1], y, end, y), colour, 3);
                if (i < settings.Count)
                    Configure(plot.Add.Line(end, y, end, Height(settings[i][knob])), colour, 1);
                from = i;
            }
        }

        plot.Axes.Left.SetTicks(knobs.Select((_, i) => i + 0.5).ToArray(), knobs.Select(Key).ToArray());
        plot.Axes.Right.SetTicks(names.Select(each => each.Y).ToArray(), names.Select(each => each.Name).ToArray());
        plot.Axes.Right.TickLabelStyle.ForeColor = Ink;
        plot.Axes.SetLimits(0, minutes[^1], 0, knobs.Length);
        plot.Axes.SetLimitsY(0, knobs.Length, plot.Axes.Right);
        plot.HideGrid();
        return plot;
    }

    /// <summary>A knob's name as commands spell it.</summary>
    public static string Key(Knob knob) => knob switch
    {
        Knob.MaxBatch => "max-batch",
        Knob.BatchWait => "batch-wait",
        Knob.KvCompression => "kv-compression",
        Knob.KvPrefetch => "kv-prefetch",
        _ => knob.ToString().ToLowerInvariant(),
    };

    /// <summary>Saves a plot as runs/notebooks/NAME.png and, in a kernel, shows it below the cell.</summary>
    public static void Show(Plot plot, string name, int width = 960, int height = 420) => Show(plot.GetImageBytes(width, height, ImageFormat.Png), name);

    /// <summary>The same for plots side by side.</summary>
    /// <param name="columns">How many stand in a row.</param>
    /// <param name="plots">The plots, row by row.</param>
    /// <param name="name">Name of the picture.</param>
    /// <param name="width">Width of the whole, pixels.</param>
    /// <param name="height">Height of the whole, pixels.</param>
    public static void Show(IReadOnlyList<Plot> plots, string name, int columns, int width = 1200, int height = 420)
    {
        var page = new Multiplot();
        page.RemovePlot(page.GetPlot(0));
        foreach (Plot plot in plots)
            page.AddPlot(plot);
        page.Layout = new ScottPlot.MultiplotLayouts.Grid((plots.Count + columns - 1) / columns, columns);
        Show(page.Render(width, height).GetImageBytes(ImageFormat.Png), name);
    }

    private static void Show(byte[] png, string name)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Root, "runs", "notebooks")).FullName;
        File.WriteAllBytes(Path.Combine(folder, name + ".png"), png);
        Console.WriteLine($"picture: runs/notebooks/{name}.png");

        // Looked up by name: a program runs without a kernel's assemblies.
        if (Type.GetType("Microsoft.DotNet.Interactive.Kernel, Microsoft.DotNet.Interactive") is not { } kernel)
            return;
        object image = kernel.GetMethod("HTML")!.Invoke(null, [$"<img src=\"data:image/png;base64,{Convert.ToBase64String(png)}\" alt=\"{name}\"/>"]);
        kernel.GetMethod("display")!.Invoke(null, [image, Array.Empty<string>()]);
    }

    private static void Configure(LinePlot line, Color colour, float width)
    {
        line.Color = colour;
        line.LineWidth = width;
    }
}
