// Any bytes as the body of every message, or the data of every extension, that a parser of TLS is
// made for. What parses can be written, is read again, and is then written as it was.
//
// Input: a byte that selects the parser, and what it reads.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "require.hpp"
#include "tls/alert.hpp"
#include "tls/certificate.hpp"
#include "tls/certificate_request.hpp"
#include "tls/certificate_verify.hpp"
#include "tls/compressed_certificate.hpp"
#include "tls/distinguished_names.hpp"
#include "tls/encrypted_extensions.hpp"
#include "tls/key_update.hpp"
#include "tls/new_session_ticket.hpp"
#include "tls/pre_shared_key.hpp"
#include "tls/server_hello.hpp"

namespace {

using namespace heliograph;
using Octets = std::vector<std::uint8_t>;

Octets octets(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

std::vector<Octets> octets(std::span<const Bytes> list) {
  std::vector<Octets> all;
  for (const Bytes bytes : list) all.push_back(octets(bytes));
  return all;
}

// `rewrite` parses, and writes what was parsed; nothing if it cannot be parsed. `header` bytes in
// front of what is written are not read again.
template <class Rewrite>
void check_rewriting(Bytes input, std::size_t header, const Rewrite& rewrite) {
  const std::optional<Buffer> first = rewrite(input);
  if (!first) return;
  const std::optional<Buffer> second = rewrite(first->bytes().subspan(header));
  require(second && equal(second->bytes(), first->bytes()));
}

std::optional<Buffer> server_hello(Bytes body) {
  const auto hello = tls::parse_server_hello(body);
  if (!hello) return std::nullopt;
  require(hello->random.size() == 32);
  require(hello->is_hello_retry_request() || (hello->group && !hello->key_exchange.empty()));
  Buffer out;
  tls::write_server_hello(*hello, out);
  return out;
}

std::optional<Buffer> encrypted_extensions(Bytes body) {
  // Nothing was sent: next to nothing may come back.
  const auto unsolicited = tls::parse_encrypted_extensions(body, {});
  if (unsolicited) {
    require(unsolicited->application_protocol.empty() && !unsolicited->accepts_early_data &&
            !unsolicited->acknowledges_server_name && !unsolicited->record_size_limit);
  }
  const auto extensions = tls::parse_encrypted_extensions(body, {true, true, true, true});
  if (!extensions) return std::nullopt;
  Buffer out;
  tls::write_encrypted_extensions(*extensions, out);
  return out;
}

std::optional<Buffer> certificate(Bytes body) {
  const auto unasked = tls::parse_certificate(body, false);
  const auto parsed = tls::parse_certificate(body, true);
  require(!unasked || (parsed && unasked->ocsp_response.empty()));
  if (!parsed) return std::nullopt;
  Buffer out;
  tls::write_certificate(octets(parsed->chain), parsed->ocsp_response, out);
  return out;
}

void compressed_certificate(Bytes body) {
  const auto inflated = tls::parse_compressed_certificate(body);
  if (!inflated) return;
  require(!inflated->empty() && inflated->size() <= tls::kMaxCertificate);
  Buffer out;
  if (!tls::write_compressed_certificate(*inflated, out)) return require(out.empty());
  const auto again =
      tls::parse_compressed_certificate(out.bytes().subspan(tls::kHandshakeHeaderSize));
  require(again && *again == *inflated);
}

std::optional<Buffer> certificate_request(Bytes body) {
  const auto request = tls::parse_certificate_request(body);
  if (!request) return std::nullopt;
  std::vector<std::uint16_t> schemes;
  for (std::size_t i = 0; i < request->signature_algorithms.size(); ++i) {
    schemes.push_back(request->signature_algorithms[i]);
  }
  Buffer out;
  tls::write_certificate_request(schemes, octets(request->certificate_authorities),
                                 request->takes_compressed_certificate, out);
  return out;
}

std::optional<Buffer> certificate_verify(Bytes body) {
  const auto verify = tls::parse_certificate_verify(body);
  if (!verify) return std::nullopt;
  Buffer out;
  tls::write_certificate_verify(*verify, out);
  require(equal(out.bytes().subspan(tls::kHandshakeHeaderSize), body));
  return out;
}

std::optional<Buffer> new_session_ticket(Bytes body) {
  const auto ticket = tls::parse_new_session_ticket(body);
  if (!ticket) return std::nullopt;
  require(!ticket->ticket.empty());
  Buffer out;
  tls::write_new_session_ticket(*ticket, out);
  return out;
}

void offered_psks(Bytes data) {
  const auto offered = tls::OfferedPsks::parse(data);
  if (!offered) return;
  require(offered->binders_size() <= data.size());
  std::size_t count = 0;
  for (tls::OfferedPsks::Cursor cursor(*offered); !cursor.done(); ++count) {
    require(!cursor.identity().identity.empty());
    require(cursor.binder().size() >= 32);
  }
  require(count > 0);
}

std::optional<Buffer> distinguished_names(Bytes data) {
  const auto names = tls::parse_distinguished_names(data);
  if (!names) return std::nullopt;
  Buffer out;
  tls::write_distinguished_names(octets(*names), out);
  require(equal(out.bytes(), data));
  return out;
}

void key_update(Bytes body) {
  const auto request = tls::parse_key_update(body);
  if (!request) return;
  require(equal(Bytes(tls::encode_key_update(*request)).subspan(tls::kHandshakeHeaderSize), body));
}

void alert(Bytes content) {
  const auto description = tls::decode_alert(content);
  require(description.has_value() == (content.size() == 2));
  if (!description) return;
  require(!tls::name(*description).empty());
  require(tls::decode_alert(tls::encode_alert(*description)) == description);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes input = Bytes(data, size).subspan(1);
  switch (data[0] % 11) {
    case 0:
      check_rewriting(input, tls::kHandshakeHeaderSize, server_hello);
      break;
    case 1:
      check_rewriting(input, tls::kHandshakeHeaderSize, encrypted_extensions);
      break;
    case 2:
      check_rewriting(input, tls::kHandshakeHeaderSize, certificate);
      break;
    case 3:
      compressed_certificate(input);
      break;
    case 4:
      check_rewriting(input, tls::kHandshakeHeaderSize, certificate_request);
      break;
    case 5:
      check_rewriting(input, tls::kHandshakeHeaderSize, certificate_verify);
      break;
    case 6:
      check_rewriting(input, tls::kHandshakeHeaderSize, new_session_ticket);
      break;
    case 7:
      offered_psks(input);
      break;
    case 8:
      check_rewriting(input, 0, distinguished_names);
      break;
    case 9:
      key_update(input);
      break;
    default:
      alert(input);
      break;
  }
  return 0;
}
