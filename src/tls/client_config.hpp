// What a TLS client is configured with: an immutable snapshot that connections share.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "tls/config.hpp"

namespace heliograph::tls {

// The first credential that fits what a server asks for is presented; without one, none is.
struct ClientConfig : Config {
  // Who decides whether to believe servers; there is no default.
  explicit ClientConfig(std::shared_ptr<const PeerVerifier> server_verifier) {
    verifier = std::move(server_verifier);
  }

  // The groups to send a share for. Nothing: the most preferred one.
  std::optional<std::vector<NamedGroup>> key_share_groups;
  // Offer 0-RTT with sessions that allow it. What is sent so can be replayed by others.
  bool early_data = false;
  // Ask for a stapled OCSP response.
  bool ask_for_status = false;
  // RFC 8701.
  bool grease = true;
  // Shuffle the extensions, so that nobody depends on their order.
  bool permute_extensions = true;
};

// Throws std::invalid_argument, which says what is wrong, unless connections can be made with it.
void check(const ClientConfig& config);

}  // namespace heliograph::tls
