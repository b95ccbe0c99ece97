using System.Collections.Immutable;

namespace Ipsec.Lab.DeviceConfig;

/// <summary>What a user types into a real device; what <c>device-config --format json</c> prints, member by member.</summary>
/// <param name="Node">The site.</param>
/// <param name="Profile">The device's profile, and <paramref name="Title"/> and <paramref name="Device"/> what that is.</param>
/// <param name="Device">Versions, and how the device is used.</param>
public sealed record DeviceConfigurationReport(string Node, string Profile, string Title, string Device, ImmutableArray<DeviceConnectionReport> Connections);

/// <summary>One tunnel of a device.</summary>
/// <param name="Connection">Its name; "/1" behind it for the second instance of an active-active gateway.</param>
/// <param name="Settings">In the order in which one types them.</param>
/// <param name="Azure">What the device's documents want of the Azure side, in sentences.</param>
public sealed record DeviceConnectionReport(string Connection, ImmutableArray<DeviceSettingReport> Settings, ImmutableArray<string> Azure);

/// <summary>One setting.</summary>
/// <param name="Setting">Its name in the field's words.</param>
/// <param name="InDevice">Where it is typed and how the device says it; empty where the profile has no document for that.</param>
/// <param name="Source">The title of the document that says it, "this topology file", or null where no document does.</param>
/// <param name="Url">The document's address.</param>
/// <param name="Note">More about it; where no document says it, what stands in.</param>
public sealed record DeviceSettingReport(string Setting, string Value, string InDevice, string? Source, string? Url, string? Note);
