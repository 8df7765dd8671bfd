using CsvHelper;

namespace Elbo.Data;

/// <summary>The records of a delimited file, one after the other, each checked to have as many fields as there are columns.</summary>
internal sealed class RecordReader : IDisposable
{
    private readonly string _file;
    private readonly int? _fieldCount;
    private readonly bool _hasHeader;
    private readonly char _delimiter;
    private CsvMalformedRecord? _malformed;

    public RecordReader(string file, TableFormat format, IReadOnlyList<string>? columns)
    {
        _file = file;
        _fieldCount = columns?.Count;
        _hasHeader = format.HasHeader;
        _delimiter = format.Delimiter;
        Csv = CsvReader.Create(TableText.Open(file), DelimitedFile.ParserOptions(format.Delimiter, OnMalformed), leaveOpen: false);
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
                "Close the quote, or double it where it is part of the text", e.LineNumber > 0 ? e.LineNumber : null,
                innerException: e);
        }

        if (_malformed is { } malformed)
            throw Malformed(malformed);
        return found;
    }

    private void OnMalformed(CsvMalformedRecord record)
    {
        // A quote in the middle of an unquoted field, as in 5" pipe, is ordinary text and does no harm. But only the first flaw of
        // a record is reported, and an unclosed quote may follow it.
        if (record.Reason != CsvMalformedReason.StrayQuote || UnclosedQuote(record.RawRecord) >= 0)
            _malformed ??= record;
    }

    private DataException Malformed(CsvMalformedRecord record)
    {
        if (UnclosedQuote(record.RawRecord) is var opened and >= 0)
        {
            return new DataException(
                _file, "a quote opens a field here and is never closed", "Close the quote, or double it where it is part of the text",
                record.LineNumber + record.RawRecord.AsSpan(0, opened).Count('\n'));
        }

        return new DataException(
            _file, "text follows the closing quote of a field", "Put the whole field in quotes, and double each quote inside it",
            record.LineNumber);
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

    // Where the quote stands that opens a field and is never closed, or −1. Only a quote at the start of a field opens it.
    private int UnclosedQuote(string record)
    {
        var opened = -1;
        var atFieldStart = true;
        for (var i = 0; i < record.Length; i++)
        {
            var c = record[i];
            if (opened >= 0)
            {
                if (c != '"')
                    continue;
                if (i + 1 < record.Length && record[i + 1] == '"')
                    i++;
                else
                    opened = -1;
            }
            else if (c == '"' && atFieldStart)
            {
                opened = i;
                atFieldStart = false;
            }
            else
            {
                atFieldStart = c == _delimiter || (atFieldStart && c is (' ' or '\t'));
            }
        }

        return opened;
    }
}
