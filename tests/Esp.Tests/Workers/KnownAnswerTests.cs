using System.Buffers.Binary;
using System.Text.Json;
using Ipsec.Capture;
using Ipsec.Crypto;
using Ipsec.Esp.Associations;
using Ipsec.Esp.Packets;
using Ipsec.Esp.Tests.Kit;
using Ipsec.Esp.Workers;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Esp.Tests.Workers;

/// <summary>Whole ESP packets that others made.</summary>
public class KnownAnswerTests
{
    [Fact]
    public void OpensTheTunnelPacketsOfTheDpdkTests()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(OutsideData.PathOf("vectors/dpdk-esp/esp_packets.json")));
        List<string> opened = [];
        foreach (JsonElement vector in document.RootElement.GetProperty("vectors").EnumerateArray())
        {
            if (!TryReadTransforms(vector, out EspTransforms transforms))
                continue;
            byte[] outer = Hex(vector, "output_text");
            Assert.True(IpPacket.TryParse(outer, out IpPacket parsed));
            byte[] key = transforms.Encryption.Algorithm == EncryptionAlgorithm.Null ? [] : Hex(vector, "key");
            key = [.. key, .. transforms.Encryption.SaltLength > 0 ? Hex(vector, "salt") : []];
            byte[] integrityKey = transforms.Encryption.IsCombinedMode ? [] : Hex(vector, "auth_key");
            Assert.Equal([Hex(vector, "input_text")], Open(transforms, key, integrityKey, parsed.Payload.ToArray()));
            opened.Add(vector.GetProperty("name").GetString()!);
        }
        Assert.Equal(
        [
            "pkt_3des_cbc_hmac_sha256", "pkt_3des_cbc_hmac_sha384", "pkt_aes_128_cbc_hmac_sha256", "pkt_aes_128_cbc_hmac_sha256_v6",
            "pkt_aes_128_cbc_hmac_sha512", "pkt_aes_128_cbc_md5", "pkt_aes_128_ctr_hmac_sha256", "pkt_aes_128_ctr_hmac_sha512",
            "pkt_aes_128_gcm", "pkt_aes_128_gcm_frag", "pkt_aes_256_gcm", "pkt_aes_256_gcm_v6", "pkt_des_cbc_hmac_sha256",
            "pkt_des_cbc_hmac_sha256_v6", "pkt_des_cbc_hmac_sha512", "pkt_null_aes_xcbc",
        ], opened.Order(StringComparer.Ordinal));
    }

    /// <summary>The Wireshark wiki's second ESP capture: a tunnel of AES-CBC with HMAC-SHA1-96.</summary>
    [Fact]
    public void OpensTheTunnelOfTheWiresharkWiki()
    {
        byte[] key = "aescbcencryption"u8.ToArray();
        byte[] integrityKey = "hmacsha1authenticati"u8.ToArray();
        var transforms = new EspTransforms(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 128), IntegrityAlgorithm.HmacSha1_96, false);
        int count = OpenCapture("captures/wireshark-wiki/ipsec_esp_capture_2.pcap", 10, transforms, key, integrityKey);
        Assert.True(count > 100, $"{count} packets");
    }

    /// <summary>What strongSwan sent in UDP, with AES-GCM, in the capture that scapy's tests use.</summary>
    [Theory]
    [InlineData(0xc1a9656b, "167fc4915921b24f27f71e7498b1978c238398d6")]
    [InlineData(0xac0faf03, "5eab6a4e799442ec5ef6fc07545297651b5832fc")]
    public void OpensTheUdpEncapsulatedPacketsOfScapysTests(uint spi, string key)
    {
        var transforms = new EspTransforms(new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 128), IntegrityAlgorithm.None, false);
        Assert.Equal(4, OpenCapture("captures/scapy/ikev2_nat_t_sessions1-2_gcm_ctr.pcapng", spi, transforms, HexText.Parse(key), []));
    }

    static int OpenCapture(string file, uint spi, EspTransforms transforms, byte[] key, byte[] integrityKey)
    {
        int count = 0;
        foreach (CapturedDatagram datagram in ReadEsp(OutsideData.PathOf(file)))
        {
            byte[] packet = datagram.Payload.ToArray();
            if (BinaryPrimitives.ReadUInt32BigEndian(packet) != spi)
                continue;
            byte[] inner = Assert.Single(Open(transforms, key, integrityKey, packet));
            Assert.True(IpPacket.TryParse(inner, out IpPacket parsed));
            Assert.Equal(inner.Length, parsed.TotalLength);
            count++;
        }
        return count;
    }

    static List<byte[]> Open(EspTransforms transforms, byte[] key, byte[] integrityKey, byte[] esp)
    {
        Assert.True(EspHeader.TryParse(esp, out uint spi, out uint sequence));
        var state = new DataPathState(new DataPathOptions(), new SeededRandomSource(1));
        using var encryption = new Secret(key);
        using var integrity = new Secret(integrityKey);
        var sa = new TunnelSa(new TunnelSaParameters
        {
            Id = 1,
            Tunnel = 1,
            Transforms = transforms,
            InboundSpi = spi,
            OutboundSpi = spi,
            InboundEncryptionKey = encryption,
            InboundIntegrityKey = integrity,
            OutboundEncryptionKey = encryption,
            OutboundIntegrityKey = integrity,
            LocalSelectors = [TrafficSelector.AnyV4, TrafficSelector.AnyV6],
            RemoteSelectors = [TrafficSelector.AnyV4, TrafficSelector.AnyV6],
            Path = TunnelPair.PathFor(PathEncapsulation.RawEsp),
        }, isActive: true, new SeededRandomSource(1));
        state.SetRoutes(new RouteTable([new Route(IpPrefix.AnyV4, RouteTarget.Local), new Route(IpPrefix.AnyV6, RouteTarget.Local)]));
        var sink = new CollectingSink();
        OpenWorker.OpenOn(state.CreateWorker(), state.Routes, sa.Inbound, sequence, esp, sa.Path.Path, 0, ref sink);
        sa.Inbound.Ciphers.Close();
        sa.Outbound.Close();
        return sink.Delivered;
    }

    static bool TryReadTransforms(JsonElement vector, out EspTransforms transforms)
    {
        string[] names = [.. vector.GetProperty("algos").EnumerateArray().Select(name => name.GetString()!)];
        int keyBits = vector.TryGetProperty("key", out JsonElement key) ? key.GetString()!.Length * 4 : 0;
        EncryptionTransform? encryption = names[0] switch
        {
            "AEAD_AES_GCM" => new EncryptionTransform(EncryptionAlgorithm.AesGcm16, keyBits),
            "CIPHER_AES_CBC" => new EncryptionTransform(EncryptionAlgorithm.AesCbc, keyBits),
            "CIPHER_AES_CTR" => new EncryptionTransform(EncryptionAlgorithm.AesCtr, keyBits),
            "CIPHER_DES_CBC" => new EncryptionTransform(EncryptionAlgorithm.DesCbc, 0),
            "CIPHER_NULL" => new EncryptionTransform(EncryptionAlgorithm.Null, 0),
            "CIPHER_3DES_CBC" => new EncryptionTransform(EncryptionAlgorithm.TripleDesCbc, 0),
            _ => null,
        };
        IntegrityAlgorithm? integrity = names.ElementAtOrDefault(1) switch
        {
            null => IntegrityAlgorithm.None,
            "AUTH_MD5_HMAC" => IntegrityAlgorithm.HmacMd5_96,
            "AUTH_AES_XCBC_MAC" => IntegrityAlgorithm.AesXcbc96,
            "AUTH_SHA256_HMAC" => IntegrityAlgorithm.HmacSha256_128,
            "AUTH_SHA384_HMAC" => IntegrityAlgorithm.HmacSha384_192,
            "AUTH_SHA512_HMAC" => IntegrityAlgorithm.HmacSha512_256,
            _ => null,
        };
        transforms = new EspTransforms(encryption ?? default, integrity ?? default, false);
        return encryption is not null && integrity is not null;
    }

    static byte[] Hex(JsonElement vector, string name) => HexText.Parse(vector.GetProperty(name).GetString()!);

    static IEnumerable<CapturedDatagram> ReadEsp(string path)
    {
        using FileStream stream = File.OpenRead(path);
        Assert.True(CaptureReader.TryOpen(stream, out CaptureReader? reader, out string? error), error);
        var decoder = new PacketDecoder();
        foreach (CapturedPacket packet in reader.ReadAll())
        {
            if (decoder.TryDecode(packet, out CapturedDatagram? datagram) && datagram.Content == DatagramContent.Esp)
                yield return datagram;
        }
    }
}
