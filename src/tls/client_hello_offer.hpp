// What a client puts into its ClientHello; the other direction of client_hello.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "tls/client_hello.hpp"
#include "tls/pre_shared_key.hpp"

namespace heliograph::tls {

struct ClientHelloOffer {
  Bytes random;
  Bytes legacy_session_id;
  std::vector<std::uint16_t> cipher_suites;
  std::vector<std::uint16_t> supported_groups;
  std::vector<std::uint16_t> signature_algorithms;
  std::vector<KeyShareEntry> key_shares;
  // Empty: no server_name.
  std::string_view server_name;
  std::span<const std::string> application_protocols;
  // The second ClientHello: "replace the original key_share extension with one containing only a
  // new KeyShareEntry for the group indicated".
  bool answers_retry_request = false;
  // Of a HelloRetryRequest; empty: none.
  Bytes cookie;
  std::optional<std::uint16_t> record_size_limit;
  bool asks_for_status = false;
  bool takes_compressed_certificate = false;
  bool early_data = false;
  // With a binder of `binder_size` zeros, which are the last bytes of the message.
  std::optional<PskIdentity> pre_shared_key;
  std::size_t binder_size = 0;
  // Random bytes that choose the GREASE values; nothing: no GREASE.
  std::optional<std::array<std::uint8_t, 8>> grease;
  // Random bits that choose the order of the extensions; nothing: ascending.
  std::optional<std::uint64_t> order;
};

// Appends the whole handshake message.
void write_client_hello(const ClientHelloOffer& offer, Buffer& out);

}  // namespace heliograph::tls
