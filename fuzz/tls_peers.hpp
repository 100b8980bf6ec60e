// What the TLS targets play with: configurations with fixed randomness for cryptography that is
// neutral, and two connections that are given the same bytes, one whole and one in pieces.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/reader.hpp"
#include "crypto/neutral.hpp"
#include "require.hpp"
#include "tests/tls/pair.hpp"
#include "tls/early_data.hpp"
#include "tls/entropy.hpp"
#include "tls/ticket.hpp"

namespace heliograph::fuzz {

// A choice that a target makes by the bits of one byte.
enum Choice : std::uint8_t {
  kRetry = 1,          // nothing fits but what a HelloRetryRequest asks for
  kResume = 2,         // with a session, and early data
  kCertificates = 4,   // the client has a certificate, and the server asks for one
  kStrict = 8,         // it is required; the client asks for a stapled response
  kPlain = 16,         // no compression, no GREASE, no application protocols
  kSmallRecords = 32,  // of 64 bytes
};

inline std::shared_ptr<const tls::Entropy> fixed_entropy() {
  static const auto kEntropy = std::make_shared<const tls::Entropy>(tls::Entropy{
      .fill_random = [](MutableBytes out) { std::ranges::fill(out, std::uint8_t{0x42}); },
      .make_key_share =
          [](tls::NamedGroup group) {
            const std::size_t size = group == tls::NamedGroup::kSecp384r1 ? 48 : 32;
            return crypto::KeyShare::from_private_key(group, tls::test::Octets(size, 0x17));
          }});
  return kEntropy;
}

// Ed25519 signs the same in the same way every time.
inline std::shared_ptr<const tls::Credential> credential() {
  static const auto kCredential =
      tls::test::credential(tls::test::kEd25519Certificate, tls::test::kEd25519Key);
  return kCredential;
}

// The ticket is the state.
class OpenTickets : public tls::TicketSealer {
 public:
  void seal(Bytes state, Buffer& out) const override { out.append(state); }
  [[nodiscard]] std::optional<tls::test::Octets> open(Bytes ticket) const override {
    return tls::test::octets(ticket);
  }
};

inline tls::ClientConfig client_config(std::uint8_t choices) {
  tls::ClientConfig config = tls::test::default_client_config();
  config.entropy = fixed_entropy();
  config.exporters = true;
  config.early_data = (choices & kResume) != 0;
  if ((choices & kRetry) != 0) config.key_share_groups.emplace();
  if ((choices & kCertificates) != 0) config.credentials = {credential()};
  config.ask_for_status = (choices & kStrict) != 0;
  config.verify_on_resumption = (choices & kStrict) != 0;
  if ((choices & kPlain) != 0) {
    config.compress_certificates = false;
    config.grease = false;
    config.application_protocols.clear();
  }
  if ((choices & kSmallRecords) != 0) config.record_size_limit = 64;
  return config;
}

inline tls::ServerConfig server_config(std::uint8_t choices) {
  tls::ServerConfig config;
  config.credentials = {credential()};
  config.entropy = fixed_entropy();
  config.exporters = true;
  config.tickets = std::make_shared<OpenTickets>();
  config.max_early_data_size = 1000;
  config.replay_guard = std::make_shared<tls::MemoryReplayGuard>(10, 0);
  config.application_protocols = {"http/1.1"};
  const bool strict = (choices & kStrict) != 0;
  if ((choices & kRetry) != 0) config.groups = {tls::NamedGroup::kSecp384r1};
  if ((choices & kCertificates) != 0) {
    config.client_certificates =
        strict ? tls::ClientCertificates::kRequired : tls::ClientCertificates::kReported;
    config.verifier = std::make_shared<tls::test::FixedVerifier>(
        strict ? std::nullopt : std::optional(tls::Error::kCertificateExpired));
  }
  config.verify_on_resumption = strict;
  if ((choices & kPlain) != 0) {
    config.compress_certificates = false;
    config.application_protocols.clear();
  }
  if ((choices & kSmallRecords) != 0) config.record_size_limit = 64;
  return config;
}

inline std::shared_ptr<const tls::ClientSession> session(std::uint8_t choices) {
  if ((choices & kResume) == 0) return nullptr;
  auto session = std::make_shared<tls::ClientSession>();
  session->session.cipher_suite = tls::CipherSuite::kAes128GcmSha256;
  session->session.pre_shared_key = crypto::Secret(tls::test::Octets(32, 0x23));
  session->session.issued_at = tls::test::kNow;
  session->session.lifetime = 3600;
  session->session.max_early_data_size = 1000;
  session->session.server_name = "server.test";
  if ((choices & kPlain) == 0) session->session.application_protocol = "http/1.1";
  Buffer state;
  require(tls::encode_session(session->session, {}, state));
  session->ticket = tls::test::octets(state.bytes());
  return session;
}

// What a script says: what it is, and its bytes.
enum class Move : std::uint8_t { kRaw, kPlain, kProtected, kSend, kClose, kUpdateKeys, kCount };

// What neutral sealing makes of a record's content.
inline tls::test::Octets neutral_record(std::uint8_t type, Bytes content) {
  return tls::test::plain_record(
      tls::ContentType::kApplicationData,
      tls::test::joined({tls::test::octets(content), {type}, tls::test::Octets(16)}));
}

// Plays a script against two connections that must stay alike.
class Twins {
 public:
  Twins(tls::Connection& whole, Buffer& whole_output, tls::Connection& split, Buffer& split_output,
        std::size_t piece)
      : whole_(whole),
        whole_output_(whole_output),
        split_(split),
        split_output_(split_output),
        piece_(piece) {}

  void play(Reader script) {
    compare();
    while (!script.empty()) {
      const auto move = static_cast<Move>(script.u8() % static_cast<std::uint8_t>(Move::kCount));
      const std::uint8_t detail = script.u8();
      const Bytes bytes = script.vector16();
      if (!script.ok()) return;
      play(move, detail, bytes);
      // Nothing follows close_notify or an error.
      require(!ended_ || whole_output_.empty());
      ended_ = ended_ || error_ || move == Move::kClose;
      compare();
    }
  }

 private:
  void play(Move move, std::uint8_t detail, Bytes bytes) {
    switch (move) {
      case Move::kRaw:
        return deliver(bytes);
      case Move::kPlain:
        return deliver(tls::test::plain_record(tls::ContentType{detail}, bytes));
      case Move::kProtected:
        return deliver(neutral_record(detail, bytes));
      case Move::kSend:
        whole_.send({&bytes, 1}, whole_output_);
        return split_.send({&bytes, 1}, split_output_);
      case Move::kClose:
        whole_.close(whole_output_);
        return split_.close(split_output_);
      case Move::kUpdateKeys:
      case Move::kCount: {
        const auto request = static_cast<tls::KeyUpdateRequest>(detail & 1);
        whole_.update_keys(request, whole_output_);
        return split_.update_keys(request, split_output_);
      }
    }
  }

  void deliver(Bytes bytes) {
    const auto whole = tls::test::feed(whole_, bytes, bytes.size() + 1, whole_output_);
    require(whole == tls::test::feed(split_, bytes, piece_, split_output_));
    if (whole.error) {
      require(!whole_.can_send());
      require(!error_ || error_ == whole.error);
    } else {
      require(!error_ || bytes.empty());
    }
    if (!bytes.empty()) error_ = whole.error;
  }

  void compare() {
    require(equal(whole_output_.bytes(), split_output_.bytes()));
    whole_output_.clear();
    split_output_.clear();
    require(whole_.established() == split_.established());
    require(whole_.can_send() == split_.can_send());
    require(whole_.receive_eof() == split_.receive_eof());
    require(whole_.peer_alert() == split_.peer_alert());
    if (!whole_.established()) return;
    const tls::Negotiated& a = whole_.negotiated();
    const tls::Negotiated& b = split_.negotiated();
    require(a.cipher_suite == b.cipher_suite && a.group == b.group && a.resumed == b.resumed);
    require(a.early_data == b.early_data && a.application_protocol == b.application_protocol);
    require((a.peer == nullptr) == (b.peer == nullptr));
    std::array<std::uint8_t, 16> of_whole = {};
    std::array<std::uint8_t, 16> of_split = {};
    require(whole_.export_keying_material("x", {}, of_whole) ==
            split_.export_keying_material("x", {}, of_split));
    require(of_whole == of_split);
  }

  tls::Connection& whole_;
  Buffer& whole_output_;
  tls::Connection& split_;
  Buffer& split_output_;
  std::size_t piece_;
  std::optional<tls::Error> error_;
  bool ended_ = false;
};

}  // namespace heliograph::fuzz
