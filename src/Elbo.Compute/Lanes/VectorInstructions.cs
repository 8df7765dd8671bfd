using System.Collections.Frozen;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Intrinsics;

namespace Elbo.Compute.Lanes;

/// <summary>
/// The intrinsics of <see cref="Vector512"/>, <see cref="Vector256"/> or <see cref="Vector128"/>. Masks are float vectors.
/// </summary>
internal sealed class VectorInstructions : LaneInstructions
{
    private readonly VectorWidth _width;
    private readonly Type _factory;
    private readonly Type _float;
    private readonly Type _int;
    private readonly MethodInfo _floatToInt;
    private readonly MethodInfo _intToFloat;
    private readonly MethodInfo _createFloat;
    private readonly MethodInfo _createInt;
    private readonly MethodInfo _firstMask;
    private readonly FrozenDictionary<(LaneOp Op, LaneType Operand), MethodInfo> _operations;
    private readonly FrozenDictionary<LaneOp, MethodInfo> _reductions;

    public VectorInstructions(VectorWidth width, int laneBytes)
        : base(width, laneBytes)
    {
        _width = width;
        _factory = Factory(width);
        _float = Vector(width, FloatElement);
        _int = Vector(width, IntElement);
        _floatToInt = Method(_factory, IsSingle ? "AsInt32" : "AsInt64", _float);
        _intToFloat = Method(_factory, IsSingle ? "AsSingle" : "AsDouble", _int);
        _createFloat = Method(_factory, "Create", FloatElement);
        _createInt = Method(_factory, "Create", IntElement);
        _firstMask = Method(typeof(PartialMemory), (IsSingle ? "First" : "FirstWide") + Bits, typeof(int));
        _operations = Operations().ToFrozenDictionary(o => (o.Op, o.Operand), o => o.Method);
        _reductions = new[] { LaneOp.Add, LaneOp.Min, LaneOp.Max }
            .ToFrozenDictionary(op => op, op => Method(typeof(HorizontalReduction), op.ToString(), _float));
    }

    private int Bits => 8 * (int)_width;

    public override Type LocalType(LaneType type) => type == LaneType.Int ? _int : _float;

    public override void EmitConstant(ILGenerator il, Lane constant)
    {
        switch (constant.Type)
        {
            case LaneType.Float:
                EmitFloat(il, constant.FloatValue);
                il.Emit(OpCodes.Call, _createFloat);
                break;
            case LaneType.Int:
                EmitInt(il, constant.IntValue);
                il.Emit(OpCodes.Call, _createInt);
                break;
            default:
                EmitInt(il, -constant.IntValue);
                il.Emit(OpCodes.Call, _createInt);
                il.Emit(OpCodes.Call, _intToFloat);
                break;
        }
    }

    public override void EmitOperand(ILGenerator il, Lane lane, int index)
    {
        if (lane.Op == LaneOp.Select && lane.Type == LaneType.Int && index == 0)
        {
            il.Emit(OpCodes.Call, _floatToInt);
        }
    }

    public override void EmitOperation(ILGenerator il, Lane lane)
    {
        if (lane.Op is LaneOp.ShiftLeft or LaneOp.ShiftRightLogical or LaneOp.ShiftRightArithmetic)
        {
            il.Emit(OpCodes.Ldc_I4, (int)lane.IntValue);
        }

        var operand = lane.Op == LaneOp.Select ? lane.Type : lane.Inputs[0].Type;
        il.Emit(OpCodes.Call, _operations[(lane.Op, operand)]);
        if (lane.Type == LaneType.Mask && operand == LaneType.Int)
        {
            il.Emit(OpCodes.Call, _intToFloat);
        }
    }

    public override void EmitBroadcast(ILGenerator il, LaneType type)
    {
        switch (type)
        {
            case LaneType.Float:
                il.Emit(OpCodes.Call, _createFloat);
                break;
            case LaneType.Int:
                il.Emit(OpCodes.Call, _createInt);
                break;
            default:
                if (!IsSingle)
                {
                    il.Emit(OpCodes.Conv_I8);
                }

                il.Emit(OpCodes.Call, _createInt);
                EmitToMask(il);
                break;
        }
    }

    public override void EmitLoad(ILGenerator il, StorageType storage)
    {
        il.Emit(OpCodes.Unaligned, (byte)1);
        il.Emit(OpCodes.Ldobj, MemoryType(storage));
        EmitFromMemory(il, storage);
    }

    public override void EmitStore(ILGenerator il, StorageType storage)
    {
        EmitToMemory(il, storage);
        il.Emit(OpCodes.Unaligned, (byte)1);
        il.Emit(OpCodes.Stobj, MemoryType(storage));
    }

    public override void EmitLoadPartial(ILGenerator il, StorageType storage)
    {
        il.Emit(OpCodes.Call, PartialMethod("Load", storage));
        if (MemoryType(storage) is var memory && ElementOf(storage) == typeof(int) && memory != typeof(long))
        {
            il.Emit(OpCodes.Call, Method(FactoryOf(memory), "AsInt32", SameShape(memory, typeof(float))));
        }

        EmitFromMemory(il, storage);
    }

    public override void EmitStorePartial(ILGenerator il, StorageType storage, Action emitCount)
    {
        EmitToMemory(il, storage);
        if (MemoryType(storage) is var memory && ElementOf(storage) == typeof(int) && memory != typeof(long))
        {
            il.Emit(OpCodes.Call, Method(FactoryOf(memory), "AsSingle", memory));
        }

        emitCount();
        il.Emit(OpCodes.Call, PartialMethod("Store", storage));
    }

    public override void EmitFirst(ILGenerator il, Action emitCount)
    {
        emitCount();
        il.Emit(OpCodes.Call, _firstMask);
        il.Emit(OpCodes.Call, _intToFloat);
    }

    public override void EmitSelect(ILGenerator il, LaneType type) => il.Emit(OpCodes.Call, _operations[(LaneOp.Select, type)]);

    public override void EmitReduce(ILGenerator il, LaneOp op) => il.Emit(OpCodes.Call, _reductions[op]);

    private static Type Factory(VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => typeof(Vector512),
        VectorWidth.Bits256 => typeof(Vector256),
        _ => typeof(Vector128),
    };

    private static Type FactoryOf(Type vector) => Factory(
        vector.GetGenericTypeDefinition() == typeof(Vector512<>) ? VectorWidth.Bits512
        : vector.GetGenericTypeDefinition() == typeof(Vector256<>) ? VectorWidth.Bits256
        : VectorWidth.Bits128);

    private static Type Vector(VectorWidth width, Type element) => (width switch
    {
        VectorWidth.Bits512 => typeof(Vector512<>),
        VectorWidth.Bits256 => typeof(Vector256<>),
        _ => typeof(Vector128<>),
    }).MakeGenericType(element);

    private static Type SameShape(Type vector, Type element) => vector.GetGenericTypeDefinition().MakeGenericType(element);

    private static Type ElementOf(StorageType storage) => storage switch
    {
        StorageType.Float32 => typeof(float),
        StorageType.Float64 => typeof(double),
        _ => typeof(int),
    };

    private static MethodInfo Method(Type holder, string name, params Type[] parameters)
    {
        foreach (var candidate in holder.GetMethods(BindingFlags.Public | BindingFlags.Static).Where(m => m.Name == name))
        {
            var method = candidate;
            if (method.IsGenericMethodDefinition)
            {
                var element = parameters[0].IsGenericType ? parameters[0].GenericTypeArguments[0] : parameters[0];
                if (method.GetGenericArguments().Length != 1)
                {
                    continue;
                }

                method = method.MakeGenericMethod(element);
            }

            if (method.GetParameters().Select(p => p.ParameterType).SequenceEqual(parameters))
            {
                return method;
            }
        }

        throw new MissingMethodException(holder.Name, $"{name}({string.Join(", ", parameters.Select(p => p.ToString()))})");
    }

    private IEnumerable<(LaneOp Op, LaneType Operand, MethodInfo Method)> Operations()
    {
        var (f, i) = (_float, _int);
        (LaneOp Op, string Name)[] unary =
        [
            (LaneOp.Neg, "Negate"), (LaneOp.Abs, "Abs"), (LaneOp.Sqrt, "Sqrt"), (LaneOp.Floor, "Floor"),
            (LaneOp.Round, "Round"), (LaneOp.Truncate, "Truncate"), (LaneOp.BitsToInt, IsSingle ? "AsInt32" : "AsInt64"),
            (LaneOp.ToInt, IsSingle ? "ConvertToInt32" : "ConvertToInt64"),
        ];
        (LaneOp Op, string Name)[] floatBinary = [(LaneOp.Div, "Divide"), (LaneOp.Min, "Min"), (LaneOp.Max, "Max")];
        (LaneOp Op, string Name)[] binary =
        [
            (LaneOp.Add, "Add"), (LaneOp.Sub, "Subtract"), (LaneOp.Mul, "Multiply"),
            (LaneOp.Less, "LessThan"), (LaneOp.LessEqual, "LessThanOrEqual"), (LaneOp.Equal, "Equals"),
        ];
        (LaneOp Op, string Name)[] bitwise = [(LaneOp.And, "BitwiseAnd"), (LaneOp.Or, "BitwiseOr"), (LaneOp.Xor, "Xor")];
        (LaneOp Op, string Name)[] shifts =
        [
            (LaneOp.ShiftLeft, "ShiftLeft"), (LaneOp.ShiftRightLogical, "ShiftRightLogical"),
            (LaneOp.ShiftRightArithmetic, "ShiftRightArithmetic"),
        ];
        return
        [
            .. unary.Select(o => (o.Op, LaneType.Float, Method(_factory, o.Name, f))),
            .. floatBinary.Select(o => (o.Op, LaneType.Float, Method(_factory, o.Name, f, f))),
            .. binary.Select(o => (o.Op, LaneType.Float, Method(_factory, o.Name, f, f))),
            .. binary.Select(o => (o.Op, LaneType.Int, Method(_factory, o.Name, i, i))),
            .. bitwise.Select(o => (o.Op, LaneType.Mask, Method(_factory, o.Name, f, f))),
            .. bitwise.Select(o => (o.Op, LaneType.Int, Method(_factory, o.Name, i, i))),
            .. shifts.Select(o => (o.Op, LaneType.Int, Method(_factory, o.Name, i, typeof(int)))),
            (LaneOp.Lesser, LaneType.Float, Method(typeof(NativeOperations), nameof(NativeOperations.Lesser), f, f)),
            (LaneOp.Greater, LaneType.Float, Method(typeof(NativeOperations), nameof(NativeOperations.Greater), f, f)),
            (LaneOp.Scale, LaneType.Float, Method(typeof(NativeOperations), nameof(NativeOperations.Scale), f, f)),
            (LaneOp.Fma, LaneType.Float, Method(_factory, "FusedMultiplyAdd", f, f, f)),
            (LaneOp.Select, LaneType.Float, Method(_factory, "ConditionalSelect", f, f, f)),
            (LaneOp.Select, LaneType.Int, Method(_factory, "ConditionalSelect", i, i, i)),
            (LaneOp.Not, LaneType.Mask, Method(_factory, "OnesComplement", f)),
            (LaneOp.Not, LaneType.Int, Method(_factory, "OnesComplement", i)),
            (LaneOp.Neg, LaneType.Int, Method(_factory, "Negate", i)),
            (LaneOp.ToFloat, LaneType.Int, Method(_factory, IsSingle ? "ConvertToSingle" : "ConvertToDouble", i)),
            (LaneOp.BitsToFloat, LaneType.Int, _intToFloat),
            IsSingle
                ? (LaneOp.MulHighU32, LaneType.Int, Method(typeof(WideMultiply), nameof(WideMultiply.High), i, i))
                : (LaneOp.MulWideU32, LaneType.Int, Method(typeof(WideMultiply), nameof(WideMultiply.Wide), i, i)),
        ];
    }

    /// <summary>What a whole vector of lanes is in memory: the vector, half of one, or (half of 128 bits) a long.</summary>
    private Type MemoryType(StorageType storage) => storage.Bytes() == LaneBytes
        ? Vector(_width, ElementOf(storage))
        : _width switch
        {
            VectorWidth.Bits512 => Vector(VectorWidth.Bits256, ElementOf(storage)),
            VectorWidth.Bits256 => Vector(VectorWidth.Bits128, ElementOf(storage)),
            _ => typeof(long),
        };

    private MethodInfo PartialMethod(string verb, StorageType storage)
    {
        var suffix = storage.Bytes() == LaneBytes ? $"{Bits}" : _width == VectorWidth.Bits128 ? "Pair" : $"{Bits / 2}";
        var pointer = storage.Bytes() == 8 ? typeof(double*) : typeof(float*);
        return typeof(PartialMemory).GetMethods().Single(m => m.Name == verb + suffix && m.GetParameters()[0].ParameterType == pointer);
    }

    private void EmitFromMemory(ILGenerator il, StorageType storage)
    {
        if (storage.Bytes() != LaneBytes)
        {
            var name = _width != VectorWidth.Bits128 ? "Widen" : storage == StorageType.Float32 ? "WidenSinglePair" : "WidenInt32Pair";
            il.Emit(OpCodes.Call, Method(typeof(LaneConversion), name, MemoryType(storage)));
        }

        if (storage == StorageType.Bool)
        {
            EmitToMask(il);
        }
    }

    private void EmitToMemory(ILGenerator il, StorageType storage)
    {
        if (storage == StorageType.Bool)
        {
            il.Emit(OpCodes.Call, _floatToInt);
            EmitInt(il, 1);
            il.Emit(OpCodes.Call, _createInt);
            il.Emit(OpCodes.Call, _operations[(LaneOp.And, LaneType.Int)]);
        }

        if (storage.Bytes() != LaneBytes)
        {
            var name = _width != VectorWidth.Bits128 ? "Narrow" : storage == StorageType.Float32 ? "NarrowSinglePair" : "NarrowInt32Pair";
            il.Emit(OpCodes.Call, Method(typeof(LaneConversion), name, storage == StorageType.Float32 ? _float : _int));
        }
    }

    /// <summary>Pops integers 0 or 1 and pushes the mask.</summary>
    private void EmitToMask(ILGenerator il)
    {
        EmitInt(il, 0);
        il.Emit(OpCodes.Call, _createInt);
        il.Emit(OpCodes.Call, Method(_factory, "GreaterThan", _int, _int));
        il.Emit(OpCodes.Call, _intToFloat);
    }
}
