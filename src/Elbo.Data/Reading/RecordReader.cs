using CsvHelper;

namespace Elbo.Data;

/// <summary>The records of a delimited file, one after the other, each checked to have as many fields as there are columns.</summary>
internal sealed class RecordReader : IDisposable
{
    private readonly string _file;
    private readonly int? _fieldCount;
    private readonly bool _hasHeader;
    private CsvMalformedRecord? _malformed;

    public RecordReader(string file, TableFormat format, IReadOnlyList<string>? columns)
    {
        _file = file;
        _fieldCount = columns?.Count;
        _hasHeader = format.HasHeader;
        Csv = CsvReader.Create(TextSource.Open(file), DelimitedFile.ParserOptions(format.Delimiter, OnMalformed), leaveOpen: false);
        if (format.HasHeader)
            Next();
    }

    /// <summary>The parser, at the current record.</summary>
    public CsvReader Csv { get; }

    /// <summary>The line where the current record begins.</summary>
    public long Line => Csv.LineNumber;

    /// <summary>Goes on to the next record of data.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="DataException">The record is malformed.</exception>
    public bool Read()
    {
        if (!Next())
            return false;
        if (_fieldCount is { } expected && Csv.FieldCount != expected)
            throw WrongFieldCount(expected);
        return true;
    }

    public void Dispose() => Csv.Dispose();

    private bool Next()
    {
        bool found;
        try
        {
            found = Csv.Read();
        }
        catch (CsvFormatException e)
        {
            throw new DataException(
                _file, "a record is longer than 16 MiB, most likely because a quote that opens a field in it is never closed",
                "Close the quote, or double it where it is part of the text", e.LineNumber > 0 ? e.LineNumber : null, innerException: e);
        }

        if (_malformed is { } malformed)
            throw Malformed(malformed);
        return found;
    }

    private void OnMalformed(CsvMalformedRecord record)
    {
        // A quote in the middle of an unquoted field, as in 5" pipe, is ordinary text and does no harm.
        if (record.Reason != CsvMalformedReason.StrayQuote)
            _malformed ??= record;
    }

    private DataException Malformed(CsvMalformedRecord record)
    {
        if (record.Reason == CsvMalformedReason.UnterminatedQuote)
        {
            return new DataException(
                _file, "a quote opens a field here and is never closed", "Close the quote, or double it where it is part of the text",
                record.LineNumber + LinesBeforeLastOpeningQuote(record.RawRecord));
        }

        return new DataException(
            _file, "text follows the closing quote of a field", "Put the whole field in quotes, and double each quote inside it", record.LineNumber);
    }

    private DataException WrongFieldCount(int expected)
    {
        var actual = Csv.FieldCount;
        var subject = _hasHeader ? "the header" : "the first row";
        var remedy = actual > expected
            ? "Put fields that contain the delimiter in quotes"
            : "Add the missing fields, empty where there is no value";
        return new DataException(_file, $"row has {Fields(actual)} but {subject} has {expected}", remedy, Line);
    }

    private static string Fields(int count) => count == 1 ? "1 field" : $"{count} fields";

    // Inside quotes a doubled quote closes and opens again at once, so the last change from outside to inside that is not part of
    // a doubled quote is where the unclosed field begins.
    private static int LinesBeforeLastOpeningQuote(string record)
    {
        var inside = false;
        var opened = 0;
        for (var i = 0; i < record.Length; i++)
        {
            if (record[i] != '"')
                continue;
            if (inside && i + 1 < record.Length && record[i + 1] == '"')
            {
                i++;
                continue;
            }

            inside = !inside;
            if (inside)
                opened = i;
        }

        return record.AsSpan(0, opened).Count('\n');
    }
}
