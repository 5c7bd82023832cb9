using System.Text;
using ScottPlot;
using SkiaSharp;

namespace Tuner.Cli.Reporting;

/// <summary>Pictures of several plots as SVG.</summary>
internal static class VectorPicture
{
    /// <summary>The page drawn on a vector canvas.</summary>
    public static string Of(Multiplot page, int width, int height)
    {
        using var content = new MemoryStream();
        using (SKCanvas canvas = SKSvgCanvas.Create(new SKRect(0, 0, width, height), content))
            page.Render(canvas, new PixelRect(0, width, height, 0));
        return Encoding.UTF8.GetString(content.ToArray());
    }
}
