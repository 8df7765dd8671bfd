using System.Runtime.InteropServices;
using Elbo.Tables;

namespace Elbo.Data;

/// <content>What the column turns out to be, once all its cells are seen.</content>
internal sealed partial class GuessedCells
{
    public override ColumnOutcome Finish()
    {
        if (_content == Content.Texts)
            return FinishTexts();
        if (_content == Content.GivenUp)
        {
            if (LeftOutForCommas(_texts.Count) is { } commas)
                return commas;
            return ColumnOutcome.LeftOut(new ColumnSummary(
                Name, ColumnKind.Identifier, "mostly different texts", MissingCount, null,
                $"it has more than {KindRules.MostCategories} different texts in {_rows} rows, so they are names rather than categories"),
                $" Say '{Name}=category' if they are categories.");
        }

        if (_oddCount > 0)
            return FinishMixed();
        return _content == Content.Numbers ? FinishNumbers() : FinishDates();
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
            return FinishNumberLevels(Requested(CountDistinct(values), [], []), values);
        var guess = KindRules.OfNumbers(facts, Name, position, hasHeader, (int)MissingCount);
        if (_texts.Count <= 2 && !facts.IsWhole && facts.Count > 2)
            guess = CountDistinct(values) == 2 ? new KindGuess(ColumnKind.Binary, "two different numbers") : guess;
        if (guess.Kind is ColumnKind.Binary or ColumnKind.Category)
            return FinishNumberLevels(guess, values);
        var distinct = facts.Distinct ?? (_texts.Count <= MostTexts ? CountDistinct(values) : null);
        return Outcome(guess, distinct, new ColumnSchema(new Column(Name, guess.Kind), _decimals >= 0 ? _decimals : null), values);
    }

    private static int CountDistinct(double[] values) => values.Where(v => !double.IsNaN(v)).Distinct().Count();

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
        var odd = _oddCount == 1
            ? $"one cell that is not, {_oddText} in line {_oddLine}"
            : $"{_oddCount} cells that are not, the first {_oddText} in line {_oddLine}";
        return ColumnOutcome.LeftOut(
            new ColumnSummary(
                Name, ColumnKind.Identifier, $"{what} mixed with other texts", MissingCount, null, $"it has {what} and {odd}"),
            " Correct the file, or name the texts that mean missing.");
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

        if (!guess.IsLeftOut)
            return KeepLevels(guess, levelCodes, tokens);
        return LeftOutForCommas(levelCodes.Count) ?? Outcome(guess, levelCodes.Count, null, []);
    }

    // A few categories may well be "1", "2" and "3+"; many different numbers with a word among them are numbers gone wrong.
    private bool LooksNumeric(List<int> numbers, long observed, int distinct) =>
        distinct > 20 && numbers.Sum(c => (long)_texts.Occurrences(c)) > observed / 2;

    // "1,234" is a thousand in one half of the world and one and a bit in the other: not guessed, but not passed over either.
    private ColumnOutcome? LeftOutForCommas(int distinct)
    {
        var withComma = 0;
        for (var code = 0; code < _texts.Count; code++)
        {
            var text = _texts[code];
            byte[] plain = [.. text.ToArray().Where(b => b != (byte)',')];
            if (!CellText.TryNumber(plain, out _))
                return null;
            withComma += plain.Length < text.Length ? 1 : 0;
        }

        if (withComma == 0)
            return null;
        var example = Enumerable.Range(0, _texts.Count).First(c => _texts[c].Contains((byte)','));
        return ColumnOutcome.LeftOut(
            new ColumnSummary(
                Name, ColumnKind.Identifier, "numbers with commas", MissingCount, distinct,
                $"it has numbers with commas, such as {CellText.Quote(_texts[example])} in line {_texts.FirstLine(example)}, whose meaning is not clear"),
            " Write them with a decimal point and nothing between the thousands.");
    }

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
                File, "the order of the levels is not known", $"Give it, lowest first, as in {Name}=ordinal:{string.Join('<', levels)}",
                null, Name);
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
        $"Column '{Name}': {Names.List(tokens.Select(Text))} is taken for a category of that name. "
        + "If it means missing, name it as a missing token.";

    private string Text(int code) => CellText.Decode(_texts[code], File, _texts.FirstLine(code), Name);

    private ColumnOutcome Outcome(KindGuess guess, int? distinct, ColumnSchema? schema, double[] values)
    {
        if (!guess.IsLeftOut)
            return ColumnOutcome.Kept(new ColumnSummary(Name, guess.Kind, guess.Why, MissingCount, distinct, null), schema!, values);
        return ColumnOutcome.LeftOut(new ColumnSummary(Name, guess.Kind, guess.Why, MissingCount, distinct, guess.Why));
    }
}
