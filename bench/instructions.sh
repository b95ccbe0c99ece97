#!/bin/bash
# Instructions per packet of 1000 octets, counted by callgrind (Debian's package valgrind): the difference of two runs, so that what the runtime does once
# does not count. The same whatever else the machine does. Callgrind's processor has AES-NI, but neither VPCLMULQDQ nor AVX-512: AES-GCM is libcrypto's there, and
# HMAC one packet at a time.
# Usage: bench/instructions.sh [SUITE ...]
set -euo pipefail
cd "$(dirname "$0")/.."
few=1000 many=3000
suites=("$@"); [ $# -gt 0 ] || suites=(aes256gcm16 aes128gcm16 aes256-sha256 aes256-sha1 chacha20poly1305)
dotnet build -c Release --nologo -v quiet tests/Benchmarks >&2
export DOTNET_TieredCompilation=0 DOTNET_EnableWriteXorExecute=0 DOTNET_GCHeapHardLimit=0x10000000
count() { # suite, load, packets
  valgrind --tool=callgrind --smc-check=all-non-file --callgrind-out-file=/dev/null \
    tests/Benchmarks/bin/Release/net10.0/Ipsec.Benchmarks load "$@" 2>&1 | sed -n 's/.*Collected : //p'
}
printf '%-20s %-16s %12s\n' suite packet instructions
for suite in "${suites[@]}"; do
  for load in seal "open, coalesce" forged replayed; do
    a=$(count "$suite" "$load" $few); b=$(count "$suite" "$load" $many)
    printf '%-20s %-16s %12d\n' "$suite" "$load" $(( (b - a) / (many - few) ))
  done
done
