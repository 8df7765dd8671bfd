using System.Reflection;

namespace Elbo.Compute.Lanes;

/// <summary>The methods that generated code calls, found by name and operands. Only methods of that name are looked at.</summary>
internal static class Intrinsic
{
    /// <summary>The public static method of these operands; of a generic one, its form for their element type.</summary>
    public static MethodInfo Find(Type holder, string name, params Type[] operands)
    {
        foreach (var member in holder.GetMember(name, MemberTypes.Method, BindingFlags.Public | BindingFlags.Static))
        {
            var method = (MethodInfo)member;
            if (!Takes(method.GetParameters(), operands))
                continue;
            return method.IsGenericMethodDefinition ? method.MakeGenericMethod(ElementOf(operands[0])) : method;
        }
        throw new MissingMethodException(holder.Name, $"{name}({string.Join(", ", operands.Select(p => p.ToString()))})");
    }

    private static Type ElementOf(Type operand) => operand.IsGenericType ? operand.GenericTypeArguments[0] : operand;

    private static bool Takes(ParameterInfo[] parameters, Type[] operands)
    {
        if (parameters.Length != operands.Length)
            return false;
        for (var i = 0; i < operands.Length; i++)
        {
            if (!Takes(parameters[i].ParameterType, operands[i]))
                return false;
        }
        return true;
    }

    // Of a parameter still open, T or Vector512<T>, only the outside can differ: all operands have one element type.
    private static bool Takes(Type parameter, Type operand) =>
        parameter.IsGenericMethodParameter ? !operand.IsGenericType
        : parameter.ContainsGenericParameters ? parameter.IsGenericType && operand.IsGenericType && parameter.GetGenericTypeDefinition() == operand.GetGenericTypeDefinition()
        : parameter == operand;
}
