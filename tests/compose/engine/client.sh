# A client beside the machine, which asks the proxy once by IPv4 and once by IPv6: client.sh PORT.
# Its addresses are 10.88.0.2 and fd00:88::2.
set -eu
ip netns add client
trap 'ip netns delete client' EXIT
ip link add client0 type veth peer name client1 netns client
ip address add 10.88.0.1/24 dev client0
ip address add fd00:88::1/64 dev client0 nodad
ip link set client0 up
ip -n client address add 10.88.0.2/24 dev client1
ip -n client address add fd00:88::2/64 dev client1 nodad
ip -n client link set client1 up
ip -n client route add default via 10.88.0.1
ip -n client -6 route add default via fd00:88::1
for address in 10.88.0.1 fd00:88::1; do
    ip netns exec client timeout 20 bash -c "exec 3<>/dev/tcp/$address/$1
        printf 'GET / HTTP/1.0\r\n\r\n' >&3
        cat <&3"
done
