using Tuner.Kernels.Launching.Recorded;

namespace Tuner.Kernels.Tests.Launching;

/// <summary>The recorded launches kept beside these tests.</summary>
internal static class RecordedFile
{
    public static RecordedLaunches Load(string name)
        => RecordedLaunches.Load(Path.Combine(TestContext.CurrentContext.TestDirectory, "Launching", "Data", name + ".csv.gz"));
}
