using Microsoft.Extensions.Time.Testing;

namespace Tuner.Policy.Tests.Hosting;

/// <summary>Time by hand, whose wall clock can be set while the monotonic one goes on, as on a real machine.</summary>
internal sealed class JumpingClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    public TimeSpan Jump { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Jump;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
