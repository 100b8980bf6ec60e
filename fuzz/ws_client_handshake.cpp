// A client's opening handshake: the result does not depend on how the response was cut; what it
// opens with was offered; and the bytes behind the response are left.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"
#include "http/head.hpp"
#include "require.hpp"
#include "ws/client_handshake.hpp"
#include "ws/handshake.hpp"

namespace heliograph::ws {
namespace {

// A response cannot know the key: where it has this, it gets what fits the key.
constexpr std::string_view kPlaceholder = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

constexpr DeflateParameters kOffered{.server_max_window_bits = 12, .client_max_window_bits = 11};

struct Outcome {
  std::optional<std::string> subprotocol;
  std::optional<DeflateParameters> deflate;
  std::optional<ClientHandshakeError> error;
  int status = 0;
  std::size_t left = 0;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

std::string answer_to(Bytes request, std::string_view response) {
  std::vector<http::Field> storage;
  const auto head = http::parse_request_head(request, storage);
  require(head.has_value());
  require(check_upgrade(*head, OriginPolicy::any()).has_value());
  const std::string accept = accept_key(head->fields.value("Sec-WebSocket-Key"));
  std::string text(response);
  for (std::size_t at = text.find(kPlaceholder); at != std::string::npos;
       at = text.find(kPlaceholder, at + accept.size())) {
    text.replace(at, accept.size(), accept);
  }
  return text;
}

void check_opened(const ClientHandshake::Opened& opened, int status) {
  require(status == 101);
  require(opened.subprotocol.empty() || opened.subprotocol == "chat" ||
          opened.subprotocol == "superchat");
  if (!opened.deflate) return;
  require(opened.deflate->server_max_window_bits <= kOffered.server_max_window_bits);
  require(opened.deflate->client_max_window_bits <= kOffered.client_max_window_bits);
}

Outcome open(std::string_view response, bool deflate, std::size_t segment_size) {
  ClientHandshake handshake;
  Buffer output;
  require(handshake.start({.authority = "example.org",
                           .target = "/chat",
                           .subprotocols = {"chat", "superchat"},
                           .deflate = deflate ? std::optional(kOffered) : std::nullopt},
                          output));
  const std::string text = answer_to(output.bytes(), response);
  Outcome outcome;
  for (std::size_t at = 0; at < text.size(); at += segment_size) {
    Buffer segment;
    segment.append(std::string_view(text).substr(at, segment_size));
    MutableBytes input = segment.mutable_bytes();
    const auto opened = handshake.receive(input);
    outcome.status = handshake.status();
    if (!opened) {
      outcome.error = opened.error();
      require(input.empty());
      return outcome;
    }
    if (!*opened) continue;
    check_opened(**opened, outcome.status);
    outcome.subprotocol = (*opened)->subprotocol;
    outcome.deflate = (*opened)->deflate;
    outcome.left = text.size() - std::min(at + segment_size, text.size()) + input.size();
    return outcome;
  }
  return outcome;
}

}  // namespace
}  // namespace heliograph::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using heliograph::ws::open;
  if (size < 2) return 0;
  const std::string_view response = heliograph::as_text({data + 1, size - 1});
  const bool deflate = (data[0] & 0x80) != 0;
  const auto whole = open(response, deflate, response.size());
  if (open(response, deflate, data[0] % 64U + 1) != whole) std::abort();
  if (open(response, deflate, 1) != whole) std::abort();
  return 0;
}
