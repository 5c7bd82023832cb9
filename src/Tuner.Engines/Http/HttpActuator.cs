using System.Net.Http.Json;
using Tuner.Policy.Files;
using Tuner.Policy.Hosting;
using Tuner.Policy.Knobs;

namespace Tuner.Engines.Http;

/// <summary>Turns knobs over an admin endpoint: <c>PUT</c> of an <see cref="EngineSettings"/>, <c>GET</c> of what is in force.</summary>
/// <remarks>
/// The engine may answer before it is done: while it says <c>changing</c>, it is asked again every <see cref="Pace"/>. Time-outs, half a change and an
/// answer that is not true are for the loop, which believes only what is read back.
/// </remarks>
/// <param name="client">Speaks to the engine, with whatever header it asks for.</param>
/// <param name="endpoint">The endpoint, such as <c>http://engine:8000/admin/settings</c>.</param>
/// <param name="contract">What the policy's rungs mean.</param>
/// <param name="capabilities">What the engine can turn, and how.</param>
/// <param name="time">Paces the asking.</param>
public sealed class HttpActuator(HttpClient client, Uri endpoint, ServingContract contract, KnobCapabilities capabilities, TimeProvider time) : IKnobActuator
{
    /// <summary>How often a changing engine is asked whether it is done.</summary>
    public static TimeSpan Pace { get; } = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    public KnobCapabilities Capabilities => capabilities;

    /// <inheritdoc/>
    public async ValueTask<KnobSettings> ReadBackAsync(CancellationToken cancellation)
        => (await GetAsync(cancellation).ConfigureAwait(false)).ToKnobs(contract);

    /// <inheritdoc/>
    public async ValueTask ApplyAsync(KnobSettings settings, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await client.PutAsJsonAsync(endpoint, EngineSettings.Of(contract, settings), EngineJson.Default.EngineSettings, cancellation).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            string said = (await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false)).Trim();
            throw new HttpRequestException($"{endpoint} refused the settings: {(int)answer.StatusCode} {(said.Length > 200 ? said[..200] : said)}");
        }

        while ((await GetAsync(cancellation).ConfigureAwait(false)).Changing)
            await Task.Delay(Pace, time, cancellation).ConfigureAwait(false);
    }

    private async Task<EngineSettings> GetAsync(CancellationToken cancellation)
        => await client.GetFromJsonAsync(endpoint, EngineJson.Default.EngineSettings, cancellation).ConfigureAwait(false)
            ?? throw new FormatException($"{endpoint} answers null; expected settings");
}
