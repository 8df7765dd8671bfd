using System.Runtime.InteropServices;

namespace Elbo.Compute.Tests.Lanes;

/// <summary>A readable and writable page followed by one that is neither, where the system can make one.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int PageSize = 1 << 16;
    private readonly nint _start;

    public GuardedMemory()
    {
        if (OperatingSystem.IsLinux())
        {
            _start = Map(0, 2 * PageSize, protection: 3, flags: 0x22, file: -1, 0);
            Assert.NotEqual(-1, _start);
            Assert.Equal(0, Protect(_start + PageSize, PageSize, protection: 0));
        }
        else
        {
            _start = (nint)NativeMemory.AllocZeroed(2 * PageSize);
        }
    }

    /// <summary>The first byte that must not be touched.</summary>
    public nint End => _start + PageSize;

    public void Dispose()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Unmap(_start, 2 * PageSize);
        }
        else
        {
            NativeMemory.Free((void*)_start);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nint length);
}
