#include "resp/pending.hpp"

#include <utility>

namespace heliograph::resp {

PendingTable::Index PendingTable::add(const Command& command, Milliseconds deadline) {
  auto index = static_cast<Index>(entries_.size());
  if (free_.empty()) {
    entries_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Pending& entry = entries_[index];
  Buffer bytes = std::move(entry.bytes);
  entry = {};
  entry.bytes = std::move(bytes);
  command.encode(entry.bytes);
  entry.deadline = deadline;
  entry.script = command.script();
  entry.expected = command.expected();
  entry.may_resend = command.may_resend();
  entry.older = newest_;
  entry.newer = kNone;
  (newest_ == kNone ? oldest_ : entries_[newest_].newer) = index;
  newest_ = index;
  ++size_;
  bytes_ += entry.bytes.size();
  return index;
}

void PendingTable::remove(Index index) {
  Pending& entry = entries_[index];
  (entry.older == kNone ? oldest_ : entries_[entry.older].newer) = entry.newer;
  (entry.newer == kNone ? newest_ : entries_[entry.newer].older) = entry.older;
  --size_;
  bytes_ -= entry.bytes.size();
  entry.bytes.clear();
  if (entry.bytes.capacity() > kKeptBytes) entry.bytes.release();
  free_.push_back(index);
}

void PendingTable::replace(Index index, Buffer& bytes) {
  bytes_ += bytes.size();
  bytes_ -= entries_[index].bytes.size();
  std::swap(entries_[index].bytes, bytes);
}

}  // namespace heliograph::resp
