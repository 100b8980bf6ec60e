// The commands that a client has accepted and not answered, oldest first. Their places are used
// again with the memory that they have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

#include "base/buffer.hpp"
#include "base/time.hpp"
#include "resp/command.hpp"
#include "resp/connection.hpp"

namespace heliograph::resp {

using LinkId = std::uint32_t;
inline constexpr LinkId kNoLink = std::numeric_limits<LinkId>::max();

// The slot of a command that any server will do for.
inline constexpr std::uint16_t kAnySlot = 0xffff;

struct Pending {
  enum class Purpose : std::uint8_t {
    kCommand,  // of the caller
    kRole,     // our own: is this server the master?
    kMaster,   // our own: who is the master?
    kSlots,    // our own: who has which slot?
    kProbe,    // our own: a message to ourselves
  };

  Token token = 0;
  Milliseconds deadline = 0;
  Milliseconds not_before = 0;  // of the next attempt
  Buffer bytes;                 // encoded
  const Script* script = nullptr;
  LinkId link = kNoLink;  // where it is under way
  LinkId ask = kNoLink;   // where ASK sent it, for one attempt
  std::uint16_t slot = kAnySlot;
  std::uint8_t redirects = 0;
  std::uint8_t retries = 0;
  Purpose purpose = Purpose::kCommand;
  Types expected = Types::any();
  bool may_resend = false;
  bool resent = false;
  bool abandoned = false;  // nobody waits for the reply

  std::uint32_t older = 0;
  std::uint32_t newer = 0;
};

class PendingTable {
 public:
  using Index = std::uint32_t;
  static constexpr Index kNone = std::numeric_limits<Index>::max();

  PendingTable() = default;

  // The new one is the youngest; everything but its links is as in a new Pending.
  Index add(const Command& command, Milliseconds deadline);
  void remove(Index index);
  // Gives a command other bytes.
  void replace(Index index, Buffer& bytes);

  Pending& operator[](Index index) { return entries_[index]; }
  const Pending& operator[](Index index) const { return entries_[index]; }
  [[nodiscard]] Index oldest() const { return oldest_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  // Memory kept by a place that is free.
  static constexpr std::size_t kKeptBytes = 1024;

  std::deque<Pending> entries_;
  std::vector<Index> free_;
  Index oldest_ = kNone;
  Index newest_ = kNone;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace heliograph::resp
