using Tuner.Env.Simulation;

namespace Tuner.Env.Evaluation;

public sealed class PairedBootstrapTests
{
    [Test]
    public void Ratio_ManySamples_CoversTheTruthAboutNineteenTimesInTwenty()
    {
        const double Truth = 0.8;
        const int Samples = 200;
        RandomStream random = RandomStream.For(3, "test-bootstrap");
        int covered = 0;
        for (int sample = 0; sample < Samples; sample++)
        {
            double[] requests = new double[60];
            double[] met = new double[60];
            for (int block = 0; block < requests.Length; block++)
            {
                requests[block] = 10 + random.NextInt(30);
                for (int i = 0; i < requests[block]; i++)
                    met[block] += random.NextDouble() < Truth ? 1 : 0;
            }

            (double low, double high) = PairedBootstrap.Ratio(met, requests, (ulong)sample);
            Assert.That(high - low, Is.InRange(0.01, 0.08));
            covered += low <= Truth && Truth <= high ? 1 : 0;
        }

        Assert.That(covered / (double)Samples, Is.InRange(0.88, 0.99));
    }

    [Test]
    public void Ratio_OneSeed_DrawsTheSameBlocksForEveryPolicy()
    {
        double[] requests = [10, 20, 30, 40];
        double[] met = [9, 15, 21, 30];
        double[] twice = [18, 30, 42, 60];
        (double low, double high) = PairedBootstrap.Ratio(met, requests, 1);
        (double lowTwice, double highTwice) = PairedBootstrap.Ratio(twice, requests, 1);
        Assert.That((lowTwice, highTwice), Is.EqualTo((2 * low, 2 * high)));
    }
}
