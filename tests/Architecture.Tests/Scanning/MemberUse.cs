namespace Ipsec.Architecture.Tests.Scanning;

/// <summary>A member of another assembly that a method's IL names.</summary>
/// <param name="User">The method that names it: "Namespace.Type.Method".</param>
/// <param name="Type">The member's type, nested types joined by "+": "System.DateTime".</param>
/// <param name="Member">"get_UtcNow", ".ctor"; empty where only the type is named.</param>
sealed record MemberUse(string User, string Type, string Member)
{
    public override string ToString() => Member.Length == 0 ? $"{User} names {Type}" : $"{User} uses {Type}.{Member}";
}
