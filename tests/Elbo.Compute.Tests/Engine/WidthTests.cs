namespace Elbo.Compute.Tests.Engine;

public sealed class WidthTests
{
    [Fact]
    public void Processor_takes_the_widest_vectors_unless_told_otherwise()
    {
        using var usual = new Cpu(1);
        using var scalar = new Cpu(1, VectorWidth.Scalar);
        Assert.Equal(VectorWidths.Best, usual.Width);
        Assert.Equal(VectorWidth.Scalar, scalar.Width);
    }

    [Fact]
    public void Width_that_the_machine_lacks_is_refused_and_the_message_says_what_it_has()
    {
        foreach (var width in Enum.GetValues<VectorWidth>().Append((VectorWidth)128).Append((VectorWidth)7).Where(w => w > VectorWidths.Best || !Enum.IsDefined(w)))
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(() => new Cpu(1, width));
            Assert.Contains($"up to {8 * (int)VectorWidths.Best} bits, and {8 * (int)width} bits", error.Message, StringComparison.Ordinal);
        }
    }

    // The whole suite is run at every width by these switches of the runtime; were one renamed, it would silently test another.
    [Fact]
    public void Switches_of_the_runtime_narrow_the_vectors()
    {
        var most = IsOff("EnableHWIntrinsic") ? VectorWidth.Scalar : IsOff("EnableAVX2") ? VectorWidth.Bits128 : IsOff("EnableAVX512") ? VectorWidth.Bits256 : VectorWidth.Bits512;
        Assert.True(VectorWidths.Best <= most, $"Vectors are {VectorWidths.Best} wide, and were to be {most}.");

        static bool IsOff(string feature) => Environment.GetEnvironmentVariable("DOTNET_" + feature) == "0";
    }
}
