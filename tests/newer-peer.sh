#!/usr/bin/env bash
# Lays out a newer Debian with strongSwan 6 in a folder, once, and publishes our host self-contained inside it, so that both use its OpenSSL (3.5 or newer, for
# ML-KEM). As root on Debian; takes about a minute and 400 MB the first time. On failure the last line says why.
#   tests/newer-peer.sh FOLDER
set -uo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${1:?usage: tests/newer-peer.sh FOLDER}
release=forky
packages=strongswan-swanctl,charon-systemd,libcharon-extra-plugins,libstrongswan-extra-plugins,iproute2

refuse() { echo "$1"; exit 1; }

[ "$(id -u)" -eq 0 ] || refuse "laying out another Debian needs root"
command -v debootstrap >/dev/null || refuse "debootstrap is missing"
mkdir -p "$folder" || refuse "$folder cannot be made"
exec 9>"$folder.lock" && flock 9

if [ ! -e "$folder/.complete" ]; then
  mirror=$(grep -hoE 'https?://[^ ]+' /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | grep -v -e security -e snapshot | head -1)
  [ -n "$mirror" ] || refuse "no Debian mirror is configured"
  scripts=/usr/share/debootstrap/scripts
  script=$release && [ -e "$scripts/$release" ] || script=$scripts/sid
  rm -rf "${folder:?}"/* && log=$(mktemp)
  if ! debootstrap --variant=minbase --include=$packages $release "$folder" "$mirror" $([ "$script" = $release ] || echo "$script") >"$log" 2>&1; then
    tail -3 "$log"; rm -f "$log"; refuse "Debian $release could not be laid out from $mirror"
  fi
  rm -f "$log" && rm -rf "$folder"/var/cache/apt/archives/*.deb "$folder"/usr/share/doc && touch "$folder/.complete"
fi

# The analyzers have had their say in the ordinary build; the intermediate files of this one stay apart from it.
dotnet publish "$repository/src/Endpoint.Host" -c Release -r linux-x64 --self-contained -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false \
  -nodeReuse:false -p:UseSharedCompilation=false --artifacts-path "$folder.build" -o "$folder/opt/ipsec-endpoint" -v quiet || refuse "our host could not be published self-contained"
