using System.IO.Compression;
using System.Xml.Linq;

namespace Tuner.Packages.Tests;

internal sealed class PackageTests
{
    private static readonly string[] Libraries = ["Tuner.Agent", "Tuner.Engines", "Tuner.Engines.Kubernetes", "Tuner.Env", "Tuner.Kernels", "Tuner.Policy", "Tuner.WhatIf"];

    [Test]
    public void Policy_Package_IsUnderAMegabyteAndDependsOnHostingAbstractionsAlone()
    {
        Assert.That(new FileInfo(PathOf("Tuner.Policy", "nupkg")).Length, Is.LessThan(1_000_000));
        Assert.That(Dependencies("Tuner.Policy"), Is.EquivalentTo(new[]
        {
            "Microsoft.Extensions.Diagnostics.HealthChecks.Abstractions",
            "Microsoft.Extensions.Hosting.Abstractions",
            "Microsoft.Extensions.Logging.Abstractions",
        }));
    }

    [Test]
    public void Engines_Packages_KeepTheKubernetesClientApart()
    {
        // Of what comes in through others, pack lists those whose version is pinned here.
        string[] host = ["Microsoft.Extensions.Diagnostics.HealthChecks.Abstractions", "Microsoft.Extensions.Hosting.Abstractions", "Microsoft.Extensions.Logging.Abstractions"];
        Assert.That(Dependencies("Tuner.Engines"), Is.EquivalentTo(host.Append("Tuner.Policy")));
        Assert.That(Dependencies("Tuner.Engines.Kubernetes"), Is.EquivalentTo(host.Concat(["KubernetesClient", "Tuner.Engines", "YamlDotNet"])));
    }

    [TestCase("Tuner.Agent"), TestCase("Tuner.Engines"), TestCase("Tuner.Kernels"), TestCase("Tuner.WhatIf")]
    public void Library_Dependencies_BringNoNativeLibrary(string name)
        => Assert.That(Dependencies(name).Where(id => id.StartsWith("libtorch", StringComparison.Ordinal) || id.Contains("cuda", StringComparison.OrdinalIgnoreCase)), Is.Empty);

    [TestCaseSource(nameof(Libraries))]
    public void Library_Package_IsWhole(string name)
    {
        using ZipArchive package = ZipFile.OpenRead(PathOf(name, "nupkg"));
        using ZipArchive symbols = ZipFile.OpenRead(PathOf(name, "snupkg"));
        XElement metadata = Nuspec(name);
        XNamespace at = metadata.Name.Namespace;

        string[] files = [.. package.Entries.Select(entry => entry.FullName)];
        Assert.That(files, Does.Contain($"lib/net10.0/{name}.dll").And.Contain($"lib/net10.0/{name}.xml").And.Contain("README.md"));
        Assert.That(symbols.Entries.Select(entry => entry.FullName), Does.Contain($"lib/net10.0/{name}.pdb"));
        Assert.That((string?)metadata.Element(at + "license"), Is.EqualTo("MIT"));
        Assert.That((string?)metadata.Element(at + "readme"), Is.EqualTo("README.md"));
        Assert.That((string?)metadata.Element(at + "description"), Is.Not.Null.And.Not.EqualTo("Package Description"));
        Assert.That((string?)metadata.Element(at + "repository")?.Attribute("type"), Is.EqualTo("git"));
    }

    [Test]
    public void Env_Package_CarriesScenariosAndPresets()
    {
        using ZipArchive package = ZipFile.OpenRead(PathOf("Tuner.Env", "nupkg"));
        using var assembly = new MemoryStream();
        using (Stream entry = package.GetEntry("lib/net10.0/Tuner.Env.dll")!.Open())
            entry.CopyTo(assembly);

        // Names of resources are UTF-8 in the metadata.
        string content = System.Text.Encoding.Latin1.GetString(assembly.ToArray());

        Assert.That(content, Does.Contain("configs/scenarios/llama70b-8xh200.json").And.Contain("configs/traffic/conversation.json").And.Contain("configs/hardware/b200.json"));
    }

    /// <summary>A version follows the name: another package's name may begin alike.</summary>
    private static string PathOf(string name, string kind)
        => Directory.EnumerateFiles(PackedFeed.Folder, $"{name}.*.{kind}").Single(path => char.IsAsciiDigit(Path.GetFileName(path)[name.Length + 1]));

    private static string[] Dependencies(string name) => [.. Nuspec(name).Descendants().Where(each => each.Name.LocalName == "dependency").Select(each => (string)each.Attribute("id")!)];

    private static XElement Nuspec(string name)
    {
        using ZipArchive package = ZipFile.OpenRead(PathOf(name, "nupkg"));
        using Stream nuspec = package.GetEntry($"{name}.nuspec")!.Open();
        return XDocument.Load(nuspec).Root!.Elements().Single();
    }
}
