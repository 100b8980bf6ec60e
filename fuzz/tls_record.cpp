// Any bytes as a stream of records with handshake messages in them: whole and in pieces, the same
// records, the same messages and the same error come out.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include "tls/handshake_message.hpp"
#include "tls/record.hpp"

namespace {

using namespace heliograph;
using Octets = std::vector<std::uint8_t>;

struct Seen {
  std::vector<Octets> records;
  std::vector<Octets> messages;
  std::optional<tls::Error> error;
  bool operator==(const Seen&) const = default;
};

std::optional<std::size_t> limit(tls::HandshakeType type) {
  if (type == tls::HandshakeType::kMessageHash) return std::nullopt;
  return 5000;
}

class Stream {
 public:
  void feed(MutableBytes input) {
    while (!seen.error) {
      const auto record = records_.next(input, tls::kMaxPlaintext);
      if (!record) {
        seen.error = record.error();
      } else if (*record) {
        seen.records.emplace_back((*record)->payload.begin(), (*record)->payload.end());
        if ((*record)->type == tls::ContentType::kHandshake) read_messages((*record)->payload);
      } else {
        return;
      }
    }
  }

  Seen seen;

 private:
  void read_messages(MutableBytes content) {
    messages_.feed(content);
    while (!seen.error) {
      const auto message = messages_.next(limit);
      if (!message) {
        seen.error = message.error();
      } else if (*message) {
        seen.messages.emplace_back((*message)->encoded.begin(), (*message)->encoded.end());
      } else {
        return;
      }
    }
  }

  tls::RecordReader records_;
  tls::HandshakeReader messages_;
};

Seen read(Bytes bytes, std::size_t piece) {
  Stream stream;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const Bytes part = bytes.subspan(at, std::min(piece, bytes.size() - at));
    Octets copy(part.begin(), part.end());
    stream.feed(copy);
  }
  return stream.seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = data[0] % 64U + 1;
  const Bytes bytes = Bytes(data, size).subspan(1);
  if (read(bytes, bytes.size() + 1) != read(bytes, piece)) std::abort();
  return 0;
}
