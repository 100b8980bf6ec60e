// A script of what may happen to a connection, against bytes of a hostile server. Every accepted
// command comes back once and in its order, or was cancelled; nothing that was not accepted does.
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include "base/reader.hpp"
#include "resp/connection.hpp"

namespace {

using namespace heliograph;
using resp::Event;

class Script {
 public:
  explicit Script(Bytes bytes) : reader_(bytes) {}

  void run() {
    while (reader_.ok() && !reader_.empty()) step();
    connection_.lost(now_);
    drain();
    now_ += 1'000'000;
    act_on_timer();
    act_on_timer();
    connection_.lost(now_);
    drain();
    if (!outstanding_.empty() || connection_.queued_bytes() != 0) std::abort();
  }

 private:
  void step() {
    switch (reader_.u8() % 8) {
      case 0:
        act_on_timer();
        break;
      case 1:
        connection_.opened(now_, output_);
        break;
      case 2:
        command("GET");
        break;
      case 3:
        command("SET");
        break;
      case 4:
        receive(reader_.vector8());
        break;
      case 5:
        now_ += 10 * reader_.u8();
        break;
      case 6:
        if (!outstanding_.empty()) cancel(*outstanding_.begin());
        break;
      case 7:
        connection_.lost(now_);
        break;
    }
    output_.clear();
    drain();
  }

  void act_on_timer() { connection_.on_timer(now_, output_); }

  void command(std::string_view name) {
    const resp::Token token = next_++;
    if (connection_.command({name, "k"}, token, now_, output_)) outstanding_.insert(token);
  }

  void cancel(resp::Token token) {
    connection_.cancel(token);
    outstanding_.erase(token);
  }

  void receive(Bytes bytes) {
    std::vector<std::uint8_t> piece(bytes.begin(), bytes.end());
    MutableBytes input = piece;
    while (true) {
      const auto event = connection_.receive(input, now_, output_);
      if (!event || event->kind == Event::Kind::kRefused) {
        if (connection_.ready()) std::abort();
        return;
      }
      if (event->kind == Event::Kind::kNeedMore) break;
      if (event->kind != Event::Kind::kReply) continue;
      // Tokens ascend in the order of the commands, and so do those that are sent again.
      if (outstanding_.empty() || *outstanding_.begin() != event->token) std::abort();
      outstanding_.erase(event->token);
      to_text(event->reply);
    }
    if (!input.empty()) std::abort();
  }

  void drain() {
    while (const auto failure = connection_.next_failure()) {
      if (outstanding_.erase(failure->token) != 1) std::abort();
    }
    if (connection_.queued_commands() > 4096) std::abort();
  }

  Reader reader_;
  resp::Connection connection_{{.password = "p", .database = 1}, 1};
  Buffer output_;
  Milliseconds now_ = 0;
  resp::Token next_ = 0;
  std::set<resp::Token> outstanding_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script({data, size}).run();
  return 0;
}
