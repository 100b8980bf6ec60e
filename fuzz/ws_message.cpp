// Messages with permessage-deflate, in both roles, whole and in parts: however the stream is cut
// and wherever the windows are kept, the same comes out, with the same error; no message is beyond
// its limit, and every text is UTF-8.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/buffer.hpp"
#include "require.hpp"
#include "ws/connection.hpp"
#include "ws/deflate.hpp"
#include "ws/utf8.hpp"

namespace heliograph::ws {
namespace {

constexpr Limits kLimits = {.max_message = 1000, .max_frames_per_message = 8};

struct Setting {
  Role role;
  DeflateParameters parameters;
  DeflateMemory memory;
  Delivery delivery;
  std::size_t segment_size;
};

// Messages are put together from their parts. Pongs are left out of the comparison of deliveries:
// the part of a message that came before them may be empty.
struct Outcome {
  std::vector<std::string> messages;
  std::vector<std::string> others;
  std::optional<Error> error;
  bool close_received = false;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

class Reader {
 public:
  explicit Reader(const Setting& setting)
      : setting_(setting),
        connection_(setting.role, kLimits,
                    std::make_unique<MessageDeflate>(setting.role, setting.parameters, pool_,
                                                     setting.memory),
                    setting.delivery) {}

  Outcome read(Bytes bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += setting_.segment_size) {
      Buffer segment;
      segment.append(bytes.subspan(at, std::min(setting_.segment_size, bytes.size() - at)));
      MutableBytes input = segment.mutable_bytes();
      while (take_event(input)) {
      }
      require(input.empty());
    }
    outcome_.close_received = connection_.close_received();
    require(!outcome_.error || (connection_.expects_tcp_close() && connection_.close_sent()));
    return outcome_;
  }

 private:
  bool take_event(MutableBytes& input) {
    const auto event = connection_.receive(input, output_);
    if (!event) {
      outcome_.error = event.error();
      return false;
    }
    switch (event->kind) {
      case Event::Kind::kNeedMore:
        return false;
      case Event::Kind::kMessage:
      case Event::Kind::kPart:
        add(*event);
        return true;
      case Event::Kind::kPong:
      case Event::Kind::kClose:
        outcome_.others.emplace_back(as_text(event->data));
        return true;
    }
    return false;
  }

  void add(const Event& event) {
    require(setting_.delivery == Delivery::kStream || event.last);
    message_.append(as_text(event.data));
    require(message_.size() <= kLimits.max_message);
    if (!event.last) return;
    require(event.opcode == Opcode::kBinary || is_utf8(as_bytes(message_)));
    outcome_.messages.push_back(message_);
    message_.clear();
  }

  Setting setting_;
  DeflatePool pool_;
  Connection connection_;
  Buffer output_;
  Outcome outcome_;
  std::string message_;
};

void check(Bytes bytes, std::uint8_t flags, std::size_t segment_size) {
  const Role role = (flags & 1) != 0 ? Role::kServer : Role::kClient;
  const DeflateParameters parameters{.server_no_context_takeover = (flags & 2) != 0,
                                     .client_no_context_takeover = (flags & 4) != 0};
  const Outcome whole =
      Reader({role, parameters, DeflateMemory::kWindow, Delivery::kWhole, bytes.size()})
          .read(bytes);
  for (const DeflateMemory memory : {DeflateMemory::kWindow, DeflateMemory::kDedicated}) {
    for (const Delivery delivery : {Delivery::kWhole, Delivery::kStream}) {
      for (const std::size_t size : {segment_size, std::size_t{1}}) {
        require(Reader({role, parameters, memory, delivery, size}).read(bytes) == whole);
      }
    }
  }
}

}  // namespace
}  // namespace heliograph::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  heliograph::ws::check({data + 2, size - 2}, data[0], data[1] % 64U + 1);
  return 0;
}
