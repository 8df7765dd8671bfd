using System.Numerics;
using System.Runtime.InteropServices;

namespace Elbo.Data;

/// <summary>Codes 0, 1, 2, … for different texts in the order of their first coming, kept as bytes in one block so that a lookup
/// makes no string.</summary>
internal sealed class TextDictionary
{
    private readonly List<Entry> _entries = [];
    private int[] _buckets = new int[64];
    private byte[] _bytes = new byte[256];
    private int _used;

    /// <summary>The number of different texts.</summary>
    public int Count => _entries.Count;

    /// <summary>The text of a code.</summary>
    public ReadOnlySpan<byte> this[int code] => _bytes.AsSpan(_entries[code].Start, _entries[code].Length);

    /// <summary>How often the text of a code has come.</summary>
    public int Occurrences(int code) => _entries[code].Occurrences;

    /// <summary>The line where the text of a code came first.</summary>
    public long FirstLine(int code) => _entries[code].FirstLine;

    /// <summary>The code of a text, which is added when it is new.</summary>
    public int GetOrAdd(ReadOnlySpan<byte> text, long line)
    {
        var hash = Hash(text);
        var entries = CollectionsMarshal.AsSpan(_entries);
        for (var i = _buckets[hash & (_buckets.Length - 1)] - 1; i >= 0; i = entries[i].Next)
        {
            ref var entry = ref entries[i];
            if (entry.Hash == hash && text.SequenceEqual(_bytes.AsSpan(entry.Start, entry.Length)))
            {
                entry.Occurrences++;
                return i;
            }
        }

        return Add(text, hash, line);
    }

    private int Add(ReadOnlySpan<byte> text, int hash, long line)
    {
        if (_entries.Count == _buckets.Length)
            Rehash();
        if (_used + text.Length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + text.Length));
        text.CopyTo(_bytes.AsSpan(_used));
        ref var bucket = ref _buckets[hash & (_buckets.Length - 1)];
        _entries.Add(new Entry { Hash = hash, Start = _used, Length = text.Length, Next = bucket - 1, Occurrences = 1, FirstLine = line });
        _used += text.Length;
        return (bucket = _entries.Count) - 1;
    }

    private void Rehash()
    {
        _buckets = new int[_buckets.Length * 4];
        var entries = CollectionsMarshal.AsSpan(_entries);
        for (var i = 0; i < entries.Length; i++)
        {
            ref var bucket = ref _buckets[entries[i].Hash & (_buckets.Length - 1)];
            entries[i].Next = bucket - 1;
            bucket = i + 1;
        }
    }

    // Eight bytes at a time, each mixed by a multiplication with the golden ratio: cells are short, so this beats better hashes.
    private static int Hash(ReadOnlySpan<byte> text)
    {
        const ulong golden = 0x9E3779B97F4A7C15;
        var hash = (ulong)text.Length * golden;
        while (text.Length >= 8)
        {
            hash = (BitOperations.RotateLeft(hash, 5) ^ MemoryMarshal.Read<ulong>(text)) * golden;
            text = text[8..];
        }

        ulong rest = 0;
        foreach (var b in text)
            rest = (rest << 8) | b;
        hash = (BitOperations.RotateLeft(hash, 5) ^ rest) * golden;
        return (int)(hash >> 33);
    }

    private struct Entry
    {
        public int Hash;
        public int Start;
        public int Length;
        public int Next;
        public int Occurrences;
        public long FirstLine;
    }
}
