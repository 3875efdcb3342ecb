#!/bin/sh
# Installs the Debian packages that tests use, or those that are named, where this may: as root on Debian or Ubuntu.
set -eu

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    packages=${*:-$(grep -v '^#' scripts/debian-packages)}
    missing=$(for package in $packages; do dpkg -s "$package" >/dev/null 2>&1 || echo "$package"; done)
    [ -z "$missing" ] || apt-get update -qq || true
    # One by one: not every Debian and Ubuntu has them all.
    for package in $missing; do
        apt-get install -y -qq --no-install-recommends "$package" >/dev/null ||
            echo "could not install: $package; what needs it is left out with that reason" >&2
    done
fi
