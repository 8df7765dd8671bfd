using Elbo.Compute;

namespace Elbo.Networks;

/// <summary>The kind of networks that an encoder and a decoder are: a recipe for a pair of them.</summary>
public abstract record Architecture
{
    private protected Architecture()
    {
    }

    /// <summary>Fully connected layers.</summary>
    /// <param name="hidden">Sizes of the hidden layers of the encoder, and in reverse of the decoder; none for affine maps.</param>
    /// <param name="activation">The nonlinearity between layers.</param>
    public static Architecture FullyConnected(IReadOnlyList<int> hidden, Activation activation = Activation.Tanh) => new FullyConnectedArchitecture(hidden, activation);

    /// <summary>Strided convolutions down to a small image, and the way back by transposed ones.</summary>
    /// <param name="channels">Channels of each convolution of the encoder, each of which halves height and width; in reverse of the decoder.</param>
    /// <param name="hidden">Units of the fully connected layer between the smallest image and the code.</param>
    /// <param name="activation">The nonlinearity between layers.</param>
    public static Architecture Convolutional(IReadOnlyList<int> channels, int hidden = 256, Activation activation = Activation.Silu) => new ConvolutionalArchitecture(channels, hidden, activation);

    /// <summary>
    /// An encoder of strided convolutions, and a decoder of which the same layers say at every place of the image what is there, from the code and the place (a spatial broadcast decoder; Watters, Matthey,
    /// Burgess and Lerchner, 2019): where things are is then a sum of code and place, which makes it easier to learn and to tell from what they are.
    /// </summary>
    /// <param name="channels">Channels of each convolution of the encoder, each of which halves height and width.</param>
    /// <param name="hidden">Units of the fully connected layer between the smallest image and the code.</param>
    /// <param name="units">Units of the decoder's layers at each place of a grid of half the height and width, at least one layer.</param>
    /// <param name="activation">The nonlinearity between layers.</param>
    public static Architecture SpatialBroadcast(IReadOnlyList<int> channels, int hidden, IReadOnlyList<int> units, Activation activation = Activation.Relu) =>
        new BroadcastArchitecture(channels, hidden, units, activation);

    /// <exception cref="ArgumentException">A size is out of its range; the message names it.</exception>
    internal abstract void Check();

    internal abstract INetwork Encoder(RowShape rows, int features, int outputs, RandomNumbers random, string name = "encoder");

    /// <summary>The same up to its last hidden layer, before the nonlinearity, and what that is; up to the outputs where there is no hidden layer.</summary>
    internal abstract (INetwork Network, int Width, Activation? Activation) Trunk(RowShape rows, int features, int outputs, RandomNumbers random, string name);

    internal abstract INetwork Decoder(RowShape rows, int inputs, int outputs, RandomNumbers random, double outputScale);
}

/// <summary>How the numbers of a row lie.</summary>
/// <param name="Height">Rows of pixels; 1 where a row is no image.</param>
/// <param name="Width">Columns of pixels; the numbers of a row that is no image.</param>
/// <param name="Channels">Numbers of a pixel.</param>
public sealed record RowShape(int Height, int Width, int Channels)
{
    /// <summary>Numbers in all.</summary>
    public int Size => Height * Width * Channels;

    /// <summary>Numbers that are no image.</summary>
    public static RowShape Vector(int size) => new(1, size, 1);
}

/// <summary>Fully connected layers.</summary>
/// <param name="Hidden">Sizes of the hidden layers of the encoder, and in reverse of the decoder.</param>
/// <param name="Activation">The nonlinearity between layers.</param>
public sealed record FullyConnectedArchitecture(IReadOnlyList<int> Hidden, Activation Activation) : Architecture
{
    internal override void Check()
    {
        if (Hidden.Any(h => h < 1))
            throw new ArgumentException($"Hidden layers ({string.Join(", ", Hidden)}) need at least one unit each.");
    }

    internal override INetwork Encoder(RowShape rows, int features, int outputs, RandomNumbers random, string name = "encoder") =>
        new Mlp(name, [features, .. Hidden, outputs], Activation, random);

    internal override (INetwork Network, int Width, Activation? Activation) Trunk(RowShape rows, int features, int outputs, RandomNumbers random, string name) => Hidden.Count == 0
        ? (new Mlp(name, [features, outputs], Activation, random), outputs, null)
        : (new Mlp(name, [features, .. Hidden], Activation, random), Hidden[^1], Activation);

    internal override INetwork Decoder(RowShape rows, int inputs, int outputs, RandomNumbers random, double outputScale) =>
        new Mlp("decoder", [inputs, .. Hidden.Reverse(), outputs], Activation, random, outputScale);
}

/// <summary>Convolutions of stride 2 and a fully connected layer, and the way back.</summary>
/// <param name="Channels">Channels of each convolution of the encoder; in reverse of the decoder.</param>
/// <param name="Hidden">Units of the fully connected layer.</param>
/// <param name="Activation">The nonlinearity between layers.</param>
public sealed record ConvolutionalArchitecture(IReadOnlyList<int> Channels, int Hidden, Activation Activation) : Architecture
{
    internal override void Check()
    {
        if (Channels.Count == 0 || Channels.Any(c => c < 1) || Hidden < 1)
            throw new ArgumentException($"A convolutional network needs at least one layer, and layers ({string.Join(", ", Channels)}; {Hidden}) at least one unit each.");
    }

    internal override INetwork Encoder(RowShape rows, int features, int outputs, RandomNumbers random, string name = "encoder")
    {
        NeedImages(rows, features);
        return new ConvolutionalEncoder(this, rows, features / (rows.Height * rows.Width), outputs, random, name);
    }

    internal override (INetwork Network, int Width, Activation? Activation) Trunk(RowShape rows, int features, int outputs, RandomNumbers random, string name) =>
        (Encoder(rows, features, Hidden, random, name), Hidden, Activation);

    internal override INetwork Decoder(RowShape rows, int inputs, int outputs, RandomNumbers random, double outputScale) =>
        new ConvolutionalDecoder(this, rows, inputs, outputs / (rows.Height * rows.Width), random, outputScale);

    private void NeedImages(RowShape rows, int features)
    {
        if (rows.Height == 1 || features % (rows.Height * rows.Width) != 0)
            throw new ArgumentException("Convolutional networks are for images, and these rows are none; use Architecture.FullyConnected.");
        var least = 1 << Channels.Count;
        if (Math.Min(rows.Height, rows.Width) * 2 < least)
            throw new ArgumentException($"{Channels.Count} convolutions halve an image of {rows.Height} x {rows.Width} pixels to nothing; use fewer.");
    }

    /// <summary>Height and width after some halvings.</summary>
    internal static (int Height, int Width) After(RowShape rows, int halvings)
    {
        var (height, width) = (rows.Height, rows.Width);
        for (var i = 0; i < halvings; i++)
            (height, width) = ((height + 1) / 2, (width + 1) / 2);
        return (height, width);
    }
}

/// <summary>Convolutions of stride 2 and a fully connected layer, and a way back that is the same at every place.</summary>
/// <param name="Channels">Channels of each convolution of the encoder.</param>
/// <param name="Hidden">Units of the fully connected layer.</param>
/// <param name="Units">Units of the decoder's layers at each place.</param>
/// <param name="Activation">The nonlinearity between layers.</param>
public sealed record BroadcastArchitecture(IReadOnlyList<int> Channels, int Hidden, IReadOnlyList<int> Units, Activation Activation) : Architecture
{
    private ConvolutionalArchitecture Down => new(Channels, Hidden, Activation);

    internal override void Check()
    {
        Down.Check();
        if (Units.Count == 0 || Units.Any(u => u < 1))
            throw new ArgumentException($"A broadcast decoder needs at least one layer, and layers ({string.Join(", ", Units)}) at least one unit each.");
    }

    internal override INetwork Encoder(RowShape rows, int features, int outputs, RandomNumbers random, string name = "encoder") => Down.Encoder(rows, features, outputs, random, name);

    internal override (INetwork Network, int Width, Activation? Activation) Trunk(RowShape rows, int features, int outputs, RandomNumbers random, string name) =>
        Down.Trunk(rows, features, outputs, random, name);

    internal override INetwork Decoder(RowShape rows, int inputs, int outputs, RandomNumbers random, double outputScale) =>
        new BroadcastDecoder(this, rows, inputs, outputs / (rows.Height * rows.Width), random, outputScale);
}
