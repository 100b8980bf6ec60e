// The opening handshake: whatever head was read, it is either refused with a well-formed response,
// or answered with a 101 that a client can read.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "http/head.hpp"
#include "http/parser.hpp"
#include "require.hpp"
#include "ws/deflate.hpp"
#include "ws/extension.hpp"
#include "ws/handshake.hpp"
#include "ws/pending_upgrade.hpp"

namespace heliograph::ws {
namespace {

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

// With any field of the request as one of the caller's: it is taken unless it is the handshake's
// own.
void check_acceptance(const UpgradeRequest& request) {
  constexpr std::array<std::string_view, 2> kSupported = {"chat", "superchat"};
  const PendingUpgrade pending(request);
  const std::string_view chosen =
      choose_subprotocol(request.fields.joined("Sec-WebSocket-Protocol"), kSupported);
  require(chosen.empty() || chosen == "chat" || chosen == "superchat");
  DeflatePool pool;
  const DeflateOptions deflate{.pool = &pool, .memory = DeflateMemory::kWindow};
  for (const http::Field& field : request.fields.all()) {
    Buffer output;
    const auto accepted =
        pending.accept({.subprotocol = chosen, .deflate = &deflate, .fields = {&field, 1}}, output);
    require(accepted || output.empty());
    if (!accepted) continue;
    http::ResponseParser parser;
    const http::ResponseHead head = read_response(output, parser);
    require(head.status == 101);
    require(head.fields.all().back().name == field.name);
    require(head.fields.all().back().value == field.value);
    require(head.fields.count("Sec-WebSocket-Accept") == 1);
    require(head.fields.value("Sec-WebSocket-Accept") == accept_key(request.key));
    require(head.fields.value("Sec-WebSocket-Protocol") == chosen);
    const http::Field* const extension = head.fields.find("Sec-WebSocket-Extensions");
    require((extension != nullptr) == (accepted->deflate != nullptr));
    if (extension != nullptr) require(parse_extensions(extension->value).has_value());
  }
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
