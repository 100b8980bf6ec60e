#include "server/channel.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "server/site.hpp"
#include "ws/handshake.hpp"

namespace heliograph::server {

namespace {

using Kind = Channel::Event::Kind;

// More pieces than a signaling message is ever made of.
constexpr std::size_t kMaxPieces = 15;

}  // namespace

Channel::Channel(const ChannelOptions& options, std::shared_ptr<const tls::ServerConfig> tls,
                 Milliseconds now, std::int64_t wall_clock)
    : options_(&options),
      tls_(std::move(tls), wall_clock),
      ws_(ws::Role::kServer, options.limits),
      heard_at_(now),
      deadline_(now + kOpeningDeadline) {}

Channel::Event Channel::receive(MutableBytes& input, Buffer& output, Buffer& scratch,
                                Milliseconds now) {
  heard_at_ = now;
  while (state_ != State::kFinished) {
    if (!plaintext_.empty()) {
      const Event event = on_plaintext(output, scratch, now);
      if (event.kind != Kind::kNeedMore) return event;
      continue;
    }
    const auto event = tls_.receive(input, output);
    if (!event) {
      if (event.error() == tls::Error::kHttpRequest) {
        append_refusal(400, "this port speaks HTTPS: use https:// or wss://", output);
      }
      return finish(tls::describe(event.error()), output);
    }
    switch (event->kind) {
      case tls::Event::Kind::kNeedMore:
        return {};
      case tls::Event::Kind::kHandshakeComplete:
        state_ = State::kHttp;
        http_ = std::make_unique<http::RequestParser>();
        break;
      case tls::Event::Kind::kData:
        plaintext_ = event->data;
        break;
      case tls::Event::Kind::kEarlyData:
      case tls::Event::Kind::kSession:
        break;  // never offered, and not for servers
      case tls::Event::Kind::kCloseNotify:
        return finish("closed by the client", output);
    }
  }
  input = {};
  return {};
}

Channel::Event Channel::receive_eof(Buffer& output) {
  if (state_ == State::kFinished) return {};
  return finish(
      tls_.receive_eof() == tls::EndOfInput::kClean ? "closed by the client" : "connection lost",
      output);
}

Channel::Event Channel::on_plaintext(Buffer& output, Buffer& scratch, Milliseconds now) {
  if (http_) return on_request_bytes(output, scratch, now);
  return on_frame_bytes(output, scratch);
}

Channel::Event Channel::on_request_bytes(Buffer& output, Buffer& scratch, Milliseconds now) {
  const auto head = http_->receive(plaintext_);
  if (!head) {
    append_refusal(http::status_for(head.error()), http::describe(head.error()), scratch);
    seal(scratch, output);
    return finish(http::describe(head.error()), output);
  }
  return *head ? on_request(**head, output, scratch, now) : Event{};
}

Channel::Event Channel::on_request(const http::RequestHead& request, Buffer& output,
                                   Buffer& scratch, Milliseconds now) {
  if (!ws::is_upgrade_request(request)) {
    const AfterResponse after = answer_request(request, options_->demo, scratch);
    seal(scratch, output);
    if (after == AfterResponse::kClose || output.size() > kMaxWaitingResponses) {
      return finish("request answered", output);
    }
    deadline_ = now + kOpeningDeadline;
    return {};
  }
  const auto upgrade = ws::check_upgrade(request, options_->origin);
  if (!upgrade) {
    ws::append_refusal(upgrade.error(), scratch);
    seal(scratch, output);
    return finish(ws::describe(upgrade.error()), output);
  }
  if (!ws::append_switching_protocols(*upgrade, {}, scratch)) return finish("bad response", output);
  seal(scratch, output);
  http_.reset();
  state_ = State::kOpen;
  deadline_ = kNever;
  ping_at_ = now + options_->ping_interval;
  return {.kind = Kind::kOpened, .data = {}, .reason = {}};
}

Channel::Event Channel::on_frame_bytes(Buffer& output, Buffer& scratch) {
  const auto event = ws_.receive(plaintext_, scratch);
  seal(scratch, output);
  if (!event) return finish(ws::describe(event.error()), output);
  switch (event->kind) {
    case ws::Event::Kind::kNeedMore:
    case ws::Event::Kind::kPart:
    case ws::Event::Kind::kPong:
      return {};
    case ws::Event::Kind::kMessage:
      if (state_ != State::kOpen) return {};
      return {.kind = Kind::kMessage, .data = event->data, .reason = {}};
    case ws::Event::Kind::kClose:
      return finish("closed by the client", output);
  }
  return {};
}

Channel::Event Channel::finish(std::string_view reason, Buffer& output) {
  tls_.close(output);
  state_ = State::kFinished;
  http_.reset();
  plaintext_ = {};
  deadline_ = ping_at_ = kNever;
  return {.kind = Kind::kFinished, .data = {}, .reason = reason};
}

void Channel::seal(Buffer& plaintext, Buffer& output) {
  if (plaintext.empty()) return;
  const Bytes piece = plaintext.bytes();
  tls_.send({&piece, 1}, output);
  plaintext.clear();
}

void Channel::send_text(std::span<const std::string_view> pieces, Buffer& output) {
  if (state_ != State::kOpen || pieces.size() > kMaxPieces) return;
  std::uint64_t size = 0;
  std::array<Bytes, kMaxPieces + 1> gathered;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    size += pieces[i].size();
    gathered[i + 1] = as_bytes(pieces[i]);
  }
  const ws::FrameHeader header = ws::Connection::message_header(ws::Opcode::kText, size);
  gathered[0] = header.view();
  tls_.send(std::span(gathered).first(pieces.size() + 1), output);
}

Channel::Event Channel::close(ws::CloseCode code, std::string_view reason, Buffer& output,
                              Buffer& scratch, Milliseconds now) {
  if (state_ == State::kClosing || state_ == State::kFinished) return {};
  if (state_ != State::kOpen) return finish("closed before it was open", output);
  ws_.close(code, reason, scratch);
  seal(scratch, output);
  state_ = State::kClosing;
  deadline_ = now + kCloseWait;
  ping_at_ = kNever;
  return {};
}

Milliseconds Channel::deadline() const {
  if (state_ != State::kOpen) return deadline_;
  return std::min(ping_at_, heard_at_ + options_->idle_timeout);
}

Channel::Event Channel::on_timer(Buffer& output, Buffer& scratch, Milliseconds now) {
  if (state_ != State::kOpen) {
    if (now < deadline_) return {};
    return finish(state_ == State::kClosing ? "the client did not close in time"
                                            : "the client did not open in time",
                  output);
  }
  if (now >= heard_at_ + options_->idle_timeout) return finish("the client fell silent", output);
  if (now >= ping_at_) {
    ping_at_ = now + options_->ping_interval;
    ws_.ping({}, scratch);
    seal(scratch, output);
  }
  return {};
}

}  // namespace heliograph::server
