#include "server/channel.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "server/site.hpp"

namespace heliograph::server {

namespace {

using Kind = Channel::Event::Kind;

// TLS seals a message from where its pieces lie if it is this large: smaller ones are cheaper
// copied to where they share a record.
constexpr std::size_t kSharesNoRecord = 4 * 1024;
// So many pieces TLS takes with the frame's header: more than a signaling message is ever made of.
constexpr std::size_t kMaxPieces = tls::RecordSealer::kMaxPieces - 1;
// What waits to be sealed fills one record at the most.
constexpr std::size_t kMaxUnsealed = tls::kMaxPlaintext;

}  // namespace

Channel::Channel(ChannelContext& context, Milliseconds now, std::int64_t wall_clock)
    : context_(&context),
      options_(context.options),
      ws_(ws::Role::kServer, options_->limits),
      heartbeat_(options_->ping_interval, options_->idle_timeout, now),
      deadline_(now + (context.tls ? kHandshakeDeadline : kHeadDeadline)),
      state_(context.tls ? State::kHandshake : State::kHttp) {
  if (context.tls) {
    tls_.emplace(context.tls, wall_clock);
  } else {
    http_ = std::make_unique<http::RequestParser>();
  }
}

Channel::Event Channel::receive(MutableBytes& input, Buffer& output, Milliseconds now) {
  const Event event = receive_next(input, output, now);
  if (input.empty() && plaintext_.empty() && event.kind == Kind::kNeedMore) kept_.reset();
  return event;
}

Channel::Event Channel::receive_next(MutableBytes& input, Buffer& output, Milliseconds now) {
  while (state_ != State::kFinished) {
    if (state_ == State::kDeciding) return {};
    if (!plaintext_.empty()) {
      const Event event = on_plaintext(output, now);
      if (event.kind != Kind::kNeedMore) return event;
      continue;
    }
    if (input.empty()) return {};
    if (tls_) {
      const Event event = receive_tls(input, output, now);
      if (event.kind != Kind::kNeedMore) return event;
    } else {
      plaintext_ = std::exchange(input, {});
    }
  }
  input = {};
  return {};
}

Channel::Event Channel::receive_tls(MutableBytes& input, Buffer& output, Milliseconds now) {
  const auto event = tls_->receive(input, output);
  if (!event) {
    if (event.error() == tls::Error::kHttpRequest) {
      append_refusal(400, "this port speaks HTTPS: use https:// or wss://", output);
    }
    return finish(tls::describe(event.error()), output);
  }
  switch (event->kind) {
    case tls::Event::Kind::kNeedMore:
      break;
    case tls::Event::Kind::kHandshakeComplete:
      context_->metrics.tls_handshakes[handshake_kind(tls_->group(), tls_->resumed())].add();
      context_->metrics.tls_handshake_time.observe(now + kHandshakeDeadline - deadline_);
      state_ = State::kHttp;
      deadline_ = now + kHeadDeadline;
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
  return {};
}

Channel::Event Channel::receive_eof(Buffer& output) {
  if (state_ == State::kFinished) return {};
  const bool clean = tls_ && tls_->receive_eof() == tls::EndOfInput::kClean;
  return finish(clean ? "closed by the client" : "connection lost", output);
}

void Channel::keep(MutableBytes input) {
  if (plaintext_.empty() && input.empty()) return kept_.reset();
  if (kept_) {  // this is what is left of what was kept before
    kept_->input = input;
    return;
  }
  kept_ = std::make_unique<Kept>();
  kept_->bytes.append(plaintext_);
  kept_->bytes.append(input);
  plaintext_ = kept_->bytes.mutable_bytes().first(plaintext_.size());
  kept_->input = kept_->bytes.mutable_bytes().subspan(plaintext_.size());
}

Channel::Event Channel::on_plaintext(Buffer& output, Milliseconds now) {
  if (http_) return on_request_bytes(output, now);
  return on_frame_bytes(output, now);
}

Channel::Event Channel::on_request_bytes(Buffer& output, Milliseconds now) {
  const auto head = http_->receive(plaintext_);
  if (!head) {
    append_refusal(http::status_for(head.error()), http::describe(head.error()), plain(output));
    return finish(http::describe(head.error()), output);
  }
  return *head ? on_request(**head, output, now) : Event{};
}

Channel::Event Channel::on_request(const http::RequestHead& request, Buffer& output,
                                   Milliseconds now) {
  if (ws::is_upgrade_request(request)) return ask(request, output, now);
  const AfterResponse after = answer_request(request, context_->options->demo, plain(output));
  const std::size_t waiting = output.size() + unsealed_.size();
  if (after == AfterResponse::kClose || waiting > kMaxWaitingResponses) {
    return finish("request answered", output);
  }
  deadline_ = now + kHeadDeadline;
  return {};
}

Channel::Event Channel::ask(const http::RequestHead& request, Buffer& output, Milliseconds now) {
  const auto upgrade = ws::check_upgrade(request, context_->options->origin);
  if (!upgrade) {
    ws::append_refusal(upgrade.error(), plain(output));
    return finish(ws::describe(upgrade.error()), output);
  }
  state_ = State::kDeciding;
  deadline_ = now + kHeadDeadline;
  context_->upgrade = *upgrade;
  upgrade_ = std::make_unique<ws::PendingUpgrade>(*upgrade);
  return {.kind = Kind::kUpgrade, .upgrade = &context_->upgrade};
}

bool Channel::accept(std::string_view subprotocol, std::span<const http::Field> fields,
                     Buffer& output, Milliseconds now) {
  if (state_ != State::kDeciding) return false;
  const std::shared_ptr<const ChannelOptions> chosen = context_->options;
  const ChannelOptions& options = *chosen;
  const ws::DeflateOptions deflate = {.pool = &context_->deflate,
                                      .budget = options.deflate_budget.get()};
  auto accepted = upgrade_->accept({.subprotocol = subprotocol,
                                    .deflate = options.deflate_budget ? &deflate : nullptr,
                                    .fields = fields},
                                   plain(output));
  if (!accepted) return false;
  ws_ = ws::Connection(ws::Role::kServer, options.limits, std::move(accepted->deflate));
  options_ = chosen;
  upgrade_.reset();
  http_.reset();
  state_ = State::kOpen;
  deadline_ = kNever;
  heartbeat_ = ws::Heartbeat(options.ping_interval, options.idle_timeout, now);
  return true;
}

bool Channel::reject(const ws::Rejection& rejection, Buffer& output) {
  if (state_ != State::kDeciding) return false;
  if (!ws::PendingUpgrade::reject(rejection, plain(output))) return false;
  finish("rejected", output);
  return true;
}

void Channel::hold_pongs() {
  if (state_ == State::kOpen) ws_.hold_pongs();
}

void Channel::release_pong(Buffer& output) {
  ws_.release_pong(plain(output));
}

Channel::Event Channel::on_frame_bytes(Buffer& output, Milliseconds now) {
  const auto event = ws_.receive(plaintext_, plain(output));
  if (!event) {
    Event finished = finish(ws::describe(event.error()), output);
    finished.close_code = ws::close_code_for(event.error());
    finished.by_server = true;
    return finished;
  }
  switch (event->kind) {
    case ws::Event::Kind::kNeedMore:
    case ws::Event::Kind::kPart:
      return {};
    case ws::Event::Kind::kPong:
      if (const auto round_trip = heartbeat_.pong(event->data, now)) {
        return {.kind = Kind::kPong, .round_trip = *round_trip};
      }
      return {};
    case ws::Event::Kind::kMessage:
      if (state_ != State::kOpen) return {};
      return {.kind = Kind::kMessage, .opcode = event->opcode, .data = event->data};
    case ws::Event::Kind::kClose: {
      Event finished = finish("closed by the client", output);
      finished.close_code = event->code;
      return finished;
    }
  }
  return {};
}

Channel::Event Channel::finish(std::string_view reason, Buffer& output) {
  flush(output);
  if (tls_) tls_->close(output);
  if (state_ == State::kHandshake) context_->metrics.tls_handshakes_failed.add();
  ws_.receive_eof();  // whoever lingers holds no message and no window of deflate
  state_ = State::kFinished;
  upgrade_.reset();
  http_.reset();
  plaintext_ = {};
  deadline_ = kNever;
  return {.kind = Kind::kFinished, .reason = reason};
}

Buffer& Channel::plain(Buffer& output) {
  if (!tls_) return output;
  context_->buffers.lend(unsealed_);
  return unsealed_;
}

void Channel::flush(Buffer& output) {
  if (!unsealed_.empty()) tls_->send(unsealed_.bytes(), output);
  unsealed_.clear();
  context_->buffers.give_back(unsealed_);
}

void Channel::send(ws::Opcode opcode, std::span<const Bytes> pieces, Buffer& output) {
  if (state_ != State::kOpen) return;
  if (ws_.compresses()) {
    ws_.send(opcode, join(pieces), plain(output));
    context_->gathered.clear();
    if (unsealed_.size() > kMaxUnsealed) flush(output);
    return;
  }
  std::size_t size = 0;
  for (const Bytes piece : pieces) size += piece.size();
  const ws::FrameHeader header = ws::Connection::message_header(opcode, size);
  const bool shares_no_record = tls_ && size >= kSharesNoRecord && pieces.size() <= kMaxPieces;
  if (shares_no_record || unsealed_.size() + header.view().size() + size > kMaxUnsealed) {
    flush(output);
  }
  if (shares_no_record) {
    std::array<Bytes, kMaxPieces + 1> wire = {header.view()};
    std::ranges::copy(pieces, wire.begin() + 1);
    return tls_->send(std::span(wire).first(pieces.size() + 1), output);
  }
  Buffer& plaintext = plain(output);
  plaintext.append(header.view());
  for (const Bytes piece : pieces) plaintext.append(piece);
}

// A message that is one piece already is left where it lies.
Bytes Channel::join(std::span<const Bytes> pieces) {
  if (pieces.size() == 1) return pieces.front();
  for (const Bytes piece : pieces) context_->gathered.append(piece);
  return context_->gathered.bytes();
}

Channel::Event Channel::close(ws::CloseCode code, std::string_view reason, Buffer& output,
                              Milliseconds now) {
  if (ending()) return {};
  if (state_ != State::kOpen) return finish("closed before it was open", output);
  ws_.close(code, reason, plain(output));
  state_ = State::kClosing;
  deadline_ = now + kCloseWait;
  return {};
}

Milliseconds Channel::deadline() const {
  return state_ == State::kOpen ? heartbeat_.deadline() : deadline_;
}

Channel::Event Channel::on_timer(Buffer& output, Milliseconds now) {
  if (state_ != State::kOpen) {
    if (now < deadline_) return {};
    return finish(state_ == State::kClosing ? "the client did not close in time"
                                            : "the client did not open in time",
                  output);
  }
  if (heartbeat_.is_dead(now)) return finish("the client fell silent", output);
  // A client that takes what waits for it lives, and one that does not needs no pings on top.
  if (const auto payload = heartbeat_.take_ping(now); payload && output.empty()) {
    ws_.ping(*payload, plain(output));
  }
  return {};
}

}  // namespace heliograph::server
