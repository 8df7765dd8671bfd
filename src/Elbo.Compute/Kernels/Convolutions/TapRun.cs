namespace Elbo.Compute.Kernels;

/// <summary>Taps that read neighbouring pixels of a row, from one output to the next at a fixed step: what they read is contiguous.</summary>
/// <param name="Row">The row of the inputs that the first output of the phase reads, perhaps outside.</param>
/// <param name="Column">The column that its first tap reads, perhaps outside.</param>
/// <param name="First">The first tap, in the order in which a window is packed.</param>
/// <param name="Count">How many taps.</param>
internal readonly record struct TapRun(int Row, int Column, int First, int Count);
