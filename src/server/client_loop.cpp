#include "server/client_loop.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "net/clock.hpp"
#include "net/socket.hpp"

namespace heliograph::server {

namespace {

using Kind = ClientLoop::Event::Kind;

// Tokens below 2^32 are no client's: the generation of a SlotId is never 0.
constexpr net::PollToken kListenerToken = 0;

// What is received from one client in one turn: the largest TLS record several times over.
constexpr std::size_t kReceiveSize = std::size_t{64} * 1024;
// Messages of one client in one turn, and their bytes: a flood of tiny ones, or of few bytes that
// inflate to many, must not hold up the others.
constexpr std::size_t kMessagesPerTurn = 256;
constexpr std::size_t kMessageBytesPerTurn = std::size_t{256} * 1024;
// New clients per turn, so that a rush of them does not hold up those who are there.
constexpr int kAcceptsPerTurn = 64;
// When descriptors are spent, accepting again at once would only spin.
constexpr Milliseconds kAcceptPause = 100;

}  // namespace

ClientLoop::Client::Client(net::Accepted accepted, ChannelContext& context, Milliseconds now,
                           std::int64_t wall_clock)
    : channel(context, now, wall_clock),
      socket(std::move(accepted.socket)),
      peer(accepted.peer.host()) {}

ClientLoop::ClientLoop(const ChannelOptions& options, const WaterMarks& marks,
                       std::shared_ptr<const tls::ServerConfig> tls, net::Listener listener,
                       const Limits& limits, Counts* counts)
    : marks_(marks),
      limits_(limits),
      counts_(counts),
      context_(options, std::move(tls)),
      listener_(std::move(listener)),
      now_(net::monotonic_now()),
      turn_began_at_(net::monotonic_nanoseconds()),
      wheel_(now_),
      receive_buffer_(std::make_unique<std::uint8_t[]>(kReceiveSize)) {
  watch(listener_->fd(), kListenerToken);
}

void ClientLoop::watch(int fd, net::PollToken token) {
  if (poller_.add(fd, token, {.readable = true})) return;
  throw std::system_error(std::make_error_code(std::errc::not_enough_memory), "epoll_ctl");
}

ClientLoop::Event ClientLoop::next() {
  // A verb that came between two turns.
  if (stage_ == Stage::kWait && !touched_.empty()) stage_ = Stage::kSettle;
  for (;;) {
    if (const Step event = step()) return *event;
  }
}

ClientLoop::Step ClientLoop::step() {
  switch (stage_) {
    case Stage::kWait:
      wait();
      stage_ = Stage::kReady;
      return std::nullopt;
    case Stage::kReady:
      if (feeding_ != 0) return feed();
      if (accepting_) return accept_clients();
      if (!ready_.empty()) return take_ready();
      stage_ = Stage::kResume;
      return std::nullopt;
    case Stage::kResume:
      if (feeding_ != 0) return feed();
      if (!resumed_.empty()) return take_resuming();
      stage_ = Stage::kHandshakes;
      return std::nullopt;
    case Stage::kHandshakes:
      if (feeding_ != 0) return feed();
      if (handshake_credit_ > 0 && !handshakes_.empty()) return take_handshake();
      accept_again();
      wheel_.advance(now_, due_);
      stage_ = Stage::kTimers;
      return std::nullopt;
    case Stage::kTimers:
      if (!due_.empty()) return take_due();
      stage_ = Stage::kSettle;
      return std::nullopt;
    case Stage::kSettle:
      if (!touched_.empty()) return take_touched();
      if (buffered_ > limits_.buffered) {
        close_greediest();
        return std::nullopt;
      }
      if (!std::exchange(turn_end_told_, true)) return Event{.kind = Kind::kTurnEnd};
      stage_ = Stage::kWait;
      return std::nullopt;
  }
  return std::nullopt;
}

void ClientLoop::wait() {
  const Milliseconds deadline = std::min({wheel_.next(), accept_again_at_, wake_at_});
  const Milliseconds now = net::monotonic_now();  // the turn before took its time
  Milliseconds timeout = deadline == kNever ? kNever : deadline - std::min(deadline, now);
  if (!resuming_.empty() || !handshakes_.empty()) timeout = 0;
  metrics().loop_turn.observe_nanoseconds(net::monotonic_nanoseconds() - turn_began_at_);
  metrics().connections.set(clients_.size());
  ready_ = poller_.wait(timeout);
  turn_began_at_ = net::monotonic_nanoseconds();
  now_ = net::monotonic_now();
  turn_end_told_ = false;
  accept_credit_ = kAcceptsPerTurn;
  handshake_credit_ = limits_.handshakes_per_turn;
  resumed_.swap(resuming_);
}

ClientLoop::Step ClientLoop::take_ready() {
  const net::Ready ready = ready_.front();
  ready_ = ready_.subspan(1);
  if (ready.token == kListenerToken) return accept_clients();
  Client* const client = clients_.find(ready.token);
  if (client == nullptr) {
    if (ready.token >> 32 != 0) return std::nullopt;  // it went earlier in this turn
    return Event{.kind = Kind::kReady, .ready = ready};
  }
  touch(ready.token, *client);
  if (ready.readable && client->interest.readable) {
    if (!client->channel.handshaking()) return read(ready.token, *client);
    wait_in_line(ready.token, *client);
    return std::nullopt;
  }
  if (ready.failed) client->broken = true;
  return std::nullopt;
}

ClientLoop::Step ClientLoop::accept_clients() {
  accepting_ = false;
  while (listener_ && accept_credit_ > 0) {
    --accept_credit_;
    auto accepted = listener_->accept();
    if (!accepted) {
      if (accepted.error() == net::AcceptError::kTryNext) continue;
      if (accepted.error() == net::AcceptError::kNone) return std::nullopt;
      poller_.remove(listener_->fd());
      accept_again_at_ = now_ + kAcceptPause;
      metrics().connections_total[ConnectionResult::kNoResources].add();
      return Event{.kind = Kind::kAcceptPaused};
    }
    const Admission admission = admit(accepted->peer.host());
    if (admission != Admission::kAdmitted) {
      accepting_ = true;  // go on when that was told
      metrics().connections_total[ConnectionResult::kRefused].add();
      return Event{.kind = Kind::kRefused, .reason = server::describe(admission)};
    }
    metrics().connections_total[ConnectionResult::kAccepted].add();
    const auto [id, client] =
        clients_.emplace(std::move(*accepted), context_, now_, net::wall_clock_now());
    count_in(id, *client);
    if (poller_.add(client->socket.get(), id, client->interest)) {
      touch(id, *client);
    } else {
      count_out(*client);
      clients_.erase(id);
    }
  }
  return std::nullopt;
}

void ClientLoop::accept_again() {
  if (now_ < accept_again_at_) return;
  const bool added = poller_.add(listener_->fd(), kListenerToken, {.readable = true});
  accept_again_at_ = added ? kNever : now_ + kAcceptPause;
}

void ClientLoop::use_options(const ChannelOptions& options, const WaterMarks& marks) {
  context_.options = std::make_shared<const ChannelOptions>(options);
  marks_.close_above = std::max(marks_.close_above, marks.close_above);
}

void ClientLoop::stop_accepting() {
  if (!listener_) return;
  if (accept_again_at_ == kNever) poller_.remove(listener_->fd());
  accept_again_at_ = kNever;
  listener_.reset();
}

ClientLoop::Step ClientLoop::read(SlotId id, Client& client) {
  if (client.channel.keeps_input()) return std::nullopt;  // which comes first
  // Not more than it may send in a second, or it would be kept waiting longer than it may be
  // silent.
  const MutableBytes buffer{receive_buffer_.get(),
                            std::min<std::size_t>(kReceiveSize, limits_.bytes)};
  const auto count = net::receive(client.socket.get(), buffer);
  if (count) {
    client.channel.heard(now_);
    client.bytes.take(*count, limits_.bytes, now_);
    start_feeding(id, buffer.first(*count));
    return std::nullopt;
  }
  if (count.error() == net::IoError::kWouldBlock) return std::nullopt;
  client.input_ended = true;
  client.broken = client.broken || count.error() == net::IoError::kFailed;
  return on_channel(id, client, client.channel.receive_eof(output_of(client)));
}

ClientLoop::Step ClientLoop::take_resuming() {
  const SlotId id = resumed_.back();
  resumed_.pop_back();
  Client* const client = clients_.find(id);
  if (client == nullptr) return std::nullopt;
  client->resuming = false;
  client->channel.heard(now_);  // what it says now it has said before, and was made to wait
  touch(id, *client);
  start_feeding(id, client->channel.kept_input());
  return std::nullopt;
}

void ClientLoop::start_feeding(SlotId id, MutableBytes input) {
  feeding_ = id;
  input_ = input;
  message_credit_ = kMessagesPerTurn;
  byte_credit_ = kMessageBytesPerTurn;
}

ClientLoop::Step ClientLoop::feed() {
  const SlotId id = feeding_;
  Client& client = *clients_.find(id);
  const bool spent = message_credit_ == 0 || byte_credit_ == 0 || now_ < client.messages.ready_at();
  const bool unread = waiting(client) > marks_.pause_above;
  if (client.channel.deciding() || ((spent || unread) && !client.channel.ending())) {
    client.channel.keep(input_);
    feeding_ = 0;
    return std::nullopt;
  }
  const Channel::Event event = client.channel.receive(input_, output_of(client), now_);
  if (event.kind == Channel::Event::Kind::kNeedMore) feeding_ = 0;
  return on_channel(id, client, event);
}

ClientLoop::Step ClientLoop::on_channel(SlotId id, Client& client, const Channel::Event& event) {
  switch (event.kind) {
    case Channel::Event::Kind::kNeedMore:
      return std::nullopt;
    case Channel::Event::Kind::kUpgrade:
      return Event{.kind = Kind::kUpgrade, .client = id, .upgrade = event.upgrade};
    case Channel::Event::Kind::kMessage:
      --message_credit_;
      client.messages.take(1, limits_.messages, now_);
      byte_credit_ -= std::min(byte_credit_, event.data.size());
      return Event{
          .kind = Kind::kMessage, .client = id, .opcode = event.opcode, .data = event.data};
    case Channel::Event::Kind::kPong:
      metrics().ping_round_trip.observe(event.round_trip);
      return Event{.kind = Kind::kPong, .client = id, .round_trip = event.round_trip};
    case Channel::Event::Kind::kFinished:
      return tell_closed(id, client, event);
  }
  return std::nullopt;
}

ClientLoop::Step ClientLoop::tell_closed(SlotId id, Client& client,
                                         const Channel::Event& finished) {
  if (client.closed_told) return std::nullopt;
  client.closed_told = true;
  client.owner_deadline = kNever;
  turn_end_told_ = false;
  const bool decided = client.ending != Ending::kLost;
  return Event{.kind = Kind::kClosed,
               .client = id,
               .reason = finished.reason,
               .close_code = decided ? client.close_code : finished.close_code,
               .by_server = decided || finished.by_server};
}

ClientLoop::Step ClientLoop::take_due() {
  const SlotId id = due_.back();
  due_.pop_back();
  Client* const client = clients_.find(id);
  if (client == nullptr) return std::nullopt;
  client->timer_at = kNever;
  touch(id, *client);
  // It neither reads nor closes: what is left for it is given up.
  if (now_ >= client->linger_until && !client->output.empty()) client->broken = true;
  const Channel::Event event = client->channel.on_timer(output_of(*client), now_);
  if (const Step told = on_channel(id, *client, event)) return told;
  if (now_ < client->owner_deadline) return std::nullopt;
  client->owner_deadline = kNever;
  return Event{.kind = Kind::kDeadline, .client = id};
}

std::string_view ClientLoop::describe(Ending ending) {
  switch (ending) {
    case Ending::kAsked:
      return "closed by the server";
    case Ending::kTooSlow:
      return "too slow";
    case Ending::kGaveWay:
      return "gave way to newer handshakes";
    case Ending::kTooMuchBuffered:
      return "too much was buffered, for all together";
    case Ending::kLost:
      return "connection lost";
  }
  return {};
}

ClientLoop::Step ClientLoop::take_touched() {
  const SlotId id = touched_.back();
  touched_.pop_back();
  Client* const client = clients_.find(id);
  return client == nullptr ? std::nullopt : settle(id, *client);
}

// The end of the turn for one client: everything that was said to it leaves, and it is watched for
// what it waits for now, or goes.
ClientLoop::Step ClientLoop::settle(SlotId id, Client& client) {
  client.touched = false;
  if (client.channel.finished() && client.linger_until == kNever) {
    client.linger_until = now_ + kCloseWait;
  }
  write(client);
  if (!client.output.empty()) {
    client.channel.hold_pongs();
  } else {
    client.channel.release_pong(client.output);
    write(client);
  }
  if (client.output.empty()) context_.buffers.give_back(client.output);
  count_buffered(client);
  if ((client.broken || client.channel.ending()) && !client.closed_told) {
    touch(id, client);
    return tell_closed(id, client, {.reason = describe(client.ending)});
  }
  const bool finished = client.channel.finished() && client.output.empty();
  if (client.broken || (finished && (client.input_ended || now_ >= client.linger_until))) {
    poller_.remove(client.socket.get());
    count_out(client);
    clients_.erase(id);
    turn_end_told_ = false;
    return std::nullopt;
  }
  if (finished && !client.send_shut_down) {
    client.send_shut_down = true;
    net::shutdown_send(client.socket.get());
  }
  if (client.channel.open()) keep_ciphers(id, client);
  watch_client(id, client);
  return std::nullopt;
}

void ClientLoop::write(Client& client) {
  if (client.broken) return;
  client.channel.flush(client.output);
  if (client.output.empty()) return;
  const auto sent = net::send(client.socket.get(), client.output.bytes());
  if (sent) {
    client.output.consume(*sent);
    // It has taken some of what waited for it.
    if (client.interest.writable) client.channel.heard(now_);
  } else if (sent.error() == net::IoError::kFailed) {
    client.broken = true;
  }
}

// The only place that says what a client is watched for, and when it goes on with what it kept.
void ClientLoop::watch_client(SlotId id, Client& client) {
  const std::size_t mark = client.paused ? marks_.resume_at : marks_.pause_above;
  client.paused = client.output.size() > mark;
  const Milliseconds may_speak_at = ClientLoop::may_speak_at(client);
  const bool slowed = now_ < may_speak_at;
  const bool reads = !client.paused && !slowed && !client.channel.deciding() && !client.in_line;
  const net::Interest wanted = {.readable = reads && !client.input_ended,
                                .writable = !client.output.empty()};
  if (wanted != client.interest) {
    client.interest = wanted;
    if (!poller_.modify(client.socket.get(), id, wanted)) {
      client.broken = true;
      return touch(id, client);
    }
  }
  if (client.channel.keeps_input() && reads && !client.resuming) {
    client.resuming = true;
    resuming_.push_back(id);
  }
  const Milliseconds deadline = std::min({client.channel.deadline(), client.owner_deadline,
                                          client.linger_until, slowed ? may_speak_at : kNever});
  if (deadline < client.timer_at) {
    client.timer_at = deadline;
    wheel_.schedule(id, deadline);
  }
}

void ClientLoop::touch(SlotId id, Client& client) {
  if (client.touched) return;
  client.touched = true;
  touched_.push_back(id);
}

Buffer& ClientLoop::output_of(Client& client) {
  context_.buffers.lend(client.output);
  return client.output;
}

// For the client to read it, or for the end of the turn.
std::size_t ClientLoop::waiting(const Client& client) {
  return client.output.size() + client.channel.unsealed();
}

}  // namespace heliograph::server
