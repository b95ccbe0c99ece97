#!/bin/bash
# One tunnel between two network namespaces (root): our host at both ends, and beside it strongSwan with its user-space ESP and, where WIREGUARD_GO
# names its binary, wireguard-go; in one run, in turns, the median of three rounds as one table with ratios.
# Usage: bench/tunnel.sh [--rounds N] [--seconds N] [--only CONTENDER,...] [--figures FIGURE,...] [--json]; --help says which there are.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release --nologo -v quiet tests/Benchmarks >&2
exec tests/Benchmarks/bin/Release/net10.0/Ipsec.Benchmarks tunnel "$@"
