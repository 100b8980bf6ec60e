#include "tests/resp/test_client.hpp"

#include <algorithm>
#include <stdexcept>

#include <poll.h>

namespace heliograph::testing {

namespace {

resp::Url parse(const std::string& text) {
  auto url = resp::parse_url(text);
  if (!url) throw std::runtime_error(text + ": " + std::string(describe(url.error())));
  return *std::move(url);
}

}  // namespace

Milliseconds steady_now() {
  const auto time = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<Milliseconds>(
      std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

std::string to_line(const resp::ClientEvent& event) {
  using Kind = resp::ClientEvent::Kind;
  const std::string token = std::to_string(event.token);
  const std::string text(event.text);
  const std::string channel(event.channel);
  switch (event.kind) {
    case Kind::kUp:
      return "up " + text;
    case Kind::kDown:
      return "down: " + text;
    case Kind::kReply:
      return token + " " + to_text(event.reply);
    case Kind::kFailed:
      return "failed " + token + ": " + std::string(describe(event.failure)) +
             (event.may_have_run ? ", may have run" : "");
    case Kind::kMessage:
      return "message " + channel + " " + text;
    case Kind::kSubscribed:
      return "subscribed " + channel;
    case Kind::kRefused:
      return "refused " + channel + ": " + text;
  }
  return "?";
}

TestClient::TestClient(const std::string& url, const resp::ClientOptions& options,
                       std::uint64_t seed)
    : client_(parse(url), options, seed) {}

bool TestClient::has_line(const std::string& line) const {
  return std::ranges::find(lines_, line) != lines_.end();
}

std::string TestClient::ask(const resp::Command& asked) {
  const resp::Token token = next_token_++;
  const std::string number = std::to_string(token);
  if (!command(asked, token)) return "not accepted";
  std::string answer;
  run_until([&] {
    const auto line = std::ranges::find_if(
        lines_, [&](const std::string& text) { return text.contains(number); });
    if (line == lines_.end()) return false;
    answer = *line;
    lines_.erase(line);
    return true;
  });
  if (answer.starts_with(number + " ")) return answer.substr(number.size() + 1);
  return answer;
}

void TestClient::turn(std::chrono::milliseconds timeout) {
  if (steady_now() >= client_.deadline()) client_.on_timer(steady_now());
  drain();
  std::vector<pollfd> polled;
  std::vector<resp::LinkId> links;
  for (resp::LinkId link = 0; link < transports_.size(); ++link) {
    if (!transports_[link].socket) continue;
    const bool writes = !client_.output(link).empty();
    polled.push_back({.fd = transports_[link].socket->descriptor(),
                      .events = static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN),
                      .revents = 0});
    links.push_back(link);
  }
  const Milliseconds now = steady_now();
  const Milliseconds deadline = std::max(client_.deadline(), now);
  const auto wait = std::min(static_cast<Milliseconds>(timeout.count()), deadline - now);
  ::poll(polled.data(), polled.size(), static_cast<int>(wait));
  for (std::size_t i = 0; i < links.size(); ++i) {
    if ((polled[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) read(links[i]);
  }
  drain();
}

void TestClient::read(resp::LinkId link) {
  Transport& transport = transports_[link];
  if (!transport.socket) return;
  const bool open = transport.socket->receive(transport.received, std::chrono::milliseconds(0));
  MutableBytes input = transport.received.mutable_bytes();
  while (const auto event = client_.receive(link, input, steady_now())) {
    lines_.push_back(to_line(*event));
  }
  transport.received.clear();
  if (open) return;
  transport.socket.reset();
  client_.lost(link, steady_now());
}

void TestClient::drain() {
  while (const auto event = client_.next_event()) lines_.push_back(to_line(*event));
  while (const auto wish = client_.next_wish()) grant(*wish);
  for (resp::LinkId link = 0; link < transports_.size(); ++link) {
    if (!transports_[link].socket) continue;
    if (transports_[link].socket->send_some(client_.output(link))) continue;
    // A server may have said why before it closed.
    client_.output(link).clear();
    while (transports_[link].socket) read(link);
  }
  while (const auto event = client_.next_event()) lines_.push_back(to_line(*event));
}

void TestClient::grant(const resp::Wish& wish) {
  if (transports_.size() <= wish.link) transports_.resize(wish.link + 1);
  Transport& transport = transports_[wish.link];
  transport.socket.reset();
  transport.received.clear();
  if (wish.kind == resp::Wish::Kind::kClose) return;
  const resp::Target& target = client_.target(wish.link);
  transport.socket = target.path.empty() ? TestSocket::connect(target.address.port)
                                         : TestSocket::connect(target.path);
  if (transport.socket) {
    client_.opened(wish.link, steady_now());
  } else {
    client_.lost(wish.link, steady_now());
  }
}

}  // namespace heliograph::testing
