// A script of what may happen to a client, against bytes of hostile servers: a single one, one that
// Sentinels watch, or a Cluster. Every accepted command comes back once, or was cancelled.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/reader.hpp"
#include "resp/client.hpp"

namespace {

using namespace heliograph;
using resp::ChannelKind;
using resp::ClientEvent;
using resp::Command;
using resp::LinkId;

constexpr std::array<std::string_view, 4> kUrls = {"redis://:p@h/1", "unix:/s",
                                                   "redis-sentinel://s,t/m", "redis-cluster://c,d"};
constexpr std::array<std::string_view, 4> kKeys = {"a", "b", "{a}c", "}"};
constexpr resp::Script kScript = {
    .source = "return 1", .digest = "0123456789012345678901234567890123456789", .idempotent = true};

resp::ClientOptions options(std::uint8_t choice) {
  resp::ClientOptions options;
  options.queue_commands = 64;
  if (choice % 2 == 1) options.probe_channel = "p";
  return options;
}

class Session {
 public:
  explicit Session(Bytes bytes)
      : reader_(bytes),
        client_(*resp::parse_url(kUrls[reader_.u8() % kUrls.size()]), options(reader_.u8()), 1) {}

  void run() {
    while (reader_.ok() && !reader_.empty()) step();
    now_ += 1'000'000;
    client_.on_timer(now_);
    drain();
    if (!outstanding_.empty()) std::abort();
  }

 private:
  void step() {
    const std::uint8_t choice = reader_.u8();
    switch (choice % 12) {
      case 0:
        client_.on_timer(now_);
        break;
      case 1:
        now_ = std::max(now_, std::min(client_.deadline(), now_ + 10'000));
        client_.on_timer(now_);
        break;
      case 2:
        now_ += reader_.u8();
        break;
      case 3:
      case 4:
        command(choice / 12);
        break;
      case 5:
      case 6:
      case 7:
        if (client_.links() > 0) receive(reader_.u8() % client_.links());
        break;
      case 8:
        if (client_.links() > 0) lose(reader_.u8() % client_.links());
        break;
      case 9:
        if (!client_.subscribe(kind(choice), key(), now_)) std::abort();
        break;
      case 10:
        client_.unsubscribe(kind(choice), key(), now_);
        break;
      case 11:
        if (!outstanding_.empty()) cancel(*outstanding_.begin());
        break;
    }
    drain();
  }

  static ChannelKind kind(std::uint8_t choice) {
    return choice / 12 % 2 == 0 ? ChannelKind::kPlain : ChannelKind::kShard;
  }
  std::string_view key() { return kKeys[reader_.u8() % kKeys.size()]; }

  void command(int which) {
    const std::string_view name = key();
    const std::array<std::string_view, 1> keys = {name};
    const std::array<std::string_view, 2> other = {"INFO", name};
    const std::array<Command, 8> commands = {
        Command::get(name),  Command::set(name, "v"), Command::run(kScript, keys, keys),
        Command::incr(name), Command::ping(),         Command::publish(name, "m"),
        Command::del(keys),  Command::other(other)};
    const resp::Token token = next_++;
    if (client_.command(commands[static_cast<std::size_t>(which) % commands.size()], token, now_)) {
      outstanding_.insert(token);
    }
  }

  void cancel(resp::Token token) {
    client_.cancel(token);
    outstanding_.erase(token);
  }

  void receive(LinkId link) {
    const Bytes bytes = reader_.vector8();
    std::vector<std::uint8_t> piece(bytes.begin(), bytes.end());
    MutableBytes input = piece;
    while (const auto event = client_.receive(link, input, now_)) take(*event);
    if (!input.empty()) std::abort();
  }

  void lose(LinkId link) {
    connected_.erase(link);
    client_.lost(link, now_);
  }

  void take(const ClientEvent& event) {
    const bool answers =
        event.kind == ClientEvent::Kind::kReply || event.kind == ClientEvent::Kind::kFailed;
    if (answers && outstanding_.erase(event.token) != 1) std::abort();
    if (event.kind == ClientEvent::Kind::kReply) to_text(event.reply);
    // What is viewed can be read.
    text_.assign(event.text).append(event.channel);
  }

  void drain() {
    do {
      while (const auto event = client_.next_event()) take(*event);
      const auto wish = client_.next_wish();
      if (!wish) break;
      if (wish->kind == resp::Wish::Kind::kClose) {
        if (connected_.erase(wish->link) != 1) std::abort();
      } else {
        if (!connected_.insert(wish->link).second) std::abort();
        client_.opened(wish->link, now_);
      }
    } while (true);
    for (LinkId link = 0; link < client_.links(); ++link) {
      if (!client_.output(link).empty() && !connected_.contains(link)) std::abort();
      client_.output(link).clear();
    }
    if (client_.queued_commands() > 64 + 300) std::abort();
  }

  Reader reader_;
  resp::Client client_;
  Milliseconds now_ = 1000;
  resp::Token next_ = 0;
  std::set<resp::Token> outstanding_;
  std::set<LinkId> connected_;
  std::string text_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Session({data, size}).run();
  return 0;
}
