using System.Reflection;
using System.Runtime.CompilerServices;

namespace Ipsec.Architecture.Tests.PublicSurface;

/// <summary>What an assembly shows to others, as sorted text: one block per public type, one line per member.</summary>
static class SurfaceText
{
    const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>What every record has or may write itself; it says nothing about the surface.</summary>
    static readonly HashSet<string> RecordMembers = ["Equals", "GetHashCode", "ToString", "Deconstruct", "<Clone>$", "op_Equality", "op_Inequality"];

    public static string Describe(Assembly assembly)
    {
        IEnumerable<string> blocks = assembly.GetExportedTypes().Where(type => !type.IsDefined(typeof(CompilerGeneratedAttribute)))
            .OrderBy(type => type.FullName, StringComparer.Ordinal).Select(Describe);
        return string.Join("\n", blocks);
    }

    static string Describe(Type type)
    {
        if (type.IsEnum)
        {
            IEnumerable<string> values = Enum.GetNames(type).Select(name => $"    {name} = {Convert.ToInt64(Enum.Parse(type, name))}\n");
            return $"enum {type.FullName}\n{string.Concat(values)}";
        }
        if (type.BaseType == typeof(MulticastDelegate))
            return $"delegate {Signature(type.GetMethod("Invoke")!)} as {type.FullName}\n";
        IEnumerable<string> members = type.GetMembers(Declared)
            .Where(member => member is not Type && !RecordMembers.Contains(member.Name) && !member.IsDefined(typeof(CompilerGeneratedAttribute)))
            .Select(Describe).Where(text => text.Length > 0).Order(StringComparer.Ordinal);
        return $"{Kind(type)} {NameOf(type, full: true)}{BaseOf(type)}\n{string.Concat(members.Select(member => $"    {member}\n"))}";
    }

    static string Describe(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        FieldInfo { IsLiteral: true } constant => $"const {NameOf(constant.FieldType)} {constant.Name}",
        FieldInfo field => $"{NameOf(field.FieldType)} {field.Name}",
        PropertyInfo property => $"{NameOf(property.PropertyType)} {property.Name} {{{Accessors(property)} }}",
        EventInfo occurrence => $"event {NameOf(occurrence.EventHandlerType!)} {occurrence.Name}",
        MethodInfo { IsSpecialName: true } method when !method.Name.StartsWith("op_", StringComparison.Ordinal) => "",
        MethodInfo method => Signature(method),
        _ => "",
    };

    static string Signature(MethodInfo method) =>
        $"{(method.IsStatic ? "static " : "")}{NameOf(method.ReturnType)} {method.Name}{Arguments(method.GetGenericArguments())}({Parameters(method)})";

    static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{(parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : "")}{NameOf(parameter.ParameterType)} " +
            $"{parameter.Name}"
        + (parameter.HasDefaultValue ? " = default" : "")));

    static string Accessors(PropertyInfo property)
    {
        string get = property.GetMethod is { IsPublic: true } ? " get;" : "";
        if (property.SetMethod is not { IsPublic: true } set)
            return get;
        bool isInit = set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
        return get + (isInit ? " init;" : " set;");
    }

    static string Kind(Type type)
    {
        if (type.IsInterface)
            return "interface";
        if (type.IsValueType)
            return type.IsByRefLike ? "ref struct" : "struct";
        return type.IsAbstract && type.IsSealed ? "static class" : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";
    }

    static string BaseOf(Type type)
    {
        List<string> bases = [];
        if (type.BaseType is Type parent && parent != typeof(object) && parent != typeof(ValueType))
            bases.Add(NameOf(parent));
        bases.AddRange(type.GetInterfaces().Where(candidate => !(candidate.Namespace?.StartsWith("System", StringComparison.Ordinal) ?? false))
            .Select(candidate => NameOf(candidate)).Order(StringComparer.Ordinal));
        return bases.Count == 0 ? "" : $" : {string.Join(", ", bases)}";
    }

    static string NameOf(Type type, bool full = false)
    {
        if (type.IsByRef)
            return NameOf(type.GetElementType()!);
        if (type.IsArray)
            return $"{NameOf(type.GetElementType()!)}[]";
        if (Nullable.GetUnderlyingType(type) is Type underlying)
            return $"{NameOf(underlying)}?";
        string name = full && type.FullName is string fullName ? fullName.Split('`')[0] : type.Name.Split('`')[0];
        return name + Arguments(type.IsGenericType ? type.GetGenericArguments() : []);
    }

    static string Arguments(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(argument => NameOf(argument)))}>";
}
