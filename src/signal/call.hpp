// The calls of one user, and what may pass between the parties of each.
//
// A call exists for the caller from its offer on, for the called party from the delivery of the
// offer on. Both ends keep their half; nothing but the relayed messages tells one of the other.
//
// Glare, when both call each other at once, is settled so that one of the two offers survives:
//   1. whoever has an unanswered offer of the other before it does not send its own;
//   2. of two offers that cross on the way, that of the bytewise smaller name is delivered.
// Both ends come to the same verdict. The loser's candidates belong to its dead offer, and are
// dropped until it answers.
//
// A call may have an id, which its caller has chosen; an empty one as an argument stands for the
// call that there is. A client that has ids may say by a new one that the call is a new one, and
// then knows from the names who wins: so the first rule holds for the greater name only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "signal/settings.hpp"

namespace heliograph::signal {

enum class Verdict : std::uint8_t {
  kPass,
  kDrop,
  kNoCall,  // there is no call that the message could belong to
};

class CallList {
 public:
  // The user's own messages to `peer`.
  // kNoCall for an offer: there are too many calls.
  Verdict offer_out(std::string_view peer, std::uint32_t number, Milliseconds now,
                    const Settings& settings, std::string_view id = {}, std::string_view self = {});
  Verdict answer_out(std::string_view peer, std::string_view id = {});
  [[nodiscard]] Verdict candidate_out(std::string_view peer, Milliseconds now,
                                      std::string_view id = {}) const;
  Verdict leave_out(std::string_view peer, std::string_view id = {}) { return end(peer, id); }

  // Those of `peer` to the user, whose name is `self`.
  Verdict offer_in(std::string_view peer, std::string_view self, Milliseconds now,
                   const Settings& settings, std::string_view id = {});
  Verdict answer_in(std::string_view peer, std::string_view id = {}) { return settle(peer, id); }
  [[nodiscard]] Verdict candidate_in(std::string_view peer, Milliseconds now,
                                     std::string_view id = {}) const;
  Verdict leave_in(std::string_view peer, std::string_view id = {}) { return end(peer, id); }

  // The user's offer with this number found nobody. Whether that has ended a call.
  bool bounced(std::string_view peer, std::uint32_t number);

  // The id of the call with `peer`; empty if it has none, or there is no call.
  [[nodiscard]] std::string_view id(std::string_view peer) const;
  void set_id(std::string_view peer, std::string_view id);

  // Ends all calls; returns the other parties, oldest call first.
  std::vector<std::string> take_peers();
  [[nodiscard]] std::size_t size() const { return calls_.size(); }
  void clear() { calls_.clear(); }

 private:
  // The offer that waits for its answer.
  enum class Pending : std::uint8_t { kNone, kOut, kIn };

  struct Call {
    std::string peer;
    std::string id;
    Milliseconds pending_until = 0;
    std::uint32_t offer_number = 0;
    Pending pending = Pending::kNone;
    bool crossed = false;   // glare: the pending offer has won over the one in the other direction
    bool answered = false;  // at least once
  };

  [[nodiscard]] static bool waits(const Call& call, Pending direction, Milliseconds now);
  [[nodiscard]] static bool is(const Call& call, std::string_view id);
  [[nodiscard]] const Call* find(std::string_view peer, std::string_view id = {}) const;
  Call* find(std::string_view peer, std::string_view id = {});
  Call* find_or_add(std::string_view peer, const Settings& settings);
  Verdict settle(std::string_view peer, std::string_view id);
  Verdict end(std::string_view peer, std::string_view id);

  std::vector<Call> calls_;
};

}  // namespace heliograph::signal
