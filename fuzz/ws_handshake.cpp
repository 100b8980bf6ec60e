// The opening handshake: whatever head was read, it is either refused with a well-formed response,
// or answered with a 101 that a client can read.

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "http/head.hpp"
#include "http/parser.hpp"
#include "ws/handshake.hpp"

namespace heliograph::ws {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

http::ResponseHead read_response(Buffer& output, http::ResponseParser& parser) {
  MutableBytes input = output.mutable_bytes();
  const auto head = parser.receive(input);
  require(head && *head);
  return **head;
}

void check_refusal(HandshakeError error) {
  Buffer output;
  append_refusal(error, output);
  http::ResponseParser parser;
  require(read_response(output, parser).status == status_for(error));
}

void check_acceptance(const UpgradeRequest& request) {
  constexpr std::array<std::string_view, 2> kSupported = {"chat", "superchat"};
  const std::string_view chosen = choose_subprotocol(request, kSupported);
  require(chosen.empty() || chosen == "chat" || chosen == "superchat");
  Buffer output;
  require(append_switching_protocols(request, chosen, output));
  http::ResponseParser parser;
  const http::ResponseHead head = read_response(output, parser);
  require(head.status == 101);
  require(head.fields.value("Sec-WebSocket-Accept") == accept_key(request.key));
  require(head.fields.value("Sec-WebSocket-Protocol") == chosen);
}

void check(const http::RequestHead& head, const OriginPolicy& policy) {
  const auto request = check_upgrade(head, policy);
  if (!request) return check_refusal(request.error());
  require(is_upgrade_request(head));
  check_acceptance(*request);
}

}  // namespace
}  // namespace heliograph::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using heliograph::ws::OriginPolicy;
  std::vector<std::uint8_t> bytes(data, data + size);
  heliograph::MutableBytes input(bytes);
  heliograph::http::RequestParser parser;
  const auto head = parser.receive(input);
  if (!head || !*head) return 0;
  heliograph::ws::check(**head, OriginPolicy::any());
  heliograph::ws::check(**head, OriginPolicy::same());
  heliograph::ws::check(**head, OriginPolicy::list({{"https", "example.org", 443}}));
  return 0;
}
