#!/usr/bin/env bash
# Installs from Debian's packages what the interop scenarios and a few unit tests use. Does nothing where all of it is there.
set -uo pipefail
packages="strongswan-swanctl charon-systemd strongswan-charon strongswan-pki libstrongswan-standard-plugins libcharon-extra-plugins libstrongswan-extra-plugins
  libcharon-extauth-plugins iproute2 nftables iputils-ping iperf3 tcpdump tshark debootstrap gcc libc6-dev python3 python3-scapy python3-cryptography python3-jsonschema util-linux procps"

missing=""
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
if [ "$(id -u)" -ne 0 ] || [ ! -f /etc/debian_version ]; then
  echo "not root on Debian: the interop scenarios are skipped; they would need root for network namespaces${missing:+, and the packages$missing}"
  exit 0
fi
[ -z "$missing" ] && exit 0

# strongSwan's packages start a daemon on 500/4500 where systemd runs. A policy that denies starts stands while we install, then goes.
policy=/usr/sbin/policy-rc.d
saved=""
if [ -e $policy ]; then saved=$(mktemp) && cp -p $policy "$saved"; fi
restore() { if [ -n "$saved" ]; then cp -p "$saved" $policy && rm -f "$saved"; else rm -f $policy; fi; }
trap restore EXIT
printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy

export DEBIAN_FRONTEND=noninteractive
echo "installing:$missing"
log=$(mktemp)
# shellcheck disable=SC2086
if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
  tail -20 "$log"; rm -f "$log"; exit 1
fi
rm -f "$log"
# A service that is enabled would start at the next boot; nobody asked for that.
if [ -d /run/systemd/system ]; then systemctl disable strongswan.service strongswan-starter.service >/dev/null 2>&1 || true; fi
