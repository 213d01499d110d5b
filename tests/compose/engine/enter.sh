#!/bin/sh
# The first process of a machine of its own, in new namespaces: turn to its root, and run dockerd.
# enter.sh ENGINE DATA FOLDER …: its root, what is /var/lib/docker there, and folders that are the
# same inside and outside.
set -eu
engine=$1 data=$2
shift 2
mount --make-rprivate /
mount --bind "$engine" "$engine"
cd "$engine"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mkdir -p old var/lib/docker
mount --bind "$data" var/lib/docker
for folder in "$@"; do
    mkdir -p ".$folder"
    mount --bind "$folder" ".$folder"
done
pivot_root . old
cd /
umount -l /old
ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
exec tini -- dockerd --log-level warn --cgroup-parent "$CGROUP" \
    --experimental --ip6tables >"$LOG" 2>&1
