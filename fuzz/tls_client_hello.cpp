// Any bytes as the body of a ClientHello. What parses must be consistent: every share is for a
// listed group, and the parts that a retry may not change say nothing about the shares.
#include <cstddef>
#include <cstdint>

#include "require.hpp"
#include "tls/client_hello.hpp"

namespace {

using namespace heliograph;

void check(Bytes body, const tls::ClientHello& hello) {
  require(hello.random.size() == tls::kRandomSize);
  require(hello.legacy_session_id.size() <= 32);
  require(hello.cipher_suites.size() > 0);
  require(hello.supported_groups.size() > 0);
  for (const tls::NamedGroup group :
       {tls::NamedGroup::kX25519, tls::NamedGroup::kSecp256r1, tls::NamedGroup::kSecp384r1}) {
    const auto share = hello.key_shares.find(group);
    require(!share || !share->empty());
    require(!share || hello.supported_groups.contains(static_cast<std::uint16_t>(group)));
  }
  require(!hello.offers_protocol(""));
  Buffer parts;
  tls::append_unchanging_parts(body, parts);
  require(parts.size() <= body.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes body(data, size);
  const auto hello = tls::parse_client_hello(body);
  if (hello) check(body, *hello);
  return 0;
}
