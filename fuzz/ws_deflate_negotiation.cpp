// The negotiation of permessage-deflate: whatever is offered, the answer can be kept and read; and
// whatever is answered, a client agrees to nothing beyond its offer. Our own two sides agree
// always.

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "require.hpp"
#include "ws/deflate_negotiation.hpp"
#include "ws/extension.hpp"

namespace heliograph::ws {
namespace {

std::uint8_t window_bits(unsigned number) {
  return static_cast<std::uint8_t>(kMinDeflateWindowBits + number % 7);
}

DeflateParameters parameters_of(std::uint8_t flags, std::uint8_t bits) {
  return {(flags & 1) != 0, (flags & 2) != 0, window_bits(bits), window_bits(bits / 7U)};
}

// That the client's window is larger than wanted is possible if it does not speak of it.
void check_server(std::string_view offers, const DeflateParameters& wanted) {
  const auto agreement = choose_deflate(offers, wanted);
  if (!agreement) return;
  const DeflateParameters& agreed = agreement->parameters;
  require(parse_extensions(agreement->field_value).value().size() == 1);
  require(agreed.server_no_context_takeover || !wanted.server_no_context_takeover);
  require(agreed.client_no_context_takeover || !wanted.client_no_context_takeover);
  require(agreed.server_max_window_bits >= kMinDeflateWindowBits);
  require(agreed.server_max_window_bits <= wanted.server_max_window_bits);
  require(agreed.client_max_window_bits >= 8 && agreed.client_max_window_bits <= kMaxWindowBits);
  // A client that offers everything reads the same from it.
  const auto answer = read_deflate_answer(agreement->field_value, DeflateParameters{});
  require(answer.valid && answer.parameters == agreed);
}

void check_client(std::string_view answer, const DeflateParameters& offered) {
  require(read_deflate_answer(answer, std::nullopt).valid == answer.empty());
  const auto read = read_deflate_answer(answer, offered);
  require(read.valid || !read.parameters);
  if (!read.parameters) return;
  require(read.parameters->server_max_window_bits <= offered.server_max_window_bits);
  require(read.parameters->client_max_window_bits <= offered.client_max_window_bits);
  require(read.parameters->client_max_window_bits >= 8);
  require(read.parameters->server_no_context_takeover || !offered.server_no_context_takeover);
  require(read.parameters->client_no_context_takeover || !offered.client_no_context_takeover);
}

void check_both(const DeflateParameters& offered, const DeflateParameters& wanted) {
  const auto agreement = choose_deflate(offer_deflate(offered), wanted);
  require(agreement.has_value());
  const auto answer = read_deflate_answer(agreement->field_value, offered);
  require(answer.valid && answer.parameters == agreement->parameters);
}

}  // namespace
}  // namespace heliograph::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace heliograph::ws;  // NOLINT(google-build-using-namespace)
  if (size < 4) return 0;
  const DeflateParameters ours = parameters_of(data[0], data[1]);
  const std::string_view text = heliograph::as_text({data + 4, size - 4});
  check_server(text, ours);
  check_client(text, ours);
  check_both(parameters_of(data[2], data[3]), ours);
  return 0;
}
