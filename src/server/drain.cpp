// How a worker ends: nobody new, and those who are there go a few at a time.

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "crypto/random.hpp"
#include "server/log.hpp"
#include "server/worker.hpp"

namespace heliograph::server {

// Who has nobody left still is the home of names and rooms, and has sessions whose clients are
// connected to other workers: it goes on to read its letters until nobody anywhere is left.
void Worker::end_drain() {
  if (drained_ || drain_until_ == kNever) return;
  if (loop_.size() > 0 && loop_.now() < drain_until_) return;
  drained_ = true;
  if (--node_.serving > 0) return;
  for (const auto& mailbox : node_.mailboxes) mailbox->post(Stop{});
}

// Who has a dialect with a word for it learns at once when to come back, which is when its turn
// comes to be closed: who leaves by itself then is spread like everybody else.
void Worker::begin_drain(Milliseconds over) {
  drain_until_ = loop_.now() + over + kCloseWait;
  loop_.stop_accepting();
  std::vector<SlotId> open;
  for (const SlotId id : loop_.ids()) {
    if (members_.find(id) != nullptr) {
      open.push_back(id);
    } else {
      loop_.close(id, ws::CloseCode::kGoingAway, {});
    }
  }
  // By chance, or those who came first would be the first to come back to another node.
  std::ranges::shuffle(open, std::mt19937_64(crypto::random_u64()));
  departures_.emplace(std::move(open), loop_.now(), over);
  for (std::size_t place = 0; place < departures_->clients().size(); ++place) {
    const SlotId id = departures_->clients()[place];
    Member* const member = members_.find(id);
    if (member == nullptr) continue;
    with_session(id, *member, [&](signal::Session& session, signal::Effects& effects) {
      session.go_away(departures_->delay(place), effects);
    });
  }
}

void Worker::let_go() {
  for (const SlotId id : departures_->take(loop_.now())) {
    loop_.close(id, ws::CloseCode::kGoingAway, "the server is going away");
  }
}

}  // namespace heliograph::server
