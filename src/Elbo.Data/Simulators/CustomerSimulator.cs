using System.Globalization;

namespace Elbo.Data.Simulators;

/// <summary>
/// The customers of a shop, with a column of every kind.
/// <para>Two independent standard normal causes make the columns depend on each other: prosperity p and attachment a. Then, with e
/// standard normal and fresh in each column, and y the years since signing up:
/// age = 46 + 9p + 12e; log income = 10.3 + 0.4p + 0.1a + 0.25e; visits ~ Poisson(exp(1.4 + 0.6a));
/// orders ~ Poisson(exp(−0.4 + 0.3y^½ + 0.6a + 0.3p) g) with g ~ Gamma(2)/2, so overdispersed;
/// newsletter with log-odds −0.2 + 1.4a; plan and country by softmax of scores linear in p and a;
/// satisfaction = low, medium, high where a + 0.7e passes −0.6 and 0.6; balance = 40a + 120p·|e| − 30 + 50e.</para>
/// <para>Missing: income and balance together (people who keep their money matters to themselves), visits and newsletter together
/// (people who refuse to be followed), satisfaction more often than the rest, and single cells anywhere. The identifier and the
/// signing-up date are never missing.</para>
/// </summary>
internal sealed class CustomerSimulator : ITableSimulator
{
    private const string Header =
        "customer_id,signup_date,age,income,orders,visits,newsletter,country,plan,satisfaction,balance";

    private static readonly string[] Countries = ["Germany", "France", "Netherlands", "Poland", "Spain", "Sweden"];
    private static readonly string[] Plans = ["basic", "plus", "family", "business"];
    private static readonly DateOnly FirstDay = new(2018, 1, 1);
    private static readonly DateOnly LastDay = new(2025, 12, 31);

    public string Name => "customers";

    public string Description => "a shop's customers: every kind of column, two hidden causes, about 9 % of the cells missing";

    public int DefaultRows => 2000;

    public double DefaultMissing => 0.09;

    public void Write(TextWriter writer, Simulation simulation)
    {
        TableSimulators.Check(simulation);
        var random = new RandomSource(simulation.Seed);
        var cells = new CellWriter(writer);
        writer.Write(Header);
        writer.Write('\n');
        for (var row = 0; row < simulation.Rows; row++)
            WriteRow(cells, random, row, simulation.Missing);
    }

    private static void WriteRow(CellWriter cells, RandomSource random, int row, double missing)
    {
        var p = random.Normal();
        var a = random.Normal();
        var day = (int)(random.Uniform() * (LastDay.DayNumber - FirstDay.DayNumber + 1));
        var years = (LastDay.DayNumber - FirstDay.DayNumber - day) / 365.25;

        // The rates add up to the wanted fraction of all eleven columns at the default of 9 %.
        var hidesMoney = random.Chance(missing);
        var hidesDoings = random.Chance(missing * 0.7);

        cells.Text(string.Create(CultureInfo.InvariantCulture, $"C{row + 1:D6}"));
        cells.Text(FirstDay.AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        cells.Number(Math.Clamp(Math.Round(46 + 9 * p + 12 * random.Normal()), 18, 95), 0, random.Chance(missing));
        var income = PortableMath.Exp(10.3 + 0.4 * p + 0.1 * a + 0.25 * random.Normal());
        cells.Number(Math.Round(income / 10) * 10, 0, random.Chance(missing * 0.3) || hidesMoney);
        var rate = PortableMath.Exp(-0.4 + 0.3 * Math.Sqrt(years) + 0.6 * a + 0.3 * p) * random.Gamma(2) / 2;
        cells.Number(random.Poisson(rate), 0, random.Chance(missing));
        cells.Number(random.Poisson(PortableMath.Exp(1.4 + 0.6 * a)), 0, random.Chance(missing * 0.4) || hidesDoings);
        cells.Text(random.Chance(PortableMath.Logistic(-0.2 + 1.4 * a)) ? "yes" : "no", random.Chance(missing * 0.4) || hidesDoings);
        WriteChoices(cells, random, p, a, missing);
        var balance = 40 * a + 120 * p * Math.Abs(random.Normal()) - 30 + 50 * random.Normal();
        cells.Number(balance, 2, random.Chance(missing * 0.3) || hidesMoney);
        cells.EndRow();
    }

    private static void WriteChoices(CellWriter cells, RandomSource random, double p, double a, double missing)
    {
        var country = random.Choose([0.9, 0.5 + 0.2 * a, 0.1 + 0.5 * p, 0.3 - 0.7 * p, 0.2 - 0.4 * p + 0.2 * a, -0.4 + 0.6 * p]);
        cells.Text(Countries[country], random.Chance(missing));
        cells.Text(Plans[random.Choose([0.8 - 0.9 * a, 0.3 + 0.4 * a, -0.1 + 0.5 * a - 0.3 * p, -0.9 + 1.2 * p])], random.Chance(missing));
        var mood = a + 0.7 * random.Normal();
        cells.Text(mood < -0.6 ? "low" : mood < 0.6 ? "medium" : "high", random.Chance(missing * 2.5));
    }
}
