// Payloads of permessage-deflate. As messages that were received: what comes out is bounded while
// it is inflated, and does not depend on where the window is kept. As messages to be sent: they
// come back as they were.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/buffer.hpp"
#include "require.hpp"
#include "ws/deflate.hpp"

namespace heliograph::ws {
namespace {

constexpr std::size_t kLimit = 4000;

// A length of one byte, or 255 and the rest.
std::vector<Bytes> split(Bytes bytes) {
  std::vector<Bytes> messages;
  while (!bytes.empty()) {
    const std::size_t size =
        bytes[0] == 255 ? bytes.size() - 1 : std::min<std::size_t>(bytes[0], bytes.size() - 1);
    messages.push_back(bytes.subspan(1, size));
    bytes = bytes.subspan(1 + size);
  }
  return messages;
}

// What came out, or the error.
struct Plain {
  std::string text;
  std::optional<Error> error;

  friend bool operator==(const Plain&, const Plain&) = default;
};

Plain decompress(MessageDeflate& deflate, Bytes message, std::size_t limit) {
  Buffer out;
  out.append("before");
  const std::size_t begin = out.size();
  const auto done = deflate.decompress(message, limit, out);
  require(out.text().starts_with("before"));
  require(out.size() - begin <= limit + (done ? 0 : 1));
  if (!done) return {{}, done.error()};
  return {std::string(out.text().substr(begin)), std::nullopt};
}

// The size is the only limit at which the message is accepted, and one less refuses it.
void check_limit(Bytes message, const Plain& plain) {
  DeflatePool pool;
  const auto at = [&](std::size_t limit) {
    MessageDeflate deflate(Role::kServer, {}, pool);
    return decompress(deflate, message, limit);
  };
  if (plain.error) return;
  require(at(plain.text.size()) == plain);
  if (!plain.text.empty()) require(at(plain.text.size() - 1).error == Error::kMessageTooBig);
}

void check_received(const std::vector<Bytes>& messages) {
  DeflatePool pool;
  MessageDeflate window(Role::kServer, {}, pool);
  MessageDeflate dedicated(Role::kServer, {}, pool, DeflateMemory::kDedicated);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Plain plain = decompress(window, messages[i], kLimit);
    require(decompress(dedicated, messages[i], kLimit) == plain);
    if (i == 0) check_limit(messages[i], plain);
    if (plain.error) return;
  }
}

void check_sent(const std::vector<Bytes>& messages, const DeflateParameters& parameters,
                DeflateMemory memory) {
  DeflatePool pool;
  MessageDeflate client(Role::kClient, parameters, pool, memory);
  MessageDeflate server(Role::kServer, parameters, pool);
  for (const Bytes message : messages) {
    Buffer compressed;
    const std::array<Bytes, 2> pieces = {message.first(message.size() / 2),
                                         message.subspan(message.size() / 2)};
    if (!client.compress(pieces, compressed)) {
      require(compressed.empty());
      continue;
    }
    require(memory == DeflateMemory::kDedicated || compressed.size() < message.size());
    require(decompress(server, compressed.bytes(), message.size()).text == as_text(message));
  }
}

}  // namespace
}  // namespace heliograph::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace heliograph::ws;  // NOLINT(google-build-using-namespace)
  if (size < 2) return 0;
  const auto messages = split({data + 1, size - 1});
  check_received(messages);
  const auto bits = static_cast<std::uint8_t>(kMinDeflateWindowBits + data[0] % 7);
  const bool alone = (data[0] & 0x80) != 0;
  const DeflateMemory memory =
      (data[0] & 0x40) != 0 ? DeflateMemory::kDedicated : DeflateMemory::kWindow;
  check_sent(messages, {alone, alone, bits, bits}, memory);
  return 0;
}
