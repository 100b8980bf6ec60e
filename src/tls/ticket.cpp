#include "tls/ticket.hpp"

#include <algorithm>
#include <utility>

#include "base/reader.hpp"
#include "crypto/aead.hpp"
#include "crypto/random.hpp"

namespace heliograph::tls {
namespace {

constexpr std::uint8_t kFormat = 3;
// Where a session has no refusal, and no scheme.
constexpr std::uint8_t kAuthorized = 0xff;
constexpr std::uint16_t kNoScheme = 0;
static_assert(static_cast<std::uint8_t>(kLastError) < kAuthorized);
constexpr auto kAead = crypto::AeadAlgorithm::kAes256Gcm;

void write_text(std::string_view text, Buffer& out) {
  const LengthPrefix<2> length(out);
  out.append(text);
}

void write_peer(const Peer* peer, Buffer& out) {
  const LengthPrefix<3> list(out);
  if (peer == nullptr) return;
  out.u8(peer->refusal ? static_cast<std::uint8_t>(*peer->refusal) : kAuthorized);
  for (const std::vector<std::uint8_t>& certificate : peer->certificates) {
    const LengthPrefix<3> length(out);
    out.append(certificate);
  }
}

// The chain was parsed when the ticket was made; if it cannot be now, there is no session.
std::optional<std::shared_ptr<const Peer>> read_peer(Bytes encoded) {
  if (encoded.empty()) return nullptr;
  Reader reader(encoded);
  const std::uint8_t refusal = reader.u8();
  std::vector<Bytes> chain;
  while (reader.ok() && !reader.empty()) chain.push_back(reader.vector24());
  if (!reader.done() || chain.empty()) return std::nullopt;
  const auto certificate = crypto::PeerCertificate::from_der(chain);
  if (!certificate) return std::nullopt;
  auto peer = std::make_shared<Peer>(
      Peer{certificate->certificates(), {}, certificate->identity(), std::nullopt});
  if (refusal != kAuthorized) peer->refusal = static_cast<Error>(refusal);
  return peer;
}

}  // namespace

TicketKeys::Key TicketKeys::new_key() {
  Key key{{}, crypto::Secret(kKeySize)};
  crypto::fill_random(key.name);
  crypto::fill_random(key.key.mutable_bytes());
  return key;
}

std::shared_ptr<const TicketKeys> TicketKeys::make(Keys keys) {
  return std::shared_ptr<const TicketKeys>(new TicketKeys(std::move(keys)));
}

std::shared_ptr<const TicketKeys> TicketKeys::generate() {
  return make(Keys{new_key(), new_key(), new_key()});
}

Result<std::shared_ptr<const TicketKeys>, std::string> TicketKeys::import(Bytes exported) {
  if (exported.size() != kExportSize) {
    return fail("ticket keys are " + std::to_string(kExportSize) + " bytes, not " +
                std::to_string(exported.size()));
  }
  Reader reader(exported);
  Keys keys;
  for (Key& key : keys) {
    std::ranges::copy(reader.bytes(kNameSize), key.name.begin());
    key.key = crypto::Secret(reader.bytes(kKeySize));
  }
  return make(std::move(keys));
}

std::vector<std::uint8_t> TicketKeys::export_secret() const {
  std::vector<std::uint8_t> exported;
  exported.reserve(kExportSize);
  for (const Key& key : keys_) {
    exported.insert(exported.end(), key.name.begin(), key.name.end());
    exported.insert(exported.end(), key.key.bytes().begin(), key.key.bytes().end());
  }
  return exported;
}

std::shared_ptr<const TicketKeys> TicketKeys::rotated() const {
  const auto& [current, previous, next] = keys_;
  return make(Keys{next.copy(), current.copy(), new_key()});
}

void TicketKeys::seal(Bytes state, Buffer& out) const {
  const Key& key = keys_.front();
  crypto::AeadNonce nonce;
  crypto::fill_random(nonce);
  out.append(key.name);
  out.append(nonce);
  const std::size_t size = state.size() + crypto::kAeadTagSize;
  crypto::SealingKey(kAead, key.key.bytes())
      .seal(nonce, key.name, {&state, 1}, out.prepare(size).first(size));
  out.commit(size);
}

std::optional<std::vector<std::uint8_t>> TicketKeys::open(Bytes ticket) const {
  Reader reader(ticket);
  const Bytes name = reader.bytes(kNameSize);
  const Bytes nonce_bytes = reader.bytes(crypto::kAeadNonceSize);
  if (!reader.ok()) return std::nullopt;
  const auto key =
      std::ranges::find_if(keys_, [name](const Key& k) { return equal(k.name, name); });
  if (key == keys_.end()) return std::nullopt;

  crypto::AeadNonce nonce;
  std::ranges::copy(nonce_bytes, nonce.begin());
  std::vector<std::uint8_t> state(reader.rest().begin(), reader.rest().end());
  const auto opened = crypto::OpeningKey(kAead, key->key.bytes()).open(nonce, name, state);
  if (!opened) return std::nullopt;
  state.resize(opened->size());
  return state;
}

bool encode_session(const Session& session, std::string_view context, Buffer& out) {
  out.u8(kFormat);
  write_text(context, out);
  out.u16(static_cast<std::uint16_t>(session.cipher_suite));
  out.u64(static_cast<std::uint64_t>(session.issued_at));
  out.u64(static_cast<std::uint64_t>(session.authenticated_at));
  out.u32(session.lifetime);
  out.u32(session.age_add);
  out.u32(session.max_early_data_size);
  write_text(session.server_name, out);
  write_text(session.application_protocol, out);
  out.u16(session.peer_signature_scheme ? static_cast<std::uint16_t>(*session.peer_signature_scheme)
                                        : kNoScheme);
  write_peer(session.peer.get(), out);
  {
    // The last, so that the buffer leaves no copy of it behind as it grows.
    const LengthPrefix<1> length(out);
    out.append(session.pre_shared_key.bytes());
  }
  return out.size() <= kMaxTicketState;
}

std::optional<Session> decode_session(Bytes state, std::string_view context) {
  Reader reader(state);
  if (reader.u8() != kFormat || as_text(reader.vector16()) != context) return std::nullopt;
  Session session;
  session.cipher_suite = static_cast<CipherSuite>(reader.u16());
  session.issued_at = static_cast<std::int64_t>(reader.u64());
  session.authenticated_at = static_cast<std::int64_t>(reader.u64());
  session.lifetime = reader.u32();
  session.age_add = reader.u32();
  session.max_early_data_size = reader.u32();
  session.server_name = as_text(reader.vector16());
  session.application_protocol = as_text(reader.vector16());
  const std::uint16_t scheme = reader.u16();
  const Bytes encoded_peer = reader.vector24();
  const Bytes key = reader.vector8();
  const bool well_formed = reader.done() && key.size() <= crypto::Secret::kCapacity &&
                           session.issued_at >= 0 && session.authenticated_at >= 0;
  if (!well_formed) return std::nullopt;
  session.pre_shared_key = crypto::Secret(key);
  if (scheme != kNoScheme) session.peer_signature_scheme = static_cast<SignatureScheme>(scheme);
  auto peer = read_peer(encoded_peer);
  if (!peer) return std::nullopt;
  session.peer = std::move(*peer);
  return session;
}

}  // namespace heliograph::tls
