using System.Runtime.InteropServices;
using CsvHelper;
using Elbo.Tables;

namespace Elbo.Data;

/// <summary>
/// A column of which nothing is known. Its first different texts go into a dictionary and its cells are codes; when the dictionary
/// grows too large the column turns into plain numbers, into dates, or is given up as names. So the text of the file is never kept.
/// </summary>
internal sealed class GuessedCells(
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

    public override ColumnOutcome Finish()
    {
        if (_content == Content.Texts)
            return FinishTexts();
        if (_content == Content.GivenUp)
        {
            return ColumnOutcome.LeftOut(new ColumnSummary(
                Name, ColumnKind.Identifier, "mostly different texts", MissingCount, null,
                $"it has more than {KindRules.MostCategories} different texts in {_rows} rows, so they are names rather than categories"),
                $" Say '{Name}=category' if they are categories");
        }

        if (_oddCount > 0)
            return FinishMixed();
        return _content == Content.Numbers ? FinishNumbers() : FinishDates();
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

    private ColumnOutcome FinishTexts()
    {
        var (numbers, words, tokens) = SplitTexts();
        if (numbers.Count + words.Count == 0 && (tokens.Count == 0 || request is null))
            return AllMissing(request?.Kind ?? ColumnKind.Identifier);
        if (request is { Kind: ColumnKind.Date })
            return FinishRequestedDates(numbers, words);

        if (words.Count == 0)
            return TurnInto(Content.Numbers).FinishNumbers();
        if (numbers.Count == 0 && request is null && UnambiguousDate(words) is { } format)
        {
            _dateFormat = format;
            return TurnInto(Content.Dates).FinishDates();
        }

        return FinishLevels(numbers, words, tokens);
    }

    private GuessedCells TurnInto(Content content)
    {
        _content = content;
        MissingCount = 0;
        foreach (var code in _codes)
            AddKnownText(code);
        return this;
    }

    private ColumnOutcome FinishRequestedDates(List<int> numbers, List<int> words)
    {
        const string remedy = "Write dates as 2026-11-21, or do not call this column a date";
        var dates = numbers.Concat(words).ToList();
        var formats = DateText.Common(_texts, dates);
        if (formats.Count > 0 && !DateText.IsAmbiguous(formats))
        {
            _dateFormat = formats[0];
            return TurnInto(Content.Dates).FinishDates();
        }

        if (formats.Count > 0)
            throw new DataException(File, "days and months cannot be told apart: no value has a day above 12", remedy, null, Name);
        foreach (var code in dates)
        {
            if (!DateText.Formats.Any(f => DateText.TryParse(_texts[code], f, out _)))
                throw new DataException(File, $"{CellText.Quote(_texts[code])} is not a date", remedy, _texts.FirstLine(code), Name);
        }

        throw new DataException(File, "the dates are written in more than one way", remedy, null, Name);
    }

    private ColumnOutcome FinishNumbers()
    {
        var values = _values.ToArray();
        var facts = NumberFacts.Of(values);
        if (facts.Count == 0)
            return AllMissing(ColumnKind.Real);
        if (facts.Min == facts.Max)
            return Constant(ColumnKind.Real, NumberText.Shortest(facts.Min));

        if (request is not null)
            return FinishNumberLevels(Requested(values.Where(v => !double.IsNaN(v)).Distinct().Count(), [], []), values);
        var guess = KindRules.OfNumbers(facts, Name, position, hasHeader, (int)MissingCount);
        if (_texts.Count <= 2 && !facts.IsWhole)
            guess = values.Where(v => !double.IsNaN(v)).Distinct().Count() == 2 ? new KindGuess(ColumnKind.Binary, "two different numbers") : guess;
        if (guess.Kind is ColumnKind.Binary or ColumnKind.Category)
            return FinishNumberLevels(guess, values);
        var distinct = facts.Distinct ?? (_texts.Count <= MostTexts ? values.Where(v => !double.IsNaN(v)).Distinct().Count() : null);
        return Outcome(guess, distinct, new ColumnSchema(new Column(Name, guess.Kind), _decimals >= 0 ? _decimals : null), values);
    }

    private ColumnOutcome FinishNumberLevels(KindGuess guess, double[] values)
    {
        // One level per number, though it may be written in two ways; the first way names it.
        var names = new SortedDictionary<double, string>();
        for (var code = 0; code < _texts.Count; code++)
        {
            if (TryPlainNumber(_texts[code], out var number))
                names.TryAdd(number, Text(code));
        }

        var codes = names.Keys.Index().ToDictionary(x => x.Item, x => (double)x.Index);
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsNaN(values[i]))
                values[i] = codes[values[i]];
        }

        return Outcome(guess, names.Count, new ColumnSchema(new Column(Name, guess.Kind, [.. names.Values])), values);
    }

    private ColumnOutcome FinishDates()
    {
        var values = _values.ToArray();
        var observed = values.Where(v => !double.IsNaN(v)).ToList();
        var first = observed.Min();
        var last = observed.Max();
        if (first == last)
            return Constant(ColumnKind.Date, DateText.Format(first, _dateFormat));
        var why = $"dates from {DateText.Format(first, null)} to {DateText.Format(last, null)} written as {_dateFormat}";
        return Outcome(
            new KindGuess(ColumnKind.Date, why), null,
            new ColumnSchema(new Column(Name, ColumnKind.Date), DateFormat: _dateFormat), values);
    }

    private ColumnOutcome FinishMixed()
    {
        var what = _content == Content.Numbers ? "numbers" : "dates";
        var odd = _oddCount == 1 ? $"one cell that is not, {_oddText} in line {_oddLine}" : $"{_oddCount} cells that are not, the first {_oddText} in line {_oddLine}";
        return ColumnOutcome.LeftOut(
            new ColumnSummary(Name, ColumnKind.Identifier, $"{what} mixed with other texts", MissingCount, null, $"it has {what} and {odd}"),
            $" Correct the file, or name the texts that mean missing");
    }

    private ColumnOutcome FinishLevels(List<int> numbers, List<int> words, List<int> tokens)
    {
        // Among words "None" is a word, so every text is a level.
        var levelCodes = Enumerable.Range(0, _texts.Count).ToList();
        var observed = levelCodes.Sum(c => (long)_texts.Occurrences(c));
        if (levelCodes.Count == 1)
            return Constant(request?.Kind ?? ColumnKind.Category, CellText.Quote(_texts[levelCodes[0]]));

        var guess = request is null ? KindRules.OfTexts(levelCodes.Count, observed) : Requested(levelCodes.Count, words, numbers);
        if (request is null && LooksNumeric(numbers, observed, levelCodes.Count))
        {
            _content = Content.Numbers;
            (_oddCount, _oddLine) = (words.Sum(c => (long)_texts.Occurrences(c)), words.Min(_texts.FirstLine));
            _oddText = CellText.Quote(_texts[words.MinBy(_texts.FirstLine)]);
            return FinishMixed();
        }

        return guess.IsLeftOut
            ? Outcome(guess, levelCodes.Count, null, [])
            : KeepLevels(guess, levelCodes, tokens);
    }

    // A few categories may well be "1", "2" and "3+"; many different numbers with a word among them are numbers gone wrong.
    private bool LooksNumeric(List<int> numbers, long observed, int distinct) =>
        distinct > 20 && numbers.Sum(c => (long)_texts.Occurrences(c)) > observed / 2;

    private KindGuess Requested(int distinct, List<int> words, List<int> numbers)
    {
        if (request!.Kind == ColumnKind.Binary && distinct != 2)
        {
            throw new DataException(
                File, $"a binary column has two different values but this one has {distinct}", "Call it a category", null, Name);
        }

        if (request.Kind == ColumnKind.Ordinal && words.Count > 0)
        {
            var levels = words.Concat(numbers).Select(Text).Take(12);
            throw new DataException(
                File, "the order of the levels is not known", $"Give it, lowest first, as in {Name}=ordinal:{string.Join('<', levels)}", null, Name);
        }

        return new KindGuess(request.Kind, "as requested");
    }

    private ColumnOutcome KeepLevels(KindGuess guess, List<int> levelCodes, List<int> tokens)
    {
        var levels = KindRules.Order([.. levelCodes.Select(Text)]);
        var levelOfText = levels.Index().ToDictionary(x => x.Item, x => (double)x.Index, StringComparer.Ordinal);
        var valueOfCode = new double[_texts.Count];
        Array.Fill(valueOfCode, double.NaN);
        foreach (var code in levelCodes)
            valueOfCode[code] = levelOfText[Text(code)];

        var values = new double[_codes.Count];
        var codes = CollectionsMarshal.AsSpan(_codes);
        for (var i = 0; i < values.Length; i++)
            values[i] = codes[i] == Missing ? double.NaN : valueOfCode[codes[i]];
        MissingCount = values.Count(double.IsNaN);
        var outcome = Outcome(guess, levels.Count, new ColumnSchema(new Column(Name, guess.Kind, levels)), values);
        return tokens.Count == 0 ? outcome : outcome with { Notices = [WordNotice(tokens)] };
    }

    private string WordNotice(List<int> tokens) =>
        $"Column '{Name}': {Names.List(tokens.Select(Text))} is taken for a category of that name. If it means missing, name it as a missing token.";

    private string Text(int code) => CellText.Decode(_texts[code], File, _texts.FirstLine(code), Name);

    private ColumnOutcome Outcome(KindGuess guess, int? distinct, ColumnSchema? schema, double[] values)
    {
        if (!guess.IsLeftOut)
            return ColumnOutcome.Kept(new ColumnSummary(Name, guess.Kind, guess.Why, MissingCount, distinct, null), schema!, values);
        return ColumnOutcome.LeftOut(new ColumnSummary(Name, guess.Kind, guess.Why, MissingCount, distinct, guess.Why));
    }
}
