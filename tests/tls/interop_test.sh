#!/bin/sh
# Lets other implementations of TLS speak to the echo server, in every combination of cipher suite,
# group and kind of certificate.
#
#   interop_test.sh <interop_server> <openssl> [<gnutls-cli>]
set -u
server=$1
openssl=$2
gnutls=${3:-}
work=$(mktemp -d)
server_pid=
trap 'stop_server; rm -rf "$work"' EXIT
failures=0
checks=0

stop_server() {
  [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null
  server_pid=
}

# make_certificate <name> <openssl req options...>
make_certificate() {
  name=$1
  shift
  "$openssl" req -x509 "$@" -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$work/$name.key" -out "$work/$name.pem" \
    >/dev/null 2>&1
}

# start_server <name>: sets $port.
start_server() {
  stop_server
  : >"$work/log"
  "$server" "$work/$1.pem" "$work/$1.key" >"$work/log" 2>&1 &
  server_pid=$!
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    port=$(head -n 1 "$work/log")
    [ -n "$port" ] && return
    sleep 0.1
  done
}

# expect <what> <reply> <wanted end of the server's log>
expect() {
  checks=$((checks + 1))
  if ! grep -q "over the mirror" "$2"; then
    echo "no echo: $1"
    failures=$((failures + 1))
  elif ! tail -n 1 "$work/log" | grep -q "$3"; then
    echo "negotiated otherwise: $1: $(tail -n 1 "$work/log")"
    failures=$((failures + 1))
  fi
}

# with_openssl <certificate> <suite> <groups> <wanted>
with_openssl() {
  (echo "over the mirror"; sleep 0.05) |
    timeout 10 "$openssl" s_client -connect "127.0.0.1:$port" -servername localhost -tls1_3 \
      -ciphersuites "$2" -groups "$3" -alpn http/1.1 -CAfile "$work/$1.pem" \
      -verify_hostname localhost -verify_return_error -quiet >"$work/reply" 2>/dev/null
  expect "openssl $1 $2 $3" "$work/reply" "$4"
}

# with_gnutls <certificate> <cipher> <group> <wanted>
with_gnutls() {
  (echo "over the mirror"; sleep 0.05) |
    timeout 10 "$gnutls" --port "$port" --x509cafile "$work/$1.pem" --alpn http/1.1 \
      --priority "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+$2:-GROUP-ALL:+$3" localhost \
      >"$work/reply" 2>/dev/null
  expect "gnutls $1 $2 $3" "$work/reply" "$4"
}

make_certificate p256 -newkey ec -pkeyopt ec_paramgen_curve:P-256
make_certificate p384 -newkey ec -pkeyopt ec_paramgen_curve:P-384
make_certificate ed25519 -newkey ed25519
make_certificate rsa -newkey rsa:2048

for certificate in p256 p384 ed25519 rsa; do
  start_server "$certificate"
  for suite in TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256; do
    with_openssl "$certificate" "$suite" X25519 "^$suite x25519 "
    with_openssl "$certificate" "$suite" P-256 "^$suite secp256r1 "
    with_openssl "$certificate" "$suite" P-384 "^$suite secp384r1 "
    # The client's first share is for a group that the server does not have.
    with_openssl "$certificate" "$suite" X448:P-256 "^$suite secp256r1 .* retried"
  done
  if [ -n "$gnutls" ] && [ -x "$gnutls" ]; then
    for group in X25519:x25519 SECP256R1:secp256r1 SECP384R1:secp384r1; do
      with_gnutls "$certificate" AES-128-GCM "GROUP-${group%:*}" " ${group#*:} "
      with_gnutls "$certificate" AES-256-GCM "GROUP-${group%:*}" "^TLS_AES_256_GCM_SHA384 ${group#*:} "
      with_gnutls "$certificate" CHACHA20-POLY1305 "GROUP-${group%:*}" "^TLS_CHACHA20_POLY1305"
    done
  fi
done

echo "$checks handshakes, $failures failures"
[ "$failures" -eq 0 ] && [ "$checks" -gt 0 ]
