namespace Tuner.Kernels.Tests;

/// <summary>Finds the published tables kept beside the repository; tests that need them skip where they are absent.</summary>
internal static class SharedProfiles
{
    public static string Folder()
    {
        for (DirectoryInfo? folder = new(TestContext.CurrentContext.TestDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared", "profiles");
            if (Directory.Exists(candidate))
                return candidate;
        }

        Assert.Ignore("The published kernel tables (shared/profiles) are not on this machine.");
        return "";
    }
}
