using CsvHelper;
using Elbo.Tables;

namespace Elbo.Data;

/// <summary>What became of a column: its values and how they are written, or why it was left out.</summary>
internal sealed record ColumnOutcome(ColumnSummary Summary, ColumnSchema? Schema, double[]? Values, IReadOnlyList<string> Notices)
{
    public static ColumnOutcome LeftOut(ColumnSummary summary, string remedy = "") =>
        new(summary, null, null, [$"Column '{summary.Name}' is left out: {summary.LeftOut}.{remedy}"]);

    public static ColumnOutcome Kept(ColumnSummary summary, ColumnSchema schema, double[] values, params IReadOnlyList<string> notices) =>
        new(summary, schema, values, notices);
}

/// <summary>Takes the cells of one column, row by row, and makes its values of them.</summary>
internal abstract class ColumnCells(string file, string name)
{
    protected string File { get; } = file;

    protected string Name { get; } = name;

    protected long MissingCount { get; set; }

    /// <summary>Takes the cell of the current record.</summary>
    public abstract void Add(CsvReader csv, int field);

    /// <summary>Ends the column.</summary>
    public abstract ColumnOutcome Finish();

    protected ColumnOutcome AllMissing(ColumnKind kind) => ColumnOutcome.LeftOut(
        new ColumnSummary(Name, kind, "no row has a value", MissingCount, 0, "no row has a value"));

    protected ColumnOutcome Constant(ColumnKind kind, string value) => ColumnOutcome.LeftOut(
        new ColumnSummary(Name, kind, "all values are the same", MissingCount, 1, $"its only value is {value}"));
}

/// <summary>A column that is in the file but not wanted: only its missing cells are counted.</summary>
internal sealed class UnwantedCells(string file, string name, string why, string leftOut, MissingTokens missing) : ColumnCells(file, name)
{
    public override void Add(CsvReader csv, int field)
    {
        if (missing.Matches(csv.GetSpan(field)))
            MissingCount++;
    }

    public override ColumnOutcome Finish() => ColumnOutcome.LeftOut(
        new ColumnSummary(Name, ColumnKind.Identifier, why, MissingCount, null, leftOut));
}

/// <summary>A column that must be numbers, because the user or a model says so.</summary>
internal sealed class NumberCells(
    string file, ColumnSchema schema, string why, string remedy, bool mayBeConstant, MissingTokens always, MissingTokens amongNumbers)
    : ColumnCells(file, schema.Column.Name)
{
    private readonly ColumnKind _kind = schema.Column.Kind;
    private readonly List<double> _values = [];
    private int _decimals;

    public override void Add(CsvReader csv, int field)
    {
        var text = csv.GetSpan(field);
        if (text.IsEmpty)
        {
            AddMissing();
        }
        else if (CellText.TryNumber(csv, field, text, out var value))
        {
            CheckDomain(value, text, csv.LineNumber);
            _values.Add(value);
            if (_decimals >= 0)
                _decimals = CellText.Decimals(text) is var d and >= 0 ? Math.Max(_decimals, d) : -1;
        }
        else if (always.Matches(text) || amongNumbers.Matches(text))
        {
            AddMissing();
        }
        else
        {
            throw new DataException(File, $"{CellText.Quote(text)} is not a number", remedy, csv.LineNumber, Name);
        }
    }

    public override ColumnOutcome Finish()
    {
        var values = _values.ToArray();
        if (!mayBeConstant)
        {
            var observed = values.Where(v => !double.IsNaN(v)).ToArray();
            if (observed.Length == 0)
                return AllMissing(_kind);
            if (observed.Max() == observed.Min())
                return Constant(_kind, NumberText.Shortest(observed[0]));
        }

        var written = mayBeConstant ? schema : schema with { Decimals = _decimals >= 0 ? _decimals : null };
        return ColumnOutcome.Kept(new ColumnSummary(Name, _kind, why, MissingCount, null, null), written, values);
    }

    private void AddMissing()
    {
        MissingCount++;
        _values.Add(double.NaN);
    }

    private void CheckDomain(double value, ReadOnlySpan<byte> text, long line)
    {
        var wanted = _kind switch
        {
            ColumnKind.Positive when value <= 0 => "above zero",
            ColumnKind.Count when value < 0 || value != Math.Floor(value) || value > Table.LargestCount =>
                "a whole number from zero up",
            _ => null,
        };
        if (wanted is not null)
        {
            throw new DataException(
                File, $"{CellText.Quote(text)} is not {wanted}, which a column of kind {ColumnRequest.NameOf(_kind)} must be", remedy,
                line, Name);
        }
    }
}

/// <summary>A column of dates in a known format, because a model says so.</summary>
internal sealed class DateCells(string file, ColumnSchema schema, string why, string remedy, MissingTokens always, MissingTokens amongNumbers)
    : ColumnCells(file, schema.Column.Name)
{
    private readonly string _format = schema.DateFormat ?? DateText.IsoDay;
    private readonly List<double> _values = [];

    public override void Add(CsvReader csv, int field)
    {
        var text = csv.GetSpan(field);
        if (always.Matches(text) || amongNumbers.Matches(text))
        {
            MissingCount++;
            _values.Add(double.NaN);
        }
        else if (DateText.TryParse(text, _format, out var days))
        {
            _values.Add(days);
        }
        else
        {
            throw new DataException(File, $"{CellText.Quote(text)} is not a date written as {_format}", remedy, csv.LineNumber, Name);
        }
    }

    public override ColumnOutcome Finish() => ColumnOutcome.Kept(
        new ColumnSummary(Name, ColumnKind.Date, why, MissingCount, null, null), schema, [.. _values]);
}

/// <summary>A column whose levels are known, because the user or a model says so.</summary>
internal sealed class LevelCells : ColumnCells
{
    private readonly ColumnSchema _schema;
    private readonly string _why;
    private readonly string? _remedyWhenUnseen;
    private readonly MissingTokens _always;
    private readonly MissingTokens _amongNumbers;
    private readonly TextDictionary _texts = new();
    private readonly List<int> _levelOfText = [];
    private readonly Dictionary<double, int>? _levelOfNumber;
    private readonly List<double> _values = [];
    private long _unseenCount;

    /// <summary>Makes a column of known levels. An unknown text is an error with the remedy, or missing when there is no remedy.</summary>
    public LevelCells(
        string file, ColumnSchema schema, string why, string? remedyWhenUnseen, MissingTokens always, MissingTokens amongNumbers)
        : base(file, schema.Column.Name)
    {
        _schema = schema;
        _why = why;
        _remedyWhenUnseen = remedyWhenUnseen;
        _always = always;
        _amongNumbers = amongNumbers;
        var numbers = new Dictionary<double, int>();
        foreach (var level in schema.Column.Levels)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(level);
            if (CellText.TryNumber(bytes, out var number))
                numbers.TryAdd(number, _texts.Count);
            _levelOfText.Add(_texts.GetOrAdd(bytes, 0));
        }

        // "1.0" is the level "1" only where all levels are numbers.
        _levelOfNumber = numbers.Count == schema.Column.Levels.Count ? numbers : null;
    }

    public override void Add(CsvReader csv, int field)
    {
        var text = csv.GetSpan(field);
        if (_always.Matches(text))
        {
            MissingCount++;
            _values.Add(double.NaN);
            return;
        }

        var code = _texts.GetOrAdd(text, csv.LineNumber);
        if (code == _levelOfText.Count)
            _levelOfText.Add(LevelOf(text, csv.LineNumber));
        var level = _levelOfText[code];
        if (level < 0)
        {
            MissingCount++;
            if (level == Unseen)
                _unseenCount++;
        }

        _values.Add(level >= 0 ? level : double.NaN);
    }

    public override ColumnOutcome Finish()
    {
        var distinct = _values.Where(v => !double.IsNaN(v)).Distinct().Count();
        var summary = new ColumnSummary(Name, _schema.Column.Kind, _why, MissingCount, distinct, null);
        if (_unseenCount == 0)
            return ColumnOutcome.Kept(summary, _schema, [.. _values]);

        var unseen = Enumerable.Range(0, _texts.Count).Where(c => _levelOfText[c] == Unseen)
            .Select(c => System.Text.Encoding.UTF8.GetString(_texts[c]));
        var cells = _unseenCount == 1 ? "1 cell holds" : $"{_unseenCount} cells hold";
        return ColumnOutcome.Kept(
            summary, _schema, [.. _values],
            $"Column '{Name}': {cells} a category the model has not seen ({Names.List(unseen)}); taken as missing.");
    }

    private const int Unseen = -1;
    private const int MissingAmongNumbers = -2;

    private int LevelOf(ReadOnlySpan<byte> text, long line)
    {
        if (_levelOfNumber is not null && CellText.TryNumber(text, out var number) && _levelOfNumber.TryGetValue(number, out var level))
            return level;
        if (_levelOfNumber is not null && _amongNumbers.Matches(text))
            return MissingAmongNumbers;
        if (_remedyWhenUnseen is null)
            return Unseen;
        throw new DataException(
            File, $"{CellText.Quote(text)} is not one of the levels {Names.List(_schema.Column.Levels)}", _remedyWhenUnseen, line, Name);
    }
}
