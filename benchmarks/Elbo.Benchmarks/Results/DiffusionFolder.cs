using System.Diagnostics;
using System.Text.Json;
using Elbo.Autoencoders;
using Elbo.Diffusion;
using Elbo.Training;
using static System.FormattableString;

namespace Elbo.Benchmarks.Results;

/// <summary>What the epochs of a training have taken so far.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Seconds">By the clock.</param>
/// <param name="CoreSeconds">Of all cores together, which other work on the machine does not change much.</param>
/// <param name="Training">What was minimised, over the epoch.</param>
/// <param name="HeldOut">The same of held-out rows.</param>
internal sealed record EpochTime(int Epoch, double Seconds, double CoreSeconds, double Training, double HeldOut);

/// <summary>Where a training of a diffusion model is kept from epoch to epoch, so that it can be stopped and taken up again, to the same bits.</summary>
internal sealed class DiffusionFolder(string folder, string name)
{
    private string State => Path.Combine(folder, name + ".state");

    private string Curve => Path.Combine(folder, name + ".curve");

    public IReadOnlyList<EpochTime> Epochs => File.Exists(Curve) ? [.. File.ReadLines(Curve).Select(line => JsonSerializer.Deserialize<EpochTime>(line)!)] : [];

    public void Add(EpochTime epoch, DiffusionTraining training)
    {
        Directory.CreateDirectory(folder);
        using (var writer = new BinaryWriter(File.Create(State + ".new")))
        {
            writer.Write(training.Step);
            writer.Write(training.RateScale);
            writer.Write(training.BestEpoch);
            writer.Write(JsonSerializer.Serialize(training.History));
            RunFolder.Write(writer, training.Best);
            RunFolder.Write(writer, training.Tensors);
        }
        File.Move(State + ".new", State, overwrite: true);
        File.AppendAllText(Curve, JsonSerializer.Serialize(epoch) + "\n");
    }

    /// <summary>Trains a model up to the end, or so many epochs, from where it stood; then it has the weights of its best epoch.</summary>
    public void Train(DiffusionModel model, IRows rows, TrainingOptions training, int? mostEpochs = null)
    {
        if (Load() is { } last && last.History.Count >= Math.Min(training.Epochs, mostEpochs ?? int.MaxValue))
        {
            model.Restore(last.Best);
            return;
        }
        var (before, start, core) = (Epochs is [.., var done] ? done : null, Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        model.Train(rows, training, from: Load(), progress: epoch =>
        {
            var now = new EpochTime(
                epoch.Epoch, (before?.Seconds ?? 0) + Stopwatch.GetElapsedTime(start).TotalSeconds, (before?.CoreSeconds ?? 0) + (Environment.CpuUsage.TotalTime - core).TotalSeconds, epoch.Training, epoch.HeldOut);
            Add(now, model.Training!);
            Console.Error.WriteLine(Invariant($"{name} {now.Epoch} {now.Seconds:0} s, {now.CoreSeconds:0} s of cores: training {now.Training:0.0000}, held out {now.HeldOut:0.0000}"));
            return mostEpochs is null || epoch.Epoch < mostEpochs;
        });
    }

    public DiffusionTraining? Load()
    {
        if (!File.Exists(State))
            return null;
        using var reader = new BinaryReader(File.OpenRead(State));
        return new(reader.ReadInt32(), reader.ReadDouble(), reader.ReadInt32(), JsonSerializer.Deserialize<List<DiffusionEpoch>>(reader.ReadString())!, RunFolder.Read(reader), RunFolder.Read(reader));
    }
}
