using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Tests.Observations;

public sealed class ObservationEncoderTests
{
    private static readonly KnobSpace Space = new([new(16, 512), new(64, 1024)], [0], ["draft"]);

    [Test]
    public void Recent_EmptyWindows_RememberTheKindOfTraffic()
    {
        ObservationEncoder encoder = Encoder();
        Recent(encoder, arrived: 3, prompt: 60_000);

        double after = 0;
        for (int window = 0; window < 30; window++)
            after = Recent(encoder, arrived: 0, prompt: 0);

        Assert.That(after, Is.EqualTo(Math.Log(60_001)).Within(1e-3));
    }

    [Test]
    public void Recent_OneOddBusyWindow_MovesItLittle()
    {
        ObservationEncoder encoder = Encoder();
        for (int window = 0; window < 100; window++)
            Recent(encoder, arrived: 500, prompt: 1000);

        // 10 s of 300: a thirtieth of the way from 1,000 to 10,000, however many requests came.
        Assert.That(Recent(encoder, arrived: 500, prompt: 10_000), Is.EqualTo(Math.Log(1 + 1000 + (9000 * (1 - Math.Exp(-10.0 / 300))))).Within(1e-3));
    }

    [Test]
    public void Reset_AfterARun_ForgetsIt()
    {
        ObservationEncoder encoder = Encoder();
        Recent(encoder, arrived: 3, prompt: 60_000);

        encoder.Reset();

        Assert.That(Recent(encoder, arrived: 1, prompt: 100), Is.EqualTo(Math.Log(101)).Within(1e-3));
    }

    private static ObservationEncoder Encoder() => new(Space, new ServiceObjective(0.5, 0, 0.025), 0.2);

    private static double Recent(ObservationEncoder encoder, int arrived, double prompt)
    {
        float[] observation = new float[ObservationSchema.FieldCount];
        encoder.Encode(new WindowMetrics { Seconds = 10, Arrived = arrived, MeanPromptTokens = prompt, PromptTokensP90 = prompt }, default, observation);
        return observation[ObservationSchema.FieldNames.ToList().IndexOf("prompt_tokens_recent_log")];
    }
}
