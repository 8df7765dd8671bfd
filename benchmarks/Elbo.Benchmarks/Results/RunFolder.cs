using System.Text.Json;
using Elbo.Compute;
using Elbo.Training;

namespace Elbo.Benchmarks.Results;

/// <summary>A point of the curve of a training: after an epoch, by the clock of all its stretches.</summary>
internal sealed record CurvePoint(int Epoch, double Seconds, double Training, double Validation, double ValidationWeighted);

/// <summary>
/// Where a long training is kept from epoch to epoch, so that it can be stopped and taken up again: what a training that ran in one go would
/// have come to, to the same bits.
/// </summary>
internal sealed class RunFolder(string folder, string name)
{
    private string State => Path.Combine(folder, name + ".state");

    private string Curve => Path.Combine(folder, name + ".curve");

    public IReadOnlyList<CurvePoint> Points => File.Exists(Curve) ? [.. File.ReadLines(Curve).Select(line => JsonSerializer.Deserialize<CurvePoint>(line)!)] : [];

    public void Add(CurvePoint point, (IReadOnlyList<NamedTensor> Best, TrainingState State) checkpoint)
    {
        Directory.CreateDirectory(folder);
        using (var writer = new BinaryWriter(File.Create(State + ".new")))
        {
            var state = checkpoint.State;
            writer.Write(state.Epoch);
            writer.Write(state.Step);
            writer.Write(state.BestEpoch);
            writer.Write(state.BestElbo);
            writer.Write(state.RateScale);
            writer.Write(state.IsFinished);
            writer.Write(JsonSerializer.Serialize(state.History));
            Write(writer, state.Tensors);
            Write(writer, checkpoint.Best);
        }
        File.Move(State + ".new", State, overwrite: true);
        File.AppendAllText(Curve, JsonSerializer.Serialize(point) + "\n");
    }

    public (IReadOnlyList<NamedTensor> Best, TrainingState State)? Load()
    {
        if (!File.Exists(State))
            return null;
        using var reader = new BinaryReader(File.OpenRead(State));
        var state = new TrainingState(
            reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadBoolean(),
            JsonSerializer.Deserialize<List<EpochLine>>(reader.ReadString())!, Read(reader));
        return (Read(reader), state);
    }

    internal static void Write(BinaryWriter writer, IReadOnlyList<NamedTensor> tensors)
    {
        writer.Write(tensors.Count);
        foreach (var tensor in tensors)
        {
            writer.Write(tensor.Name);
            writer.Write((int)tensor.Type);
            writer.Write(tensor.Shape.Rank);
            foreach (var size in tensor.Shape)
                writer.Write(size);
            writer.Write(tensor.Bytes.Length);
            writer.Write(tensor.Bytes.Span);
        }
    }

    internal static List<NamedTensor> Read(BinaryReader reader)
    {
        var tensors = new List<NamedTensor>();
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            var (name, type) = (reader.ReadString(), (DType)reader.ReadInt32());
            var sizes = new int[reader.ReadInt32()];
            for (var i = 0; i < sizes.Length; i++)
                sizes[i] = reader.ReadInt32();
            tensors.Add(new(name, Shape.Create(sizes), type, reader.ReadBytes(reader.ReadInt32())));
        }
        return tensors;
    }
}
