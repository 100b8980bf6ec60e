// How a ClientLoop keeps to its limits: who is admitted, who waits, who makes room.

#include <algorithm>
#include <utility>

#include "server/client_loop.hpp"

namespace heliograph::server {

// Connections are counted behind a lock that is taken three times in a connection's life, and never
// for a message.

Admission ClientLoop::admit(const net::HostAddress& address) {
  if (counts_ == nullptr) return Admission::kAdmitted;
  const auto ask = [&] {
    return counts_->with([&](AddressCounts& counts) { return counts.admit(address, limits_); });
  };
  const Admission admission = ask();
  if (admission != Admission::kTooManyHandshakes || !drop_longest_unopened()) return admission;
  return ask();
}

bool ClientLoop::drop_longest_unopened() {
  if (unopened_.empty()) return false;
  const SlotId id = unopened_.front();
  Client& client = *clients_.find(id);
  no_longer_unopened(client);
  client.broken = true;
  client.ending = Ending::kGaveWay;
  touch(id, client);
  return true;
}

void ClientLoop::count_in(SlotId id, Client& client) {
  client.place = unopened_.insert(unopened_.end(), id);
  client.unopened = true;
}

void ClientLoop::no_longer_unopened(Client& client) {
  if (!client.unopened) return;
  client.unopened = false;
  unopened_.erase(client.place);
  if (counts_ == nullptr) return;
  counts_->with([&](AddressCounts& counts) { counts.handshake_ended(client.peer); });
}

void ClientLoop::count_out(Client& client) {
  no_longer_unopened(client);
  buffered_ -= std::exchange(client.counted, 0);
  if (counts_ == nullptr) return;
  counts_->with([&](AddressCounts& counts) { counts.left(client.peer); });
}

// The ciphers of an active client stay. Beyond the limit those of somebody go who was silent since
// it was looked at last, in the order of a queue: whoever was active goes back to its end.
void ClientLoop::keep_ciphers(SlotId id, Client& client) {
  client.active = true;
  if (client.ready) return;
  client.ready = true;
  ready_ciphers_.push_back(id);
  while (ready_ciphers_.size() > limits_.ready_ciphers) {
    const SlotId first = ready_ciphers_.front();
    ready_ciphers_.pop_front();
    Client* const oldest = clients_.find(first);
    if (oldest == nullptr) continue;
    if (oldest->active) {
      oldest->active = false;
      ready_ciphers_.push_back(first);
    } else {
      oldest->ready = false;
      oldest->channel.release_ciphers();
    }
  }
}

// Handshakes are dealt with behind everything else, first come first served. Those who wait for
// their turn are not watched, or epoll would tell of them again and again.

void ClientLoop::wait_in_line(SlotId id, Client& client) {
  if (client.in_line) return;
  client.in_line = true;
  handshakes_.push_back(id);
}

ClientLoop::Step ClientLoop::take_handshake() {
  const SlotId id = handshakes_.front();
  handshakes_.pop_front();
  Client* const client = clients_.find(id);
  if (client == nullptr) return std::nullopt;
  client->in_line = false;
  --handshake_credit_;
  touch(id, *client);
  return read(id, *client);
}

Milliseconds ClientLoop::may_speak_at(const Client& client) {
  return std::max(client.messages.ready_at(), client.bytes.ready_at());
}

void ClientLoop::count_buffered(Client& client) {
  const std::size_t size = client.broken ? 0 : waiting(client) + client.channel.held();
  buffered_ += size;
  buffered_ -= std::exchange(client.counted, size);
}

// Who takes what waits is not meant. The others are cut off, for a close frame would have to wait
// behind what they do not read; some more than need be, so that this is not done for every message.
void ClientLoop::close_greediest() {
  const std::size_t enough = limits_.buffered - limits_.buffered / 8;
  std::vector<std::pair<std::size_t, SlotId>> greedy;
  for (const SlotId id : clients_.ids()) {
    if (const std::size_t size = clients_.find(id)->counted; size > 0) {
      greedy.emplace_back(size, id);
    }
  }
  std::ranges::sort(greedy, std::greater());
  for (const auto& [size, id] : greedy) {
    if (buffered_ <= enough) break;
    Client& client = *clients_.find(id);
    write(client);
    count_buffered(client);
    if (client.counted == 0 || buffered_ <= enough) continue;
    client.output.release();
    client.channel.discard();
    client.broken = true;
    count_buffered(client);
    client.ending = Ending::kTooMuchBuffered;
    metrics().slow_closes.add();
    touch(id, client);
  }
}

}  // namespace heliograph::server
