using System.IO.Compression;
using System.Text;

namespace Tuner.Env.Tests.Traffic;

/// <summary>A folder for one test's files.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tuner-traffic-").FullName;

    public string PathOf(string file) => Path.Combine(folder, file);

    public string Write(string file, string content) => Write(file, Encoding.UTF8.GetBytes(content));

    public string Write(string file, byte[] content)
    {
        File.WriteAllBytes(PathOf(file), content);
        return PathOf(file);
    }

    public string WriteGzip(string file, string content) => Write(file, Gzip(Encoding.UTF8.GetBytes(content)));

    public static byte[] Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(content);
        return packed.ToArray();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
