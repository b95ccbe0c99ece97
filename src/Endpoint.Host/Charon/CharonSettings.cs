using Ipsec.Ike.Configuration;

namespace Ipsec.EndpointHost.Charon;

/// <summary>The daemon's own settings, strongswan.conf.</summary>
sealed record CharonSettings
{
    const string Plugins = "random nonce drbg openssl aes sha1 sha2 md5 hmac kdf mgf1 ctr gcm ccm chapoly cmac xcbc curve25519 pem pkcs1 pkcs8 x509 pubkey "
        + "revocation constraints counters socket-default vici updown";

    /// <summary>
    /// In the order in which they are asked: user-space ESP stands before netlink, the first plugin that can do ESP wins, and netlink then supplies addresses
    /// and routes.
    /// </summary>
    public string KernelPlugins { get; init; } = "kernel-libipsec kernel-netlink";

    /// <summary>charon has one for all its connections.</summary>
    public RetransmissionPolicy Retransmission { get; init; } = new() { Backoff = 1.4 };

    public ushort IkePort { get; init; } = 500;
    public ushort NatTraversalPort { get; init; } = 4500;

    /// <summary>Further lines of the section charon.</summary>
    public string More { get; init; } = "";

    /// <param name="logFile">Where charon writes what it does.</param>
    /// <param name="viciUri">Where swanctl finds it.</param>
    public string Write(string logFile, string viciUri) => FormattableString.Invariant(
        $$"""
        charon {
          load = {{Plugins}} {{KernelPlugins}}
          filelog {
            log {
              path = {{logFile}}
              default = 1
              time_format = %H:%M:%S
              flush_line = yes
              ike_name = yes
            }
          }
          syslog {
            daemon {
              default = -1
            }
            auth {
              default = -1
            }
          }
          port = {{IkePort}}
          port_nat_t = {{NatTraversalPort}}
          retransmit_timeout = {{Retransmission.Timeout.TotalSeconds}}
          retransmit_base = {{Retransmission.Backoff}}
          retransmit_tries = {{Retransmission.Tries}}
          retransmit_jitter = {{(int)(100 * Retransmission.Jitter)}}
          retransmit_limit = {{Retransmission.MaximumPause?.TotalSeconds ?? 0}}
          plugins {
            vici {
              socket = {{viciUri}}
            }
            openssl {
              load_legacy = yes
            }
          }
        {{More}}
        }
        swanctl {
          load = random nonce openssl aes sha1 sha2 hmac pem pkcs1 pkcs8 x509 pubkey
        }
        """);
}
