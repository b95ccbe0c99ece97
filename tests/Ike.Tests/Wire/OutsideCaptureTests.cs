using System.Collections.Immutable;
using System.Text.Json;
using Ipsec.Capture;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Protection;
using Ipsec.Ike.Wire;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Wire;

/// <summary>IKEv2 as other implementations speak it: third-party captures, read to the last octet.</summary>
public class OutsideCaptureTests
{
    [Theory]
    [InlineData("ndpi/esp.pcapng", 4)]
    [InlineData("rfc7634/rfc7634-examples.pcap", 1)]
    [InlineData("sample-captures/ah+esp-transport.pcap", 8)]
    [InlineData("sample-captures/ah-transport.pcap", 8)]
    [InlineData("sample-captures/ah-tunnel.pcap", 12)]
    [InlineData("sample-captures/esp-tunnel.pcap", 4)]
    [InlineData("sample-captures/ike-esp-detailed.pcap", 4)]
    [InlineData("sample-captures/ikev2-mode.pcap", 4)]
    [InlineData("sample-captures/l2tp-over-ipsec.pcap", 6)]
    [InlineData("sample-captures/nat-traversal-private-side.pcap", 4)]
    [InlineData("sample-captures/negotiation-failure-algorithm-mismatch.pcap", 2)]
    [InlineData("sample-captures/tunnel-esp-http.pcap", 4)]
    [InlineData("scapy/ikev2_nat_t_sessions1-2_gcm_ctr.pcapng", 20)]
    [InlineData("suricata-verify/IKEv2_SA_INIT_2-8-weak.pcap", 1)]
    [InlineData("tcpdump/ikev2four.pcap", 21)]
    [InlineData("tcpdump/ikev2pI2.pcap", 2)]
    [InlineData("wireshark/ikev2-decrypt-3des-sha1_160.pcap", 6)]
    [InlineData("wireshark/ikev2-decrypt-aes128ccm12.pcap", 6)]
    [InlineData("wireshark/ikev2-decrypt-aes128ccm12-2.pcap", 6)]
    [InlineData("wireshark/ikev2-decrypt-aes256cbc.pcapng", 4)]
    [InlineData("wireshark/ikev2-decrypt-aes256gcm8.pcap", 6)]
    public void ReadsEveryMessage(string file, int messages)
    {
        int count = 0;
        foreach ((int frame, byte[] datagram) in IkeDatagrams(file))
        {
            count++;
            Assert.True(MessageEnvelope.TryParse(datagram, out _, out MessageEnvelope envelope, out MessageFault fault), $"frame {frame}: {fault}");
            if (envelope.IsProtected)
                continue;
            Assert.True(MessageReader.TryParse(datagram, out _, out IkeMessage? message, out fault), $"frame {frame}: {fault}");
            Assert.True(ExchangeTable.TryMatch(message, isProtected: false, out _, out fault), $"frame {frame}: {fault}");
            Assert.Equal(Convert.ToHexString(datagram), Convert.ToHexString(MessageWriter.Write(message)));
        }
        Assert.Equal(messages, count);
    }

    /// <summary>Captures whose messages were made unreadable, by anonymization or on purpose: faults have names, nothing throws.</summary>
    [Theory]
    [InlineData("ndpi/ipsec_isakmp_esp.pcap")]
    [InlineData("tcpdump/ikev2-id-normal.pcap")]
    [InlineData("tcpdump/isakmp-pointer-loop.pcap")]
    [InlineData("tcpdump/isakmp-identification-segfault.pcap")]
    [InlineData("arkime/IKEv1.pcap")]
    public void NamesTheFaultsOfBadMessages(string file)
    {
        int faults = 0;
        foreach ((_, byte[] datagram) in IkeDatagrams(file))
        {
            if (!MessageReader.TryParse(datagram, out _, out _, out MessageFault fault))
            {
                Assert.NotEqual(PeerFault.None, fault.Fault);
                faults++;
            }
        }
        Assert.NotEqual(0, faults);
    }

    /// <summary>What stood inside the encryption, as the facts beside the capture have it, whether we know the cipher or not.</summary>
    [Theory]
    [InlineData("rfc7634/rfc7634-examples.pcap")]
    [InlineData("scapy/ikev2_nat_t_sessions1-2_gcm_ctr.pcapng")]
    [InlineData("wireshark/ikev2-decrypt-3des-sha1_160.pcap")]
    [InlineData("wireshark/ikev2-decrypt-aes128ccm12.pcap")]
    [InlineData("wireshark/ikev2-decrypt-aes128ccm12-2.pcap")]
    [InlineData("wireshark/ikev2-decrypt-aes256cbc.pcapng")]
    [InlineData("wireshark/ikev2-decrypt-aes256gcm8.pcap")]
    public void ReadsWhatWasInside(string file)
    {
        Dictionary<int, byte[]> datagrams = IkeDatagrams(file).ToDictionary(item => item.Frame, item => item.Datagram);
        int count = 0;
        foreach ((int frame, byte[] plaintext) in Plaintexts(file))
        {
            Assert.True(MessageEnvelope.TryParse(datagrams[frame], out IkeHeader header, out MessageEnvelope envelope, out _));
            Assert.True(MessageReader.TryParsePayloads(envelope.FirstProtectedPayload, plaintext, out ImmutableArray<Payload> payloads, out MessageFault fault),
                $"frame {frame}: {fault}");
            Assert.True(ExchangeTable.TryMatch(new IkeMessage(header, payloads), isProtected: true, out _, out fault), $"frame {frame}: {fault}");
            count++;
        }
        Assert.NotEqual(0, count);
    }

    [Fact]
    public void OpensAesCbc() => Opens("wireshark/ikev2-decrypt-aes256cbc.pcapng", 0x191ccd371a7a1f7b, "aes256-sha256-ecp256",
        "9096ddd2933620e8f48122c53a3f562cb0222c1cf97ce41fcc874ea2582a89ac", "6718c6b2bbef2f234eac4c13832f885d87b574afd2af0111161e99b5dc61b4d4",
        "12d532c3e83c757906af548dfe1ccf223ca5507af77898454e2d55c8ace57a17", "30c4ead18c93024b58a86c1e3db60f550221801026853170b4cb0248d3a95329", 2);

    [Fact]
    public void OpensAesGcm() => Opens("scapy/ikev2_nat_t_sessions1-2_gcm_ctr.pcapng", 0x89922c915f35570e, "aes256gcm16-prfsha512-modp2048",
        "f49c0d53899c8aef4435e2850619825dacc1c8b4bfd636f7175032cfbe4c57db8b7b260f",
        "42e53af4eabccaabf10ad37da3b980edc5af5a4c742fd47a29b4341f7847caf92ccacf3d", "", "", 8);

    /// <summary>Only the cipher and its keys matter; the rest of the suite is not used for opening.</summary>
    static void Opens(string file, ulong initiatorSpi, string suite, string skEi, string skEr, string skAi, string skAr, int messages)
    {
        AlgorithmProposal policy = ProposalText.Parse(suite, ProtocolId.Ike);
        using var none = new Secret([]);
        using var keys = new IkeKeys
        {
            SkD = none,
            SkPi = none,
            SkPr = none,
            SkEi = new Secret(HexText.Parse(skEi)),
            SkEr = new Secret(HexText.Parse(skEr)),
            SkAi = new Secret(HexText.Parse(skAi)),
            SkAr = new Secret(HexText.Parse(skAr)),
        };
        var ikeSuite = new IkeSuite(policy.Encryption[0], policy.PseudorandomFunctions[0],
            policy.Integrity is [IntegrityAlgorithm integrity, ..] ? integrity : IntegrityAlgorithm.None, policy.KeyExchange[0]);
        var initiator = new MessageProtection(ikeSuite, keys, isInitiator: true, new SeededRandomSource(1));
        var responder = new MessageProtection(ikeSuite, keys, isInitiator: false, new SeededRandomSource(1));
        Dictionary<int, byte[]> plaintexts = Plaintexts(file).ToDictionary(item => item.Frame, item => item.Plaintext);
        int count = 0;
        foreach ((int frame, byte[] datagram) in IkeDatagrams(file))
        {
            Assert.True(MessageEnvelope.TryParse(datagram, out IkeHeader header, out MessageEnvelope envelope, out _));
            if (header.InitiatorSpi != initiatorSpi || !envelope.IsProtected)
                continue;
            Assert.True((header.IsFromInitiator ? responder : initiator).TryOpen(envelope, out OpenedMessage? opened), $"frame {frame}");
            Assert.Equal(Convert.ToHexString(plaintexts[frame]), Convert.ToHexString(opened.Payloads.Span));
            Assert.True(opened.TryParse(out _, out MessageFault fault), fault.ToString());
            count++;
        }
        Assert.Equal(messages, count);
    }

    static IEnumerable<(int Frame, byte[] Datagram)> IkeDatagrams(string file)
    {
        var decoder = new PacketDecoder();
        using FileStream stream = File.OpenRead(OutsideData.PathOf($"captures/{file}"));
        Assert.True(CaptureReader.TryOpen(stream, out CaptureReader? reader, out string? error), error);
        int frame = 0;
        while (reader.TryRead(out CapturedPacket? packet))
        {
            frame++;
            if (decoder.TryDecode(packet, out CapturedDatagram? datagram) && datagram.Content == DatagramContent.Ike)
                yield return (frame, datagram.Payload.ToArray());
        }
        Assert.Null(reader.Error);
    }

    static IEnumerable<(int Frame, byte[] Plaintext)> Plaintexts(string file)
    {
        using var facts = JsonDocument.Parse(File.ReadAllText(OutsideData.PathOf($"captures/{file}.facts.json")));
        foreach (JsonElement message in facts.RootElement.GetProperty("decrypted_with_python").GetProperty("ikev2").EnumerateArray())
            yield return (message.GetProperty("frame").GetInt32(), HexText.Parse(message.GetProperty("plaintext").GetString()!));
    }
}
