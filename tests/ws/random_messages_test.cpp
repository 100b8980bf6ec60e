// Random streams of compressed and plain messages, in random fragments with control frames between
// them: what comes out is what went in, wherever the windows are kept and however the stream is
// cut; and a stream with flipped bits says the same however it is cut.

#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/ws/harness.hpp"
#include "ws/connection.hpp"
#include "ws/deflate.hpp"

namespace heliograph::ws {
namespace {

using Strings = std::vector<std::string>;

constexpr Limits kLimits{.max_message = 3000, .max_frames_per_message = 8};

// A stream as a peer would send it, and what it means.
class Sender {
 public:
  explicit Sender(unsigned seed)
      : random_(seed),
        role_(below(2) == 0 ? Role::kClient : Role::kServer),
        parameters_{below(2) == 0, below(2) == 0, static_cast<std::uint8_t>(9 + below(7)),
                    static_cast<std::uint8_t>(9 + below(7))},
        deflate_(role_, parameters_, pool_,
                 below(2) == 0 ? DeflateMemory::kWindow : DeflateMemory::kDedicated) {
    for (std::size_t count = 1 + below(12); count > 0; --count) add_message();
  }

  std::size_t below(std::size_t bound) { return random_() % bound; }

  [[nodiscard]] Role receiver() const { return other(role_); }
  [[nodiscard]] const DeflateParameters& parameters() const { return parameters_; }
  [[nodiscard]] const std::string& stream() const { return stream_; }
  [[nodiscard]] const Strings& events() const { return events_; }

  // The stream with a bit of it flipped.
  std::string damaged() {
    std::string bytes = stream_;
    char& byte = bytes[below(bytes.size())];
    byte = static_cast<char>(static_cast<std::uint8_t>(byte) ^ 1U << below(8));
    return bytes;
  }

 private:
  std::string text() {
    static const std::vector<std::string> kWords = {"Hello", " the ", "\xe2\x82\xac", "ab",
                                                    "\xc3\xa4"};
    std::string text;
    const std::size_t size = below(3) == 0 ? below(2500) : below(60);
    while (text.size() < size) text += kWords[below(kWords.size())];
    return text;
  }

  void add_message() {
    const std::string data = text();
    const bool is_text = below(2) == 0;
    events_.push_back((is_text ? "text:" : "binary:") + data);
    Buffer compressed;
    const Bytes piece = as_bytes(data);
    const bool shorter = below(3) != 0 && deflate_.compress({&piece, 1}, compressed);
    add_frames((is_text ? 1U : 2U) | (shorter ? 0x40U : 0U),
               shorter ? compressed.text() : std::string_view(data));
  }

  void add_frames(unsigned first_byte, std::string_view payload) {
    for (std::size_t more = below(4); more > 0; --more) {
      const std::size_t size = below(payload.size() + 1);
      add_frame(first_byte, payload.substr(0, size));
      payload.remove_prefix(size);
      first_byte = 0;
      if (below(3) != 0) continue;
      const bool ping = below(2) == 0;
      add_frame(ping ? 0x89 : 0x8a, "control");
      // The pong comes before the message that it interrupted.
      if (!ping) events_.insert(events_.end() - 1, "pong:control");
    }
    add_frame(first_byte | 0x80, payload);
  }

  void add_frame(unsigned first_byte, std::string_view payload) {
    const MaskKey key = {1, static_cast<std::uint8_t>(random_()), 0, 255};
    stream_ +=
        frame(first_byte, payload, role_ == Role::kClient ? std::optional(key) : std::nullopt);
  }

  std::mt19937 random_;
  Role role_;
  DeflateParameters parameters_;
  DeflatePool pool_;
  MessageDeflate deflate_;
  std::string stream_;
  Strings events_;
};

struct Cut {
  DeflateMemory memory;
  Delivery delivery;
  std::size_t most;  // bytes of a segment
};

reference::Transcript read(Sender& sender, const std::string& stream, const Cut& cut) {
  DeflatePool pool;
  Connection connection(
      sender.receiver(), kLimits,
      std::make_unique<MessageDeflate>(sender.receiver(), sender.parameters(), pool, cut.memory),
      cut.delivery);
  reference::Transcript transcript;
  Buffer output;
  for (std::string_view rest = stream; !rest.empty();) {
    const std::size_t size = std::min(rest.size(), 1 + sender.below(cut.most));
    feed_segment(connection, rest.substr(0, size), output, transcript);
    rest.remove_prefix(size);
  }
  return transcript;
}

// The parts of messages put together.
Strings joined(const Strings& events) {
  Strings whole;
  std::string message;
  for (const std::string& event : events) {
    const std::size_t part = event.find(" part:");
    if (part == std::string::npos) {
      whole.push_back(event);
      continue;
    }
    if (message.empty()) message = event.substr(0, part) + ':';
    const std::string_view data = std::string_view(event).substr(part + 6);
    const bool last = data.ends_with('.');
    message.append(data.substr(0, data.size() - (last ? 1 : 0)));
    if (!last) continue;
    whole.push_back(message);
    message.clear();
  }
  return whole;
}

constexpr std::size_t kWhole = 1U << 20;

TEST(WsDeflateStream, IsReadAsItWasMeantHoweverItIsCut) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    Sender sender(seed);
    for (const DeflateMemory memory : {DeflateMemory::kWindow, DeflateMemory::kDedicated}) {
      for (const std::size_t most : {kWhole, std::size_t{50}, std::size_t{1}}) {
        const auto whole = read(sender, sender.stream(), {memory, Delivery::kWhole, most});
        EXPECT_EQ(whole.error, std::nullopt);
        ASSERT_EQ(whole.events, sender.events()) << "seed " << seed;
        const auto parts = read(sender, sender.stream(), {memory, Delivery::kStream, most});
        EXPECT_EQ(parts.error, std::nullopt);
        ASSERT_EQ(joined(parts.events), sender.events()) << "seed " << seed;
      }
    }
  }
}

TEST(WsDeflateStream, SaysTheSameOfADamagedStreamHoweverItIsCut) {
  int refused = 0;
  for (unsigned seed = 0; seed < 800; ++seed) {
    Sender sender(seed);
    const std::string stream = sender.damaged();
    const auto whole = read(sender, stream, {DeflateMemory::kWindow, Delivery::kWhole, kWhole});
    refused += whole.error ? 1 : 0;
    for (const std::size_t most : {std::size_t{50}, std::size_t{1}}) {
      ASSERT_EQ(read(sender, stream, {DeflateMemory::kWindow, Delivery::kWhole, most}), whole)
          << "seed " << seed;
    }
  }
  EXPECT_GT(refused, 200);
}

}  // namespace
}  // namespace heliograph::ws
