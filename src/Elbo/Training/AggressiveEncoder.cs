using System.Globalization;
using Elbo.Compute;

namespace Elbo.Training;

/// <summary>
/// The encoder in the lead (He, Spokoyny, Neubig and Berg-Kirkpatrick, 2019): before a step of the decoder, steps of the encoder alone until
/// they bring no gain, as long as codes carry more and more information.
/// </summary>
internal sealed class AggressiveEncoder : IDisposable
{
    private const int StepsOfALook = 15;
    private const int MostSteps = 100;

    // Whether the encoder still leads, and the information of the epoch before: in a variable, as it has to come through a stop.
    private readonly Variable _state = new("aggressive", [2]);

    public AggressiveEncoder() => (_state.AsSpan<float>()[0], _state.AsSpan<float>()[1]) = (1, float.NegativeInfinity);

    public bool IsOn => _state.AsSpan<float>()[0] != 0;

    public IEnumerable<Variable> State => [_state];

    /// <summary>Takes steps of the encoder, each of which gives the bound of its batch, until a look finds no gain on the one before.</summary>
    public static int Lead(Func<double> step)
    {
        var (before, sum) = (double.NegativeInfinity, 0.0);
        for (var taken = 1; taken <= MostSteps; taken++)
        {
            sum += step();
            if (taken % StepsOfALook != 0)
                continue;
            if (sum <= before)
                return taken;
            (before, sum) = (sum, 0);
        }
        return MostSteps;
    }

    /// <summary>Ends the lead where codes carry no more information than after the epoch before.</summary>
    public void Judge(Func<double> information, int epoch, List<string> notices)
    {
        if (!IsOn)
            return;
        var state = _state.AsSpan<float>();
        var now = (float)information();
        if (now <= state[1])
        {
            state[0] = 0;
            notices.Add(string.Create(CultureInfo.InvariantCulture, $"Codes carry {now:F2} nats of information, no more than before: from epoch {epoch + 1} on encoder and decoder are trained together."));
        }
        state[1] = now;
    }

    public void Dispose() => _state.Dispose();
}
