using System.Globalization;

namespace Elbo.Compute.Tests.Lanes;

/// <summary>Every lane function against values computed with 50 digits, at every width.</summary>
public sealed class SpecialFunctionTests
{
    public static TheoryData<string> Functions => [.. LaneFunction.All.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Functions))]
    public void Single_precision_is_as_accurate_as_documented(string name)
    {
        var function = Named(name);
        var table = ReferenceTable.Load(function.Table).Single(function.SingleRange);
        float[][] arguments = [.. table.Columns().Select(c => c.Select(x => (float)x).ToArray())];
        var actual = LaneKernel.Map(LaneKernel.Widths.Last(), function.Body, arguments);
        var (ulps, where) = table.LargestError(actual, function.Floor);
        Assert.True(ulps <= function.Single, Failure(ulps, function.Single, where));
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void Double_precision_is_as_accurate_as_documented(string name)
    {
        var function = Named(name);
        var table = ReferenceTable.Load(function.Table);
        var actual = LaneKernel.Map(LaneKernel.Widths.Last(), function.Body, table.Columns());
        var (ulps, where) = table.LargestError(actual, function.Floor);
        Assert.True(ulps <= function.Wide, Failure(ulps, function.Wide, where));
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void All_widths_give_the_same_bits(string name)
    {
        var function = Named(name);
        var columns = ReferenceTable.Load(function.Table).Columns();
        float[][] singles = [.. columns.Select(c => c.Select(x => (float)x).ToArray())];
        var expected = LaneKernel.Map(VectorWidth.Scalar, function.Body, columns);
        var expectedSingle = LaneKernel.Map(VectorWidth.Scalar, function.Body, singles);
        foreach (var width in LaneKernel.Widths)
        {
            Assert.Equal(expected.Select(Bits), LaneKernel.Map(width, function.Body, columns).Select(Bits));
            Assert.Equal(expectedSingle.Select(Bits), LaneKernel.Map(width, function.Body, singles).Select(Bits));
        }
    }

    private static LaneFunction Named(string name) => LaneFunction.All.Single(f => f.Name == name);

    // The payload and sign of a NaN are not part of a result.
    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(double.IsNaN(value) ? double.NaN : value);

    private static int Bits(float value) => BitConverter.SingleToInt32Bits(float.IsNaN(value) ? float.NaN : value);

    private static string Failure(double ulps, double limit, string where) =>
        string.Create(CultureInfo.InvariantCulture, $"{ulps:F2} ulp, more than {limit}: {where}");
}
