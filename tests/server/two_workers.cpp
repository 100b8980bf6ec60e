#include "tests/server/two_workers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/buffer.hpp"
#include "net/socket.hpp"

namespace heliograph::server::test {
namespace {

using ::testing::HasSubstr;

constexpr std::array kNames = {"alice", "bob", "carol", "dave", "erin", "frank"};
// The password is "password".
constexpr std::string_view kHash =
    "$pbkdf2-sha256$i=1$c2FsdHNhbHQ$O+xIxXdlOv3CQzuTp9jujq55iV7ZO/Yn6XZ0x/Rfikw";

}  // namespace

TwoWorkers::TwoWorkers(const Run& run) {
  signal::UsersFile users;
  for (const char* name : kNames) users.set(name, kHash);
  options_.users = std::make_shared<signal::UsersFile>(std::move(users));
  node_.options = &options_;
  node_.settings = std::make_shared<Reloadable>(options_);
  node_.pool = std::make_unique<WorkPool>(1, 64);
  node_.serving = kCount;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    node_.mailboxes.push_back(std::make_unique<Worker::Mailbox>());
  }
  for (std::uint32_t i = 0; i < kCount; ++i) {
    auto listeners = net::listen(net::resolve("127.0.0.1", 0).value(), 1);
    endpoints_.push_back(listeners.front().local());
    workers_.push_back(std::make_unique<Worker>(i, node_, std::move(listeners.front())));
    threads_.emplace_back([run, i, worker = workers_.back().get()] { run(i, *worker); });
  }
}

TwoWorkers::~TwoWorkers() {
  for (std::uint32_t i = 0; i < kCount; ++i) post(i, Stop{});
}

void TwoWorkers::post(std::uint32_t worker, Letter letter) {
  node_.mailboxes[worker]->post(std::move(letter));
}

std::size_t TwoWorkers::throttled() {
  return node_.throttle.with([](const signal::Throttle& throttle) { return throttle.size(); });
}

std::vector<std::string> TwoWorkers::names_of(std::uint32_t worker) {
  std::vector<std::string> names;
  for (const char* name : kNames) {
    if (signal::home_worker(name, kCount) == worker) names.emplace_back(name);
  }
  return names;
}

WorkerClient::WorkerClient(const net::Endpoint& server) : socket_(net::connect(server).value()) {
  EXPECT_TRUE(poller_.add(socket_.get(), 0, {.readable = true}));
  send(
      "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Protocol: heliograph.v1\r\n\r\n");
  std::string head;
  while (!head.ends_with("\r\n\r\n") && more()) head += as_text(take_front(input_, 1));
  EXPECT_THAT(head, HasSubstr("101 Switching"));
}

void WorkerClient::say(std::string_view message) {
  Buffer output;
  ws_.send(ws::Opcode::kText, as_bytes(message), output);
  send(output.text());
}

std::string WorkerClient::hear() {
  while (more()) {
    Buffer output;
    const auto event = ws_.receive(input_, output);
    if (!event) return "malformed";
    send(output.text());
    if (event->kind == ws::Event::Kind::kMessage) return std::string(as_text(event->data));
    if (event->kind == ws::Event::Kind::kClose) {
      net::shutdown_send(socket_.get());
      return "closed by " + std::to_string(static_cast<int>(event->code));
    }
  }
  return "";
}

std::string WorkerClient::ask(std::string_view message) {
  say(message);
  return hear();
}

std::string WorkerClient::log_in(std::string_view name) {
  return ask(R"({"type":"login","name":")" + std::string(name) + R"(","password":"password"})");
}

void WorkerClient::send(std::string_view text) {
  EXPECT_TRUE(text.empty() || net::send(socket_.get(), as_bytes(text)) == text.size());
}

bool WorkerClient::more() {
  while (input_.empty()) {
    if (poller_.wait(TwoWorkers::kPatience).empty()) return false;
    const auto count = net::receive(socket_.get(), block_);
    if (!count && count.error() != net::IoError::kWouldBlock) return false;
    if (count) input_ = MutableBytes(block_).first(*count);
  }
  return true;
}

}  // namespace heliograph::server::test
