#include "tls/key_log.hpp"

#include <string>

#include "base/hex.hpp"

namespace heliograph::tls {

void log_secret(const KeyLog& log, std::string_view label, Bytes client_random,
                const crypto::Secret& secret) {
  if (!log) return;
  log(std::string(label) + ' ' + hex_encode(client_random) + ' ' + hex_encode(secret.bytes()));
}

}  // namespace heliograph::tls
