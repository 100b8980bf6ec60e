#include "signal/call.hpp"

#include <algorithm>
#include <utility>

namespace heliograph::signal {

Verdict CallList::offer_out(std::string_view peer, std::uint32_t number, Milliseconds now,
                            const Settings& settings, std::string_view id, std::string_view self) {
  Call* const call = find_or_add(peer, settings);
  if (call == nullptr) return Verdict::kNoCall;
  call->crossed = waits(*call, Pending::kIn, now);
  if (call->crossed && (id.empty() || peer < self)) return Verdict::kDrop;
  if (!id.empty()) call->id = id;
  call->pending = Pending::kOut;
  call->pending_until = now + settings.glare_time;
  call->offer_number = number;
  return Verdict::kPass;
}

Verdict CallList::offer_in(std::string_view peer, std::string_view self, Milliseconds now,
                           const Settings& settings, std::string_view id) {
  Call* const call = find_or_add(peer, settings);
  if (call == nullptr) return Verdict::kNoCall;
  const bool crossed = waits(*call, Pending::kOut, now);
  call->crossed = crossed;
  if (crossed && self < peer) return Verdict::kDrop;
  if (!id.empty()) call->id = id;
  call->pending = Pending::kIn;
  call->pending_until = now + settings.glare_time;
  return Verdict::kPass;
}

Verdict CallList::answer_out(std::string_view peer, std::string_view id) {
  return settle(peer, id);
}

Verdict CallList::candidate_out(std::string_view peer, Milliseconds now,
                                std::string_view id) const {
  const Call* const call = find(peer, id);
  if (call == nullptr) return Verdict::kNoCall;
  const bool lost = call->crossed && waits(*call, Pending::kIn, now);
  return lost ? Verdict::kDrop : Verdict::kPass;
}

Verdict CallList::candidate_in(std::string_view peer, Milliseconds now, std::string_view id) const {
  const Call* const call = find(peer, id);
  if (call == nullptr) return Verdict::kNoCall;
  const bool peer_lost = call->crossed && waits(*call, Pending::kOut, now);
  return peer_lost ? Verdict::kDrop : Verdict::kPass;
}

bool CallList::bounced(std::string_view peer, std::uint32_t number) {
  Call* const call = find(peer);
  if (call == nullptr || call->pending != Pending::kOut || call->offer_number != number) {
    return false;
  }
  end(peer, {});
  return true;
}

std::string_view CallList::id(std::string_view peer) const {
  const Call* const call = find(peer);
  return call == nullptr ? std::string_view() : call->id;
}

void CallList::set_id(std::string_view peer, std::string_view id) {
  if (Call* const call = find(peer)) call->id = id;
}

std::vector<std::string> CallList::take_peers() {
  std::vector<std::string> peers;
  peers.reserve(calls_.size());
  for (Call& call : calls_) peers.push_back(std::move(call.peer));
  calls_.clear();
  return peers;
}

bool CallList::waits(const Call& call, Pending direction, Milliseconds now) {
  return call.pending == direction && now < call.pending_until;
}

bool CallList::is(const Call& call, std::string_view id) {
  return id.empty() || call.id.empty() || call.id == id;
}

const CallList::Call* CallList::find(std::string_view peer, std::string_view id) const {
  const auto call = std::ranges::find(calls_, peer, &Call::peer);
  return call == calls_.end() || !is(*call, id) ? nullptr : &*call;
}

CallList::Call* CallList::find(std::string_view peer, std::string_view id) {
  const auto call = std::ranges::find(calls_, peer, &Call::peer);
  return call == calls_.end() || !is(*call, id) ? nullptr : &*call;
}

// A full list gives up the oldest call that nobody has answered; nothing if all are answered.
CallList::Call* CallList::find_or_add(std::string_view peer, const Settings& settings) {
  if (Call* const call = find(peer)) return call;
  if (calls_.size() >= settings.max_calls) {
    const auto oldest = std::ranges::find(calls_, false, &Call::answered);
    if (oldest == calls_.end()) return nullptr;
    calls_.erase(oldest);
  }
  Call& call = calls_.emplace_back();
  call.peer = peer;
  return &call;
}

Verdict CallList::settle(std::string_view peer, std::string_view id) {
  Call* const call = find(peer, id);
  if (call == nullptr) return Verdict::kNoCall;
  call->pending = Pending::kNone;
  call->crossed = false;
  call->answered = true;
  return Verdict::kPass;
}

Verdict CallList::end(std::string_view peer, std::string_view id) {
  const auto call = std::ranges::find(calls_, peer, &Call::peer);
  if (call == calls_.end() || !is(*call, id)) return Verdict::kNoCall;
  calls_.erase(call);
  return Verdict::kPass;
}

}  // namespace heliograph::signal
