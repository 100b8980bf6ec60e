// SSLKEYLOGFILE (RFC 9850): the secrets of a connection, for whoever has to look into it.
#pragma once

#include <functional>
#include <string_view>

#include "base/bytes.hpp"
#include "crypto/secret.hpp"

namespace heliograph::tls {

// Receives one line, without line end, per secret of every handshake. Whoever sees these lines can
// read the traffic. Empty: no secret ever leaves.
using KeyLog = std::function<void(std::string_view line)>;

void log_secret(const KeyLog& log, std::string_view label, Bytes client_random,
                const crypto::Secret& secret);

}  // namespace heliograph::tls
