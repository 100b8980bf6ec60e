#include "app/tls_client.hpp"

#include <algorithm>
#include <utility>

#include <unistd.h>

#include "app/exit_status.hpp"
#include "net/clock.hpp"
#include "net/connector.hpp"
#include "net/socket.hpp"

namespace heliograph::app {

namespace {

constexpr Milliseconds kConnectTimeout = 10'000;
constexpr Milliseconds kAnswerTimeout = 30'000;

constexpr net::PollToken kSocket = 0;
constexpr net::PollToken kStandardInput = 1;

net::FileDescriptor connect(const ServerUrl& url) {
  auto socket = net::connect_to(url.host, url.port, kConnectTimeout);
  if (socket) return std::move(*socket);
  const bool unknown = socket.error().error == net::ConnectError::kNoHost;
  throw Failure(unknown ? EX_NOHOST : EX_UNAVAILABLE, socket.error().text);
}

// The server's certificate is sound, but not to be believed.
bool is_disbelief(tls::Error error) {
  return error >= tls::Error::kCertificateKeyUsage && error <= tls::Error::kCertificateRefused;
}

}  // namespace

TlsClient::TlsClient(const ServerUrl& url, const tls::ServerName& name,
                     std::shared_ptr<const tls::ClientConfig> config)
    : where_(url.authority),
      socket_(connect(url)),
      machine_(std::move(config), name, net::wall_clock_now()) {
  if (!poller_.add(socket_.get(), kSocket, {.readable = true})) {
    fail(EX_OSERR, "the connection cannot be watched");
  }
  machine_.start(output_);
  while (!machine_.established()) {
    if (!next_event()) exchange(Typing::kIgnored);
  }
}

// Nothing: more input is needed.
std::optional<tls::Event> TlsClient::next_event() {
  const auto event = machine_.receive(input_, output_);
  if (!event) fail(event.error());
  if (event->kind == tls::Event::Kind::kNeedMore) return std::nullopt;
  return *event;
}

Incoming TlsClient::wait(Typing typing) {
  for (;;) {
    const auto event = next_event();
    if (!event) {
      if (const auto typed = exchange(typing)) return *typed;
    } else if (event->kind == tls::Event::Kind::kData) {
      return {Incoming::Kind::kData, event->data};
    } else if (event->kind == tls::Event::Kind::kCloseNotify) {
      close();
      return {Incoming::Kind::kClosed, {}};
    }
  }
}

void TlsClient::close() {
  machine_.close(output_);
  write_output();
}

// Waits until something can be done, and does it. What was typed waits until everything typed
// before has left: a server that does not read would let it pile up.
std::optional<Incoming> TlsClient::exchange(Typing typing) {
  write_output();
  const bool listening = typing == Typing::kAwaited && output_.empty() && !typed_ended_;
  watch_typed(listening);
  const net::Interest interest = {.readable = true, .writable = !output_.empty()};
  if (!poller_.modify(socket_.get(), kSocket, interest)) {
    fail(EX_OSERR, "the connection cannot be watched");
  }
  const bool file_ready = listening && typed_is_file_;
  const Milliseconds patience = typing == Typing::kAwaited ? kNever : kAnswerTimeout;
  const auto ready = poller_.wait(file_ready ? 0 : patience);
  if (ready.empty() && !file_ready) fail(EX_UNAVAILABLE, "it does not answer");
  bool typed = file_ready;
  for (const net::Ready& one : ready) {
    if (one.token == kStandardInput) typed = true;
    if (one.token == kSocket && one.readable) read_input();
  }
  return typed ? std::optional(read_typed()) : std::nullopt;
}

void TlsClient::write_output() {
  while (!output_.empty()) {
    const auto sent = net::send(socket_.get(), output_.bytes());
    if (!sent) {
      // Whether the server is gone, and why, is what reading will say.
      if (sent.error() != net::IoError::kWouldBlock) output_.clear();
      return;
    }
    output_.consume(*sent);
  }
}

void TlsClient::read_input() {
  const auto count = net::receive(socket_.get(), block_);
  if (count) {
    input_ = MutableBytes(block_).first(*count);
  } else if (count.error() != net::IoError::kWouldBlock) {
    fail(EX_PROTOCOL, machine_.receive_eof() == tls::EndOfInput::kDuringHandshake
                          ? "it hung up in the middle of the handshake"
                          : "it hung up without close_notify: its last words may be missing");
  }
}

Incoming TlsClient::read_typed() {
  const ssize_t count = ::read(STDIN_FILENO, typed_.data(), typed_.size());
  typed_ended_ = count <= 0;
  const auto size = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  return {Incoming::Kind::kTyped, MutableBytes(typed_).first(size)};
}

void TlsClient::watch_typed(bool watched) {
  if (watched == typed_watched_) return;
  typed_watched_ = watched;
  if (!watched) {
    poller_.remove(STDIN_FILENO);
  } else if (!poller_.add(STDIN_FILENO, kStandardInput, {.readable = true})) {
    typed_is_file_ = true;
  }
}

void TlsClient::fail(int status, std::string_view reason) const {
  throw Failure(status, where_ + ": " + std::string(reason));
}

void TlsClient::fail(tls::Error error) {
  write_output();
  std::string reason(tls::describe(error));
  if (const auto alert = machine_.peer_alert()) reason.append(": ").append(tls::name(*alert));
  if (error == tls::Error::kCertificateUnknownIssuer) {
    reason += "; --ca FILE names one to be trusted";
  }
  fail(is_disbelief(error) ? EX_NOPERM : EX_PROTOCOL, reason);
}

}  // namespace heliograph::app
