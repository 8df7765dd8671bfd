using Elbo.Compute;
using Elbo.Networks;

namespace Elbo.Diffusion;

/// <summary>What a network says of a noisy row. Each can be had from each other.</summary>
public enum Prediction
{
    /// <summary>The noise ε (Ho, Jain and Abbeel, 2020).</summary>
    Noise,

    /// <summary>The data x.</summary>
    Data,

    /// <summary>The velocity α·ε − σ·x (Salimans and Ho, 2022), which stays well posed at both ends.</summary>
    Velocity,
}

/// <summary>A network that looks at noisy rows: what is learned of a diffusion model.</summary>
public abstract class DenoisingNetwork
{
    /// <summary>What is learned.</summary>
    public abstract IReadOnlyList<Variable> Variables { get; }

    /// <summary>Its value, [rows, outputs]: a <see cref="Prediction"/> for each number, then, where variances are learned, one more for each.</summary>
    /// <param name="noisy">z, [rows, numbers]; of rows that may have holes, behind it 1 for each cell that has noise, and then 1 for each that is given and has none. What is neither is missing, and its numbers are 0.</param>
    /// <param name="place">Where the level of noise of each row lies between the first and the last of the schedule, from 0 to 1: [rows, 1].</param>
    /// <param name="classes">The class of each row as 1 among zeros, all zeros for a row of any class: [rows, classes]; null where the model knows of none.</param>
    public abstract Tensor Apply(Tensor noisy, Tensor place, Tensor? classes);
}

/// <summary>A recipe for the network of a diffusion model.</summary>
public abstract record Denoiser
{
    private protected Denoiser()
    {
    }

    /// <summary>Residual fully connected layers, each told of the level of noise: for vectors and tables.</summary>
    /// <param name="width">Units of each layer.</param>
    /// <param name="blocks">Residual blocks of two layers.</param>
    public static Denoiser FullyConnected(int width = 128, int blocks = 3) => new FullyConnectedDenoiser(width, blocks);

    /// <summary>Convolutions down to small images and back up, with what was seen on the way down beside it (Ronneberger, Fischer and Brox, 2015): for images.</summary>
    /// <param name="channels">Channels at each scale; each scale but the first has half the height and width of the one before.</param>
    /// <param name="blocks">Residual blocks at each scale, on each way.</param>
    /// <param name="attends">Whether places attend to each other at the smallest scale.</param>
    /// <param name="waves">Waves of each number that the network sees beside it: see <see cref="UNetDenoiser.Waves"/>.</param>
    public static Denoiser UNet(IReadOnlyList<int> channels, int blocks = 1, bool attends = true, int waves = 0) => new UNetDenoiser(channels, blocks, attends) { Waves = waves };

    /// <exception cref="ArgumentException">A size is out of its range; the message names it.</exception>
    internal abstract void Check(RowShape rows);

    /// <param name="rows">How the numbers lie to which noise is added.</param>
    /// <param name="outputsEach">Outputs for each of them.</param>
    /// <param name="told">Numbers behind them that tell which cells are there.</param>
    /// <param name="classes">Classes of rows; 0 for none.</param>
    /// <param name="random">Where first weights come from.</param>
    internal abstract DenoisingNetwork Begin(RowShape rows, int outputsEach, int told, int classes, RandomNumbers random);
}
