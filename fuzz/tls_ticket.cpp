// Tickets: any bytes as ticket, as state, and as exported keys. What opens was sealed, what decodes
// is written the same way again, and keys survive their export.
//
// Input: a byte, whose lowest bit makes the cryptography neutral; then the ticket or the state.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "crypto/neutral.hpp"
#include "require.hpp"
#include "tls/ticket.hpp"

namespace {

using namespace heliograph;
using Octets = std::vector<std::uint8_t>;

constexpr std::string_view kContext = "context";

std::shared_ptr<const tls::TicketKeys> keys() {
  static const auto kKeys = [] {
    std::array<std::uint8_t, tls::TicketKeys::kExportSize> exported;
    for (std::size_t i = 0; i < exported.size(); ++i) exported[i] = static_cast<std::uint8_t>(i);
    return tls::TicketKeys::import(exported).value();
  }();
  return kKeys;
}

void check_state(Bytes state) {
  const auto session = tls::decode_session(state, kContext);
  if (!session) return;
  static_cast<void>(session->is_fresh(1'800'000'000'000));
  Buffer written;
  if (!tls::encode_session(*session, kContext, written)) return;
  const auto again = tls::decode_session(written.bytes(), kContext);
  require(again.has_value());
  Buffer twice;
  require(tls::encode_session(*again, kContext, twice));
  require(equal(written.bytes(), twice.bytes()));
  require(equal(written.bytes(), state));
  require(!tls::decode_session(written.bytes(), "another context"));
}

void check_round_trip(Bytes state) {
  Buffer ticket;
  keys()->seal(state, ticket);
  const auto opened = keys()->open(ticket.bytes());
  require(opened && equal(*opened, state));
  require(keys()->rotated()->rotated()->open(ticket.bytes()) == std::nullopt);
  if (crypto::neutralised()) return;
  Octets damaged(ticket.bytes().begin(), ticket.bytes().end());
  damaged[state.size() * 7 % damaged.size()] ^= 1;
  require(keys()->open(damaged) == std::nullopt);
}

void check_export(Bytes bytes) {
  const auto imported = tls::TicketKeys::import(bytes);
  require(imported.has_value() == (bytes.size() == tls::TicketKeys::kExportSize));
  if (!imported) return require(!imported.error().empty());
  require(equal((*imported)->export_secret(), bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  crypto::neutralised() = (data[0] & 1) != 0;
  const Bytes bytes = Bytes(data, size).subspan(1);
  const auto opened = keys()->open(bytes);
  require(!opened || crypto::neutralised());
  if (opened) check_state(*opened);
  check_state(bytes);
  check_round_trip(bytes);
  check_export(bytes);
  return 0;
}
