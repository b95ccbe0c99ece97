using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Ipsec.Architecture.Tests.Scanning;

/// <summary>Reads from an assembly, without loading it, what its methods use of other assemblies and of native libraries.</summary>
sealed class AssemblyScan : IDisposable
{
    readonly PEReader _file;
    readonly MetadataReader _metadata;

    public AssemblyScan(string path)
    {
        _file = new PEReader(File.OpenRead(path));
        _metadata = _file.GetMetadataReader();
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Every use of a foreign member or type in a method body, and every foreign type that is named anywhere else.</summary>
    public IEnumerable<MemberUse> Uses()
    {
        HashSet<string> attributed = [];
        foreach (MethodDefinitionHandle handle in _metadata.MethodDefinitions)
        {
            MethodDefinition method = _metadata.GetMethodDefinition(handle);
            if (method.RelativeVirtualAddress == 0)
                continue;
            string user = $"{TypeName(method.GetDeclaringType())}.{_metadata.GetString(method.Name)}";
            byte[] body = _file.GetMethodBody(method.RelativeVirtualAddress).GetILBytes() ?? [];
            foreach (int token in IlTokens.Read(body))
            {
                if (Resolve(MetadataTokens.EntityHandle(token)) is (string type, string member))
                {
                    attributed.Add(type);
                    yield return new MemberUse(user, type, member);
                }
            }
        }
        foreach (TypeReferenceHandle handle in _metadata.TypeReferences)
        {
            string type = TypeName(handle);
            if (!attributed.Contains(type))
                yield return new MemberUse("a field, signature or attribute", type, "");
        }
    }

    /// <summary>The functions of native libraries that are imported, with the type that imports them.</summary>
    public IEnumerable<(string Type, string Function)> NativeImports()
    {
        foreach (MethodDefinitionHandle handle in _metadata.MethodDefinitions)
        {
            MethodDefinition method = _metadata.GetMethodDefinition(handle);
            if ((method.Attributes & MethodAttributes.PinvokeImpl) == 0)
                continue;
            string name = _metadata.GetString(method.GetImport().Name);
            yield return (TypeName(method.GetDeclaringType()), name.Length == 0 ? _metadata.GetString(method.Name) : name);
        }
    }

    /// <summary>Every string literal: a function that is looked up by name stands there.</summary>
    public IEnumerable<string> StringLiterals()
    {
        for (UserStringHandle handle = MetadataTokens.UserStringHandle(1); !handle.IsNil; handle = _metadata.GetNextHandle(handle))
            yield return _metadata.GetUserString(handle);
    }

    (string Type, string Member)? Resolve(EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.MethodSpecification:
                return Resolve(_metadata.GetMethodSpecification((MethodSpecificationHandle)handle).Method);
            case HandleKind.MemberReference:
                MemberReference member = _metadata.GetMemberReference((MemberReferenceHandle)handle);
                return ForeignType(member.Parent) is string type ? (type, _metadata.GetString(member.Name)) : null;
            default:
                return ForeignType(handle) is string named ? (named, "") : null;
        }
    }

    string? ForeignType(EntityHandle handle) => handle.Kind switch
    {
        HandleKind.TypeReference => TypeName((TypeReferenceHandle)handle),
        HandleKind.TypeSpecification => GenericDefinition((TypeSpecificationHandle)handle),
        _ => null,
    };

    /// <summary>The type of which a specification is an instance: for List&lt;int&gt; List`1.</summary>
    string? GenericDefinition(TypeSpecificationHandle handle)
    {
        BlobReader signature = _metadata.GetBlobReader(_metadata.GetTypeSpecification(handle).Signature);
        if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
            return null;
        signature.ReadByte();
        EntityHandle definition = signature.ReadTypeHandle();
        return definition.Kind == HandleKind.TypeReference ? TypeName((TypeReferenceHandle)definition) : null;
    }

    string TypeName(TypeReferenceHandle handle)
    {
        TypeReference type = _metadata.GetTypeReference(handle);
        string name = _metadata.GetString(type.Name);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference)
            return $"{TypeName((TypeReferenceHandle)type.ResolutionScope)}+{name}";
        return type.Namespace.IsNil ? name : $"{_metadata.GetString(type.Namespace)}.{name}";
    }

    string TypeName(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        string name = _metadata.GetString(type.Name);
        if (!type.GetDeclaringType().IsNil)
            return $"{TypeName(type.GetDeclaringType())}+{name}";
        return type.Namespace.IsNil ? name : $"{_metadata.GetString(type.Namespace)}.{name}";
    }
}
