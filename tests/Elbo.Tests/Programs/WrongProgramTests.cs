namespace Elbo.Tests.Programs;

public class WrongProgramTests
{
    public static TheoryData<string> Names => [.. WrongPrograms.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Says_what_is_wrong(string name)
    {
        var (program, says) = WrongPrograms.All[name];
        var mistake = Record.Exception(program);
        Assert.NotNull(mistake);
        Assert.True(mistake is Elbo.Programs.ModelException or Elbo.Distributions.DistributionException or Elbo.Compute.ShapeException or ArgumentNullException, mistake.ToString());
        foreach (var word in says)
            Assert.Contains(word, mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_sixty_of_them() => Assert.True(WrongPrograms.All.Count >= 60, $"{WrongPrograms.All.Count}");
}
