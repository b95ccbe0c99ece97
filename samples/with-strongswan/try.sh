#!/usr/bin/env bash
# Two network namespaces on one wire: our Azure gateway in one, strongSwan as the branch's device in the other. Pings through the tunnel,
# shows both SA lists and cleans up. Exits 0 only if the wire carried the pings as ESP in both directions and nothing of them in clear.
# Wants root, the .NET SDK and Debian's strongswan-swanctl, strongswan-charon, libcharon-extra-plugins, iproute2, iputils-ping and tcpdump.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
charon=/usr/lib/ipsec/charon
hub=ipsec-try-$$-hub branch=ipsec-try-$$-branch
pings=5

fail() { echo "try.sh: $*" >&2; exit 1; }
[ "$(id -u)" -eq 0 ] || fail "must run as root: it makes network namespaces"
for tool in ip ping tcpdump swanctl unshare dotnet; do command -v $tool >/dev/null || fail "needs $tool"; done
[ -x $charon ] || fail "needs $charon (Debian's strongswan-charon)"

folder=$(mktemp -d)
children=()
cleanup() {
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  for child in "${children[@]}"; do wait "$child" 2>/dev/null || true; done
  for space in $hub $branch; do ip netns del $space 2>/dev/null || true; done
  rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# until_true SECONDS COMMAND...: runs the command until it succeeds.
until_true() {
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || return 1; sleep 0.1; done
}

echo "== building the host"
dotnet build "$here/../../src/Endpoint.Host" -c Release -v quiet --nologo >"$folder/build.log" 2>&1 || { cat "$folder/build.log" >&2; fail "the build failed"; }
host=$(find "$here/../../src/Endpoint.Host/bin/Release" -name ipsec-endpoint.dll | head -1)

echo "== two namespaces: $hub 198.51.100.10 and $branch 203.0.113.5"
ip netns add $hub
ip netns add $branch
ip link add outer netns $hub type veth peer name outer netns $branch
ip -n $hub addr add 198.51.100.10/32 dev outer
ip -n $branch addr add 203.0.113.5/32 dev outer
for space in $hub $branch; do ip -n $space link set lo up; ip -n $space link set outer up; done
ip -n $hub route add 203.0.113.5/32 dev outer
ip -n $branch route add 198.51.100.10/32 dev outer
# The inner hosts: a virtual machine in the hub, a PC in the branch.
ip -n $hub addr add 10.1.1.4/32 dev lo
ip -n $branch addr add 10.2.0.10/32 dev lo

ip netns exec $hub tcpdump -i outer -n -U --immediate-mode -Z root -w "$folder/wire.pcap" >"$folder/tcpdump.log" 2>&1 &
children+=($!)
until_true 10 grep -q "listening on" "$folder/tcpdump.log" || { cat "$folder/tcpdump.log" >&2; fail "tcpdump did not start"; }
capture=${children[-1]}

echo "== the Azure gateway"
ip netns exec $hub dotnet "$host" run "$here/azure-gateway.yaml" --node hub-gw --control "$folder/hub-gw.sock" >"$folder/host.log" 2>&1 &
children+=($!)
until_true 30 dotnet "$host" status --control "$folder/hub-gw.sock" || { cat "$folder/host.log" >&2; fail "the gateway did not start"; }

echo "== strongSwan"
sed "s|@FOLDER@|$folder|" "$here/strongswan.conf" >"$folder/strongswan.conf"
cp "$here/swanctl.conf" "$folder/swanctl.conf"
export STRONGSWAN_CONF="$folder/strongswan.conf" SWANCTL_DIR="$folder"
# charon insists on /run/charon.pid, so it gets a /run of its own.
ip netns exec $branch unshare -m --propagation private sh -c "mount -t tmpfs tmpfs /run && exec $charon --use-syslog" >"$folder/charon.out" 2>&1 &
children+=($!)
until_true 15 test -S "$folder/charon.vici" || { cat "$folder/charon.out" "$folder/charon.log" >&2; fail "charon did not start"; }
swanctl --load-all --uri "unix://$folder/charon.vici" >"$folder/swanctl.log" 2>&1 || { cat "$folder/swanctl.log" >&2; fail "swanctl did not load"; }

echo "== ping 10.2.0.10 (branch) -> 10.1.1.4 (hub), and back"
until_true 30 ip netns exec $branch ping -c 1 -W 1 -I 10.2.0.10 10.1.1.4 || { cat "$folder/host.log" "$folder/charon.log" >&2; fail "no ping came through"; }
ip netns exec $branch ping -c $pings -i 0.2 -W 2 -I 10.2.0.10 10.1.1.4
ip netns exec $hub ping -c $pings -i 0.2 -W 2 -s 1200 -I 10.1.1.4 10.2.0.10

echo; echo "== the gateway's SAs"
dotnet "$host" status --control "$folder/hub-gw.sock"
echo; echo "== strongSwan's SAs"
swanctl --list-sas --uri "unix://$folder/charon.vici"

kill -INT "$capture"; wait "$capture" || true
count() { tcpdump -r "$folder/wire.pcap" -n "$1" 2>/dev/null | wc -l; }
# On port 4500 what begins with four zero octets is IKE, and a single octet is a keepalive (RFC 3948); the rest is ESP.
esp="(udp port 4500 and udp[8:4] != 0 and greater 60) or esp"
out=$(count "src 198.51.100.10 and ($esp)")
in=$(count "src 203.0.113.5 and ($esp)")
clear=$(count "net 10.1.0.0/16 or net 10.2.0.0/24")
echo; echo "== the wire: $out ESP packets from the gateway, $in from strongSwan, $clear in clear text"
[ "$out" -ge $((2 * pings)) ] && [ "$in" -ge $((2 * pings)) ] || fail "the pings did not travel as ESP"
[ "$clear" -eq 0 ] || fail "inner packets were seen in clear text"
echo "The tunnel works."
