using System.Reflection.Emit;
using Elbo.Compute.Lanes;
using Elbo.Compute.Lanes.Functions;

namespace Elbo.Compute.Emission;

/// <summary>
/// Draws in blocks of 64 words: block b uses counters 16b to 16b + 15, and word w of counter 16b + l lies at 64b + 16w + l. The
/// layout is fixed by the index alone, and every vector width walks it in whole vectors. Doubles take two words each.
/// </summary>
internal sealed class RandomKernelEmitter
{
    /// <summary>Elements that one block writes, for either float type; memory for draws is padded to whole blocks.</summary>
    public const int BlockElements = 64;

    private const int Counters = 16;

    // Operands, in the order of their slots.
    private const int Seed = 0;
    private const int Step = 1;
    private const int Target = 2;
    private const int Iteration = 3;

    /// <summary>The code of the draws of a site, with the slots of seed, step, target and, in a loop, its iteration for operands. Units are blocks of 16 counters.</summary>
    public static DynamicMethod Write(Draw draw, int site, bool isDouble, VectorWidth width, bool isInLoop)
    {
        var method = LoopCode.Begin("random");
        var il = method.GetILGenerator();
        var laneBytes = isDouble ? 8 : 4;
        var lanes = new LaneEmitter(il, width, laneBytes);
        var program = new LaneProgram(laneBytes);
        // A negative integer widened to 64 bits has ones above its word, which do not belong to it.
        Lane Leaf(string name) => program.Leaf(LaneType.Int, name) is var word && isDouble ? word & program.ConstantInt(0xFFFFFFFF) : word;
        var words = Philox4x32.Bits(program, Leaf("counter"), program.ConstantInt((uint)site), Leaf("step"), isInLoop ? Leaf("iteration") : program.ConstantInt(0), Leaf("seed0"), Leaf("seed1"));
        var values = Values(program, draw, isDouble, words);

        var invariants = new Dictionary<string, LocalBuilder>();
        void Load(string name, int operand, int offset)
        {
            LoopCode.PushOperand(il, operand);
            il.Emit(OpCodes.Ldc_I4, offset);
            il.Emit(OpCodes.Conv_I);
            il.Emit(OpCodes.Add);
            lanes.EmitLoadBroadcast(StorageType.Int32);
            il.Emit(OpCodes.Stloc, invariants[name] = lanes.Rent(LaneType.Int));
        }
        Load("seed0", Seed, 0);
        Load("seed1", Seed, 4);
        Load("step", Step, 0);
        if (isInLoop)
            Load("iteration", Iteration, 0);
        var counters = il.DeclareLocal(typeof(int).MakePointerType());
        il.Emit(OpCodes.Ldc_I4, Counters * 4);
        il.Emit(OpCodes.Conv_U);
        il.Emit(OpCodes.Localloc);
        il.Emit(OpCodes.Stloc, counters);

        // for (vector = first·16/lanes; vector < end·16/lanes; vector++)
        var vectorsPerBlock = Counters / lanes.LaneCount;
        var vector = il.DeclareLocal(typeof(long));
        var (body, check) = (il.DefineLabel(), il.DefineLabel());
        il.Emit(OpCodes.Ldarg_2);
        EmitLong(il, vectorsPerBlock, OpCodes.Mul);
        il.Emit(OpCodes.Stloc, vector);
        il.Emit(OpCodes.Br, check);
        il.MarkLabel(body);
        EmitCounters(il, vector, counters, lanes.LaneCount);
        var results = lanes.EmitBody(values, leaf =>
        {
            if (invariants.TryGetValue((string)leaf.Tag!, out var local))
            {
                il.Emit(OpCodes.Ldloc, local);
                return;
            }
            il.Emit(OpCodes.Ldloc, counters);
            lanes.EmitLoad(StorageType.Int32);
        });
        for (var k = 0; k < results.Length; k++)
        {
            // target + bytes·((vector / perBlock)·16·values + k·16 + (vector % perBlock)·lanes)
            LoopCode.PushOperand(il, Target);
            il.Emit(OpCodes.Ldloc, vector);
            EmitLong(il, vectorsPerBlock, OpCodes.Div);
            EmitLong(il, Counters * results.Length, OpCodes.Mul);
            il.Emit(OpCodes.Ldloc, vector);
            EmitLong(il, vectorsPerBlock, OpCodes.Rem);
            EmitLong(il, lanes.LaneCount, OpCodes.Mul);
            il.Emit(OpCodes.Add);
            EmitLong(il, k * Counters, OpCodes.Add);
            EmitLong(il, laneBytes, OpCodes.Mul);
            il.Emit(OpCodes.Conv_I);
            il.Emit(OpCodes.Add);
            lanes.EmitStore(isDouble ? StorageType.Float64 : StorageType.Float32, results[k]);
        }
        il.Emit(OpCodes.Ldloc, vector);
        EmitLong(il, 1, OpCodes.Add);
        il.Emit(OpCodes.Stloc, vector);
        il.MarkLabel(check);
        il.Emit(OpCodes.Ldloc, vector);
        il.Emit(OpCodes.Ldarg_3);
        EmitLong(il, vectorsPerBlock, OpCodes.Mul);
        il.Emit(OpCodes.Blt, body);
        il.Emit(OpCodes.Ret);
        return method;
    }

    /// <summary>How many blocks of 16 counters cover a number of elements.</summary>
    public static int Blocks(int elements, bool isDouble) => (elements + Counters * PerCounter(isDouble) - 1) / (Counters * PerCounter(isDouble));

    private static int PerCounter(bool isDouble) => isDouble ? 2 : 4;

    private static Lane[] Values(LaneProgram p, Draw draw, bool isDouble, Lane[] words)
    {
        if (draw == Draw.Uniform)
        {
            return isDouble
                ? [UniformBits.ToUnitInterval(p, words[0], words[1]), UniformBits.ToUnitInterval(p, words[2], words[3])]
                : Array.ConvertAll(words, word => UniformBits.ToUnitInterval(p, word));
        }
        if (isDouble)
            return Normals(UniformBits.ToUnitInterval(p, words[0], words[1]), UniformBits.ToUnitInterval(p, words[2], words[3]));
        // The uniform that becomes a radius keeps its small values apart, so that the tail of the normal is whole.
        return
        [
            .. Normals(UniformBits.ToRadiusInterval(p, words[0]), UniformBits.ToUnitInterval(p, words[1])),
            .. Normals(UniformBits.ToRadiusInterval(p, words[2]), UniformBits.ToUnitInterval(p, words[3])),
        ];

        Lane[] Normals(Lane radius, Lane angle)
        {
            var (first, second) = NormalDistribution.BoxMuller(p, radius, angle);
            return [first, second];
        }
    }

    private static void EmitCounters(ILGenerator il, LocalBuilder vector, LocalBuilder counters, int laneCount)
    {
        for (var lane = 0; lane < laneCount; lane++)
        {
            il.Emit(OpCodes.Ldloc, counters);
            il.Emit(OpCodes.Ldc_I4, lane * 4);
            il.Emit(OpCodes.Add);
            il.Emit(OpCodes.Ldloc, vector);
            EmitLong(il, laneCount, OpCodes.Mul);
            EmitLong(il, lane, OpCodes.Add);
            il.Emit(OpCodes.Conv_I4);
            il.Emit(OpCodes.Stind_I4);
        }
    }

    private static void EmitLong(ILGenerator il, long value, OpCode operation)
    {
        il.Emit(OpCodes.Ldc_I8, value);
        il.Emit(operation);
    }
}
