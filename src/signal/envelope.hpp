// What one user's session says to another's. The carriers (mailboxes, the bus between nodes) bring
// envelopes by name and keep the order of each sender; the sessions cannot tell how far they went.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "signal/address.hpp"

namespace heliograph::signal {

struct Envelope {
  enum class Kind : std::uint8_t { kOffer, kAnswer, kCandidate, kLeave, kBusy };

  Kind kind = Kind::kLeave;
  // Numbers the offers of one session, so that a bounced one is recognised. 0 unless an offer.
  std::uint32_t offer_number = 0;
  std::string_view from;
  std::string_view to;
  // The verbatim JSON value of the client's message; nothing if that had no such member.
  std::optional<std::string_view> body;
  Address from_address;
  // The id of the call that it belongs to. Empty: whichever there is between the two.
  std::string_view call = {};
  // kLeave: the connection of the sender is gone.
  bool gone = false;
};

// An envelope that outlives the message that it came in.
class OwnedEnvelope {
 public:
  explicit OwnedEnvelope(const Envelope& envelope);

  // Valid as long as this object is neither moved nor destroyed.
  [[nodiscard]] Envelope view() const;

 private:
  Envelope::Kind kind_;
  bool has_body_;
  bool gone_;
  std::uint32_t offer_number_;
  std::uint32_t from_size_;
  std::uint32_t to_size_;
  std::uint32_t call_size_;
  Address from_address_;
  std::string text_;  // from, to, call, body
};

}  // namespace heliograph::signal
