using CsvHelper;
using Elbo.Tables;

namespace Elbo.Data;

/// <summary>
/// A column of which nothing is known. Its first different texts go into a dictionary and its cells are codes; when the dictionary
/// grows too large the column turns into plain numbers, into dates, or is given up as names. So the text of the file is never kept.
/// </summary>
internal sealed partial class GuessedCells(
    string file, string name, int position, bool hasHeader, ColumnRequest? request, MissingTokens always, MissingTokens amongNumbers)
    : ColumnCells(file, name)
{
    private const int MostRequestedLevels = 1 << 16;
    private const int Missing = -1;

    private readonly TextDictionary _texts = new();
    private List<int> _codes = [];
    private readonly List<double> _values = [];
    private Content _content = Content.Texts;
    private int _decimals;
    private string? _dateFormat;
    private long _rows;
    private long _oddCount;
    private long _oddLine;
    private string _oddText = "";

    private enum Content
    {
        Texts,
        Numbers,
        Dates,
        GivenUp,
    }

    private int MostTexts => request is null or { Kind: ColumnKind.Date } ? KindRules.MostCategories : MostRequestedLevels;

    public override void Add(CsvReader csv, int field)
    {
        _rows++;
        var text = csv.GetSpan(field);
        switch (_content)
        {
            case Content.Texts:
                AddText(text, csv.LineNumber);
                break;
            case Content.Numbers:
                AddNumber(csv, field, text);
                break;
            case Content.Dates:
                AddDate(text, csv.LineNumber);
                break;
            default:
                MissingCount += always.Matches(text) ? 1 : 0;
                break;
        }
    }

    private void AddText(ReadOnlySpan<byte> text, long line)
    {
        if (always.Matches(text))
        {
            MissingCount++;
            _codes.Add(Missing);
            return;
        }

        _codes.Add(_texts.GetOrAdd(text, line));
        if (_texts.Count > MostTexts)
            GiveUpTexts(line);
    }

    private void AddNumber(CsvReader csv, int field, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty && CellText.TryNumber(csv, field, text, out var value) && !CellText.HasLeadingZero(text))
        {
            _values.Add(value);
            SeeDecimals(text);
        }
        else if (text.IsEmpty || always.Matches(text) || amongNumbers.Matches(text))
        {
            AddMissing();
        }
        else
        {
            AddOdd(text, csv.LineNumber);
        }
    }

    private void AddDate(ReadOnlySpan<byte> text, long line)
    {
        if (DateText.TryParse(text, _dateFormat!, out var days))
            _values.Add(days);
        else if (always.Matches(text) || amongNumbers.Matches(text))
            AddMissing();
        else
            AddOdd(text, line);
    }

    private void AddMissing()
    {
        MissingCount++;
        _values.Add(double.NaN);
    }

    private void AddOdd(ReadOnlySpan<byte> text, long line)
    {
        if (_oddCount++ == 0)
            (_oddText, _oddLine) = (CellText.Quote(text), line);
        _values.Add(double.NaN);
    }

    private void SeeDecimals(ReadOnlySpan<byte> number)
    {
        if (_decimals >= 0)
            _decimals = CellText.Decimals(number) is var d and >= 0 ? Math.Max(_decimals, d) : -1;
    }

    // The dictionary is full: from here on the column is numbers, or dates, or nothing that could be learned from.
    private void GiveUpTexts(long line)
    {
        if (request is { Kind: not ColumnKind.Date })
        {
            throw new DataException(
                File, $"more than {MostRequestedLevels} different texts in a column of kind {ColumnRequest.NameOf(request.Kind)}",
                "Choose another kind", line, Name);
        }

        var split = SplitTexts();
        if (split.Numbers.Count > split.Words.Count)
            _content = Content.Numbers;
        else if (split.Numbers.Count == 0 && UnambiguousDate(split.Words) is { } format)
            (_content, _dateFormat) = (Content.Dates, format);
        else
            _content = Content.GivenUp;

        if (_content != Content.GivenUp)
        {
            MissingCount = 0;
            foreach (var code in _codes)
                AddKnownText(code);
        }

        _codes = [];
    }

    private void AddKnownText(int code)
    {
        if (code == Missing)
            AddMissing();
        else if (_content == Content.Numbers && TryPlainNumber(_texts[code], out var value))
            AddPlainNumber(value, code);
        else if (_content == Content.Dates)
            AddDate(_texts[code], _texts.FirstLine(code));
        else if (amongNumbers.Matches(_texts[code]))
            AddMissing();
        else
            AddOdd(_texts[code], _texts.FirstLine(code));
    }

    private void AddPlainNumber(double value, int code)
    {
        _values.Add(value);
        SeeDecimals(_texts[code]);
    }

    private static bool TryPlainNumber(ReadOnlySpan<byte> text, out double value) =>
        CellText.TryNumber(text, out value) && !CellText.HasLeadingZero(text);

    private (List<int> Numbers, List<int> Words, List<int> MissingAmongNumbers) SplitTexts()
    {
        var split = (Numbers: new List<int>(), Words: new List<int>(), MissingAmongNumbers: new List<int>());
        for (var code = 0; code < _texts.Count; code++)
        {
            if (TryPlainNumber(_texts[code], out _))
                split.Numbers.Add(code);
            else if (amongNumbers.Matches(_texts[code]))
                split.MissingAmongNumbers.Add(code);
            else
                split.Words.Add(code);
        }

        return split;
    }

    private string? UnambiguousDate(List<int> words)
    {
        var formats = DateText.Common(_texts, words);
        return formats.Count == 0 || DateText.IsAmbiguous(formats) ? null : formats[0];
    }
}
